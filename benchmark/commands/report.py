"""``report``: the page of one benchmark, written from the store alone."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.publish import write_report
from benchmark.terminal import make_console, say, show_summary
from tracking.reader import find_run, read_benchmark, read_reviews_page
from tracking.store import Store, open_store

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.results import BenchmarkRecord


def report_command(
    *,
    run: str,
    output: Path,
    open_browser: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Write the report of a benchmark, print its answer, and open it where asked to."""
    store = open_store(tracking_uri, experiment_name)
    console = make_console()
    record = read_benchmark(store, find_run(store, run))
    page = show_report(console, store, record, output)
    if open_browser and not webbrowser.open(page.resolve().as_uri()):
        say(console, f"--open: no browser could be started; open {page} yourself", "yellow")
    return int(not record.complete)


def show_report(console: Console, store: Store, record: BenchmarkRecord, output: Path) -> Path:
    """Write the report of one benchmark, print its answer, and return the page."""
    from benchmark.report import texts_of

    page = output / f"benchmark-{record.run_id[:8]}" / "report.html"
    # the texts are those of the stored page; nothing else of it is used
    texts = texts_of(read_reviews_page(store, record.run_id))
    report = write_report(record, texts, page.parent)
    show_summary(console, report, page, store, record.best_model_uri)
    return page

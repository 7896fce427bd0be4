"""``report``: the page of one benchmark, written from the store alone."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from benchmark.commands.publish import write_report
from benchmark.terminal import make_console, say, show_summary
from tracking.reader import copy_reviews_page, find_run, read_benchmark
from tracking.store import open_store


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
    page = output / f"benchmark-{record.run_id[:8]}" / "report.html"
    is_copied = copy_reviews_page(store, record.run_id, page.parent)  # it has the texts
    report = write_report(record, None if is_copied else {}, page.parent)
    show_summary(console, report, page, store, record.best_model_uri)
    if open_browser and not webbrowser.open(page.resolve().as_uri()):
        say(console, f"--open: no browser could be started; open {page} yourself", "yellow")
    return int(not record.complete)

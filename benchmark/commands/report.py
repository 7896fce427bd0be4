"""``report``: the page of one benchmark, or the leaderboard of all."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs, show_leaderboard, show_summary
from tracking.reader import find_run, read_all_benchmarks, read_benchmark, read_reviews_page
from tracking.store import Store, open_store

if TYPE_CHECKING:
    from rich.console import Console


def report_command(
    *,
    run: str,
    all_benchmarks: bool,
    output: Path,
    open_browser: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Write the report from the store alone, print its answer, and open it where asked to."""
    from benchmark.report import render_leaderboard, summarize_store

    store = open_store(tracking_uri, experiment_name)
    console = make_console()
    if all_benchmarks:
        groups = summarize_store(read_all_benchmarks(store))
        if not groups:
            raise UserError("the store has no finished trial yet; python -m benchmark run trains some")
        page = output / "leaderboard" / "leaderboard.html"
        render_leaderboard(groups, page.parent)
        show_leaderboard(console, groups)
        print_pairs(console, [("leaderboard", str(page))])
    else:
        page = show_report(console, store, find_run(store, run), output, tracking_uri)
    if open_browser and not webbrowser.open(page.resolve().as_uri()):
        raise UserError(f"--open: no browser could be started; open {page} yourself")
    return 0


def show_report(console: Console, store: Store, run_id: str, output: Path, tracking_uri: str | None) -> Path:
    """Write the report of one benchmark, print its answer, and return the page."""
    from benchmark.report import gather, render, render_reviews, summarize, texts_of

    record = read_benchmark(store, run_id)
    gathered = gather(record)
    report = summarize(record, gathered)
    page = output / f"benchmark-{run_id[:8]}" / "report.html"
    render(report, page.parent)
    # the texts are those of the stored page; nothing else of it is used
    render_reviews(report, gathered, texts_of(read_reviews_page(store, run_id)), page.parent)
    show_summary(console, report, page, store, tracking_uri, record.best_model_uri)
    return page

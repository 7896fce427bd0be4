"""``report``: the page of one benchmark, or the leaderboard of all."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.commands.publish import write_report
from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs, say, show_leaderboard, show_summary
from tracking.reader import UNREADABLE, find_run, read_all_benchmarks, read_benchmark, read_reviews_page
from tracking.store import Store, open_store

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.results import BenchmarkRecord


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
        records, left_out = read_all_benchmarks(store)
        groups = summarize_store(records)
        if not groups:
            nothing = "the store has no finished trial yet; python -m benchmark run trains some"
            raise UserError("; ".join(left_out) or nothing)
        page = output / "leaderboard" / "leaderboard.html"
        render_leaderboard(groups, page.parent)
        show_leaderboard(console, groups)
        print_pairs(console, [("leaderboard", str(page))])
    else:
        records, left_out = [read_benchmark(store, find_run(store, run))], []
        page = show_report(console, store, records[0], output)
    if open_browser and not webbrowser.open(page.resolve().as_uri()):
        raise UserError(f"--open: no browser could be started; open {page} yourself")
    for record in records:
        for trial in record.trials:
            if trial.failure and trial.failure.startswith(UNREADABLE):
                left_out.append(f"{trial.config.name} of the benchmark {record.run_id[:8]}: {trial.failure}")
    for line in left_out:
        say(console, line, "yellow")
    is_complete = all_benchmarks or records[0].complete
    return 1 if left_out or not is_complete else 0


def show_report(console: Console, store: Store, record: BenchmarkRecord, output: Path) -> Path:
    """Write the report of one benchmark, print its answer, and return the page."""
    from benchmark.report import texts_of

    page = output / f"benchmark-{record.run_id[:8]}" / "report.html"
    # the texts are those of the stored page; nothing else of it is used
    texts = texts_of(read_reviews_page(store, record.run_id))
    report = write_report(record, texts, page.parent)
    show_summary(console, report, page, store, record.best_model_uri)
    return page

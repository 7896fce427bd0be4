"""``report``: the page of one benchmark, or the leaderboard of all."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from benchmark.commands.hard_reviews import median_model_of_the_best
from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs, show_leaderboard, show_summary
from tracking.reader import find_run, read_all_benchmarks, read_benchmark
from tracking.store import display_uri, open_store, ui_link


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
    from benchmark.report import render, render_leaderboard, summarize, summarize_store

    store = open_store(tracking_uri, experiment_name)
    console = make_console()
    if all_benchmarks:
        groups = summarize_store(read_all_benchmarks(store))
        if not groups:
            raise UserError("the store has no finished trial yet; python -m benchmark run trains some")
        folder = output / "leaderboard"
        render_leaderboard(groups, folder)
        page = folder / "leaderboard.html"
        show_leaderboard(console, groups)
        print_pairs(console, [("leaderboard", str(page))])
    else:
        record = read_benchmark(store, find_run(store, run))
        report = summarize(record)
        folder = output / f"benchmark-{record.run_id[:8]}"
        render(report, folder)
        page = folder / "report.html"
        show_summary(
            console,
            report,
            report_file=page,
            store_uri=display_uri(store.uri),
            ui_link=ui_link(store, record.run_id),
            model_uri=median_model_of_the_best(record),
        )
    if open_browser and not webbrowser.open(page.resolve().as_uri()):
        raise UserError(f"--open: no browser could be started; open {page} yourself")
    return 0

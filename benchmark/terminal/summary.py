"""The answer of a benchmark or of a comparison: sentences, table, next steps."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.terminal.console import print_pairs, print_table, say
from benchmark.wording import duration, plural, signed
from tracking.store import Store, display_uri, ui_link, with_store

if TYPE_CHECKING:  # the report's libraries take a second
    from benchmark.report.report_types import Comparison, LadderRow, LeaderboardGroup, Report


def show_summary(
    console: Console, report: Report, page: Path, store: Store, tracking_uri: str | None, model_uri: str | None
) -> None:
    """Print the answer, the table, the notes, and where to look: the report, MLflow's UI, the model with its command.

    Parameters
    ----------
    tracking_uri : str or None
        As the user gave it: the command for the model needs it too.
    model_uri : str or None
        For example ``models:/imdb-cnn_lstm/3``; None where no model is registered.
    """
    _show_answer(console, report)
    for trial in report.trials:
        if trial.failure:
            name = trial.architecture if trial.seed is None else f"{trial.architecture} seed {trial.seed}"
            say(console, f"{name} failed: {trial.failure}", "red")
    console.print()
    steps = [("report", str(page)), ("MLflow", ui_link(store, report.run_id))]
    if not store.uri.startswith("http"):
        steps.append(("", shlex.join(["mlflow", "ui", "--backend-store-uri", display_uri(store.uri)])))
    if model_uri:
        predict = ["python", "-m", "benchmark", "predict", "--model", model_uri.removeprefix("models:/"), "fun"]
        steps += [("model", model_uri), ("", with_store(predict, tracking_uri))]
    print_pairs(console, steps)


def _show_answer(console: Console, report: Report) -> None:
    console.print()
    for place, sentence in enumerate(report.answer):
        say(console, sentence, "bold" if place == 0 else None)
    if report.rows:
        console.print()
        print_ladder(console, report.rows, report.reference.accuracy if report.reference else None)
    if report.notes:
        console.print()
    for note in report.notes:
        say(console, note)


def print_ladder(console: Console, rows: tuple[LadderRow, ...], reference: float | None) -> None:
    """Print the report's table: one row an architecture, the best first; `time` is that of training one trial."""
    against = [] if reference is None else [f"against {reference:.2%}"]
    headings = ["architecture", "seeds", "accuracy", f"{100 * rows[0].interval_level:g}% interval", *against, "time"]
    cells = [
        [
            row.title_with_twins,
            ("none" if row.deterministic else str(len(row.seeds)))
            + (f" ({len(row.collapse.seeds)} collapsed)" if row.collapse else ""),
            f"{row.accuracy:.2%}",
            f"{100 * row.interval.low:.2f} to {100 * row.interval.high:.2f}",
            *(f"{signed(row.difference_points or 0.0)}, {row.verdict}" for _ in against),
            duration(row.train_seconds),
        ]
        for row in reversed(rows)
    ]
    print_table(console, headings, cells, right=["accuracy", headings[3], *against, "time"])


def show_comparison(console: Console, comparison: Comparison, *, report_file: Path) -> None:
    """Print one row an architecture, and whether there is a regression."""
    console.print()
    style = "bold red" if comparison.regressions else "bold green"
    for sentence in (*comparison.answer, *comparison.regressions):
        say(console, sentence, style)
    console.print()
    headings = ("architecture", "before", "now", "points", "95% interval", "time")
    rows = []
    for one in comparison.changes:
        interval = None if one.same_weights else one.accuracy.interval
        rows.append(
            (
                one.title,
                f"{one.first.accuracy:.2%}",
                f"{one.second.accuracy:.2%}",
                "same" if one.same_weights else signed(100 * one.accuracy.change),
                "" if interval is None else f"{signed(100 * interval.low)} to {signed(100 * interval.high)}",
                "" if one.time is None else f"x {one.time.change:.2f}",
            )
        )
    print_table(console, headings, rows, right=headings[1:])
    for sentence in comparison.differing_settings:
        say(console, sentence)
    console.print()
    print_pairs(console, [("comparison", str(report_file))])


def show_leaderboard(console: Console, groups: Sequence[LeaderboardGroup]) -> None:
    """Print the answer and the ladder of each group of comparable trials."""
    for group in groups:
        say(console, group.title, "reverse")
        say(console, f"{plural(group.report.finished_trials, 'trial')} of {plural(group.benchmarks, 'benchmark')}")
        _show_answer(console, group.report)
        console.print()

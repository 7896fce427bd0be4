"""The answer of a benchmark or of a comparison: sentences, table, next steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.terminal.console import print_pairs, print_table, say, words_for_seconds

if TYPE_CHECKING:  # the report's libraries take a second
    from benchmark.report.report_types import Comparison, LadderRow, LeaderboardGroup, Report


def show_summary(
    console: Console, report: Report, *, report_file: Path, store_uri: str, ui_link: str, model_uri: str | None
) -> None:
    """Print the answer, the table, the notes, and where to look: the report, MLflow's UI, the model with its command.

    Parameters
    ----------
    store_uri : str
        Without a password; the UI of a local store has to be started.
    ui_link : str
        The URL of the runs in MLflow's UI.
    model_uri : str or None
        For example ``models:/imdb-cnn_lstm/3``; None where no model is registered.
    """
    console.print()
    for place, sentence in enumerate(report.answer):
        say(console, sentence, "bold" if place == 0 else None)
    if report.rows:
        console.print()
        print_ladder(console, report.rows, report.reference.accuracy if report.reference else None)
    for note in report.notes:
        say(console, note)
    for trial in report.trials:
        if trial.failure:
            name = trial.architecture if trial.seed is None else f"{trial.architecture} seed {trial.seed}"
            say(console, f"{name} failed: {trial.failure}", "red")
    console.print()
    steps = [("report", str(report_file)), ("MLflow", ui_link)]
    if not store_uri.startswith("http"):
        steps.append(("", f"mlflow ui --backend-store-uri {store_uri}"))
    if model_uri:
        steps.append(("model", model_uri))
        steps.append(("", f'python -m benchmark predict --model {model_uri.removeprefix("models:/")} "fun"'))
    print_pairs(console, steps)


def print_ladder(console: Console, rows: tuple[LadderRow, ...], reference: float | None) -> None:
    """Print one row an architecture, the best first; `time` is that of training one trial."""
    against = [] if reference is None else [f"to {reference:.2%}"]
    headings = ["architecture", "seeds", "accuracy", "95% interval", *against, "time"]
    cells = [
        [
            " = ".join([row.title, *row.twins]),
            "none" if row.deterministic else str(len(row.seeds)),
            f"{row.accuracy:.2%}",
            f"{100 * row.interval.low:.2f} to {100 * row.interval.high:.2f}",
            *("" if row.difference_points is None else f"{row.difference_points:+.2f}" for _ in against),
            words_for_seconds(row.train_seconds),
        ]
        for row in reversed(rows)
    ]
    print_table(console, headings, cells, right=headings[1:])


def show_comparison(console: Console, comparison: Comparison, *, report_file: Path) -> None:
    """Print one row an architecture, and whether there is a regression."""
    headings = ("architecture", "before", "now", "points", "95% interval", "time")
    rows = []
    for one in comparison.changes:
        interval, same = one.accuracy.interval, one.same_weights
        rows.append(
            (
                one.title,
                f"{one.first.accuracy:.2%}",
                f"{one.second.accuracy:.2%}",
                "same" if same else f"{100 * one.accuracy.change:+.2f}",
                "" if interval is None else f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}",
                "" if one.time is None else f"x {one.time.change:.2f}",
            )
        )
    print_table(console, headings, rows, right=headings[1:])
    for name, (before, now) in comparison.differing_settings.items():
        say(console, f"{name} was {before} and is {now}")
    style = "bold red" if comparison.regressions else "bold green"
    for sentence in comparison.answer:
        say(console, sentence, style)
    for regression in comparison.regressions:
        say(console, regression, style)
    console.print()
    print_pairs(console, [("comparison", str(report_file))])


def show_leaderboard(console: Console, groups: Sequence[LeaderboardGroup]) -> None:
    """Print one ladder for each group of comparable trials."""
    for group in groups:
        say(console, group.title, "bold")
        print_ladder(console, group.rows, group.reference.accuracy if group.reference else None)
        console.print()

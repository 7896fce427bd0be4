"""The answer of a benchmark or of a comparison: sentences, table, next steps."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmark.terminal.console import print_pairs, print_table, say
from benchmark.wording import plural
from tracking.store import Store, display_uri, ui_link, with_store

EXAMPLE = "A wonderful film with an awful ending."  # its two halves contradict each other

if TYPE_CHECKING:  # the report's libraries take a second
    from benchmark.report.report_types import Comparison, Report
    from benchmark.report.tables import Table


def show_summary(
    console: Console,
    report: Report,
    page: Path,
    store: Store,
    model_uri: str | None,
) -> None:
    """Print the answer, the table, the notes, and where to look: the report, MLflow's UI, the model with its command.

    Parameters
    ----------
    model_uri : str or None
        For example ``models:/imdb-cnn_lstm/3``; None where no model is registered.
    """
    from benchmark.report.tables import ladder_table

    first, *others = report.answer
    console.print()
    say(console, first, "bold")
    _show(console, others, ladder_table(report), report.notes)
    for trial in report.trials:
        if trial.failure:
            name = trial.architecture if trial.seed is None else f"{trial.architecture} seed {trial.seed}"
            say(console, f"{name} failed: {trial.failure}", "red")
    console.print()
    steps = [("report", str(page))]
    if not store.uri.startswith("http"):
        steps.append(("server", shlex.join(["mlflow", "ui", "--backend-store-uri", display_uri(store.uri)])))
    steps.append(("MLflow", ui_link(store, report.run_id)))
    if model_uri:
        predict = ["python", "-m", "benchmark", "predict", "--explain", EXAMPLE]
        predict += ["--model", model_uri.removeprefix("models:/")]
        steps += [("model", model_uri), ("", with_store(predict, store))]
    if report.next_command:
        steps.append(("decide", with_store(report.next_command.split(), store)))
    print_pairs(console, steps)


def show_ladder_so_far(console: Console, report: Report) -> None:
    """Print the accuracies of what is finished; verdicts wait for all seeds."""
    from benchmark.report.tables import ladder_table

    rows = []
    for row in ladder_table(report):
        rows.append(dict(list(row.items())[:4]))
    if rows:
        console.print()
        say(console, f"So far, {report.finished_trials} of {plural(len(report.trials), 'trial')}:", "bold")
        print_table(console, rows, right=list(rows[0])[1:])
        console.print()


def show_comparison(console: Console, comparison: Comparison, *, report_file: Path) -> None:
    """Print one row an architecture, and whether there is a regression."""
    from benchmark.report.tables import comparison_table

    first, *others = comparison.answer
    style = "bold red" if comparison.regressions else "bold"
    console.print()
    for sentence in (first, *comparison.regressions):
        say(console, sentence, style)
    _show(console, others, comparison_table(comparison), comparison.differing_settings)
    console.print()
    print_pairs(console, [("comparison", str(report_file))])


def _show(console: Console, sentences: Sequence[str], table: Table, notes: Sequence[str]) -> None:
    """Print sentences, a table of the report and its notes, with a blank line between them."""
    from benchmark.report.tables import narrow

    for sentence in sentences:
        say(console, sentence)
    if table:
        console.print()
        rows = narrow(table)
        print_table(console, rows, right=list(rows[0])[1:])
    if notes:
        console.print()
    for note in notes:
        say(console, note)

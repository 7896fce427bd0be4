"""What a reproduction came to, and what could be told of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmark.reproduction import Reproduction

STYLES = {"bit for bit the same": "bold green", "same accuracy": "bold yellow", "differs": "bold red"}


def show_changes(console: Console, changes: Mapping[str, Sequence[str]]) -> None:
    """Print what is not as it was, once for all trials that share it; other weights are to be expected then."""
    trials_of: dict[str, list[str]] = {}
    for trial, sentences in changes.items():
        for sentence in sentences:
            trials_of.setdefault(sentence, []).append(trial)
    for sentence, trials in trials_of.items():
        whose = "" if len(trials) == len(changes) else f" ({', '.join(trials)})"
        console.print(f"Not as it was: {sentence}{whose}", style="yellow", markup=False, soft_wrap=True)


def show_reproductions(console: Console, reproductions: Sequence[Reproduction], run_id: str) -> None:
    """Print every trial's epochs, then and now, and the outcome in a sentence."""
    for reproduction in reproductions:
        console.print(_epochs(reproduction))
    for reproduction in reproductions:
        console.print(reproduction.sentence, style=STYLES[reproduction.outcome], markup=False, soft_wrap=True)
    console.print(f"run  {run_id}", markup=False)


def _epochs(reproduction: Reproduction) -> Table:
    table = Table(title=reproduction.trial, title_justify="left")
    for heading in ("epoch", "loss then", "loss now", "test accuracy then", "test accuracy now"):
        table.add_column(heading, justify="right")
    table.add_column("weights")
    for epoch in reproduction.epochs:
        table.add_row(
            str(epoch.epoch),
            f"{epoch.loss_before:.6f}",
            f"{epoch.loss_now:.6f}",
            f"{epoch.test_accuracy_before:.2%}",
            f"{epoch.test_accuracy_now:.2%}",
            "equal" if epoch.weights_equal else "different",
        )
    return table

"""What the doctor found: a table in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from benchmark.doctor.finding import Outcome

STYLES = {"ok": "green", "mended": "bold green", "note": "yellow", "wrong": "bold red", "not mended": "bold red"}


class DoctorView:
    """Shows each check as it ends; a context manager, so that the terminal is left as it was."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("", console=console)
        self._table = Table(title="Doctor", title_justify="left")
        for heading in ("looked at", "", "what is wrong", "what mends it"):
            self._table.add_column(heading, overflow="fold")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def begin(self, check: str) -> None:
        """Say what is being looked at; a GPU or a large corpus takes seconds."""
        self._status.update(check)

    def end(self, check: str, outcomes: Sequence[Outcome]) -> None:
        """Take what a check found; nothing is good."""
        rows = [_row(outcome) for outcome in outcomes] or [("ok", "", "")]
        for number, (state, problem, remedy) in enumerate(rows):
            if self._console.is_terminal:
                self._table.add_row("" if number else check, Text(state, STYLES[state]), Text(problem), Text(remedy))
            else:
                rest = f": {problem}; {remedy}" if problem else ""
                self._console.print(f"{check}: {state}{rest}", markup=False, soft_wrap=True)

    def conclude(self, wrong: int, fix: bool) -> None:
        """Print the table, and what to do next."""
        if self._console.is_terminal:
            self._console.print(self._table)
        if not wrong:
            self._console.print("Nothing is wrong.", style="bold green")
            return
        things = "1 thing is" if wrong == 1 else f"{wrong} things are"
        hint = "" if fix else " `python -m benchmark doctor --fix` mends what can be mended."
        self._console.print(f"{things} wrong.{hint}", style="bold red", markup=False, soft_wrap=True)


def _row(outcome: Outcome) -> tuple[str, str, str]:
    finding = outcome.finding
    if outcome.is_mended:
        return "mended", finding.problem, finding.remedy
    if outcome.failure is not None:
        return "not mended", finding.problem, outcome.failure
    return "note" if finding.is_note else "wrong", finding.problem, finding.remedy

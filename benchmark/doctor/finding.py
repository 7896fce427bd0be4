"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes
    ----------
    problem : str
        A sentence.
    remedy : str
        What mends it: what ``--fix`` does where `mend` is given, else what the user can do.
    mend : callable or None
        Raises `UserError` or `OSError` where it cannot.
    is_note : bool
        Good to know, and maybe nothing wrong.
    """

    problem: str
    remedy: str
    mend: Callable[[], object] | None = None
    is_note: bool = False


@dataclass(frozen=True)
class Outcome:
    """A finding and what became of it; `failure` is one line, where it was to be mended and could not be."""

    finding: Finding
    is_mended: bool = False
    failure: str | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether somebody still has to do something."""
        return not (self.is_mended or self.finding.is_note)

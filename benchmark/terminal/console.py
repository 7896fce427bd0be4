"""The console that everything is printed on, and how it words durations."""

from __future__ import annotations

import sys

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 120  # a log file has room; rich would take 80


def make_console() -> Console:
    """Standard output, in colour and as wide as the terminal where there is one."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False, soft_wrap=False)


def words_for_seconds(seconds: float) -> str:
    """``45 s``, ``12 min`` or ``1 h 05 min``."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

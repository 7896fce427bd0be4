"""How the report writes numbers: the one place, so that HTML, Markdown and pictures say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from benchmark.analysis.parts import Interval, Spread

UNKNOWN = "unknown"
ONE_SEED = "unknown (one seed)"
MINUS = "\N{MINUS SIGN}"

Write = Callable[[float], str]
T = TypeVar("T")
R = TypeVar("R")


def known(value: T | None, write: Callable[[T], R], otherwise: R | str = UNKNOWN) -> R | str:
    """Write a number that may be missing."""
    return otherwise if value is None else write(value)


def percent(fraction: float) -> str:
    """``0.8829`` is ``88.29%``."""
    return f"{fraction * 100:.2f}%"


def share(fraction: float) -> str:
    """A share that needs no decimals: ``0.3412`` is ``34%``."""
    return f"{fraction * 100:.0f}%"


def signed(value: float, decimals: int = 2) -> str:
    """With its sign, and a real minus; what rounds to nothing has no sign."""
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def points(value: float) -> str:
    """A difference in percentage points, without the unit: tables name it in their head."""
    return signed(value)


def margin(value: float) -> str:
    """``±1 point``, ``±0.5 points``."""
    return f"±{value:g} {'point' if value == 1 else 'points'}"


def percent_interval(interval: Interval) -> str:
    """``84.10 to 89.62``, in percent."""
    return f"{interval.low * 100:.2f} to {interval.high * 100:.2f}"


def points_interval(interval: Interval) -> str:
    """``-4.79 to +0.73`` (with a real minus), in percentage points."""
    return f"{signed(interval.low)} to {signed(interval.high)}"


def decimal(decimals: int) -> Write:
    """A plain number with so many decimals and separated thousands."""

    def write(value: float) -> str:
        text = f"{abs(value):,.{decimals}f}"
        return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text

    return write


def count(value: float) -> str:
    """``25000`` is ``25,000``."""
    return f"{value:,.0f}"


def p_value(value: float) -> str:
    """Three decimals, and never a bare zero."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def seconds(value: float) -> str:
    """A duration in the unit that a person would use."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(value / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def megabytes(value: float) -> str:
    """Millions of bytes; from a thousand on, GB."""
    if value >= 1000:
        return f"{value / 1000:.2f} GB"
    return f"{value:.0f} MB" if value >= 100 else f"{value:.1f} MB"


def spread(value: Spread, write: Write) -> str:
    """``38.2 s ± 0.4 s`` style: mean and standard deviation; only the mean where the spread is unknown."""
    return write(value.mean) if value.sd is None else f"{write(value.mean)} ± {write(value.sd)}"


def moment(text: str) -> str:
    """``2026-01-02T03:04:05+00:00`` is ``2026-01-02, 03:04 UTC``; what is no ISO time stays as it is."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text
    if parsed.tzinfo is None:
        return f"{parsed:%Y-%m-%d, %H:%M}"
    return f"{parsed.astimezone(UTC):%Y-%m-%d, %H:%M} UTC"


def short_id(identifier: str) -> str:
    """Enough of a digest or run id to recognise it."""
    return identifier[:8]


def listing(items: tuple[str, ...] | list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def seed_names(seeds: Sequence[int]) -> str:
    """``seed 7``, ``seeds 7, 8 and 9``; of many only their number."""
    if len(seeds) > 12:
        return plural(len(seeds), "seed")
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {listing([str(seed) for seed in seeds])}"


def plural(number: int, singular: str, several: str | None = None) -> str:
    """``1 seed``, ``3 seeds``."""
    return f"{count(number)} {singular if number == 1 else several or singular + 's'}"

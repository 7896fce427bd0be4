"""How a comparison writes a change and its interval: in pictures, tables and the terminal alike."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.comparison.comparison_types import QuantityComparison


def change_words(quantity: QuantityComparison) -> str:
    """``+1.19``, in points for the accuracy, or as a ratio, with a times sign before it."""
    if quantity.change_is_ratio:
        return f"\u00d7{quantity.change:.2f}"
    return n.signed(quantity.change, 2 if quantity.quantity == "accuracy" else 4)


def interval_words(quantity: QuantityComparison) -> str:
    """The change's interval, or that it is unknown."""
    interval = quantity.interval
    if interval is None:
        return n.ONE_SEED
    if quantity.change_is_ratio:
        return f"{interval.low:.2f} to {interval.high:.2f}"
    decimals = 2 if quantity.quantity == "accuracy" else 4
    return f"{n.signed(interval.low, decimals)} to {n.signed(interval.high, decimals)}"

"""A verdict on a difference: above, below, equivalent or undecided; never "not significant, so equal"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.statistics.crossed import MeanUncertainty
from benchmark.statistics.intervals import Bounds

VerdictKind = Literal["above", "below", "equivalent", "undecided"]

ERROR_RATE = 0.05


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests.

    Attributes
    ----------
    p_value : float
        The larger of the two.
    interval : Bounds
        At level ``1 - 2 * ERROR_RATE``: it lies inside the margin just when ``p_value < ERROR_RATE``.
    """

    p_value: float
    interval: Bounds


def equivalence_test(difference: float, uncertainty: MeanUncertainty, margin: float) -> Equivalence:
    """Test whether a difference is shown to be within the margin on both sides (TOST).

    Parameters
    ----------
    difference, margin : float
        In the same unit; the margin is set before the data are seen.

    References
    ----------
    Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach for assessing the
    equivalence of average bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680.
    """
    p_value = max(uncertainty.p_value_above(margin + difference), uncertainty.p_value_above(margin - difference))
    return Equivalence(p_value, uncertainty.interval(difference, 1 - 2 * ERROR_RATE))


def decide(difference: float, uncertainty: MeanUncertainty | None, margin: float) -> VerdictKind:
    """Give the verdict on a difference.

    Equivalence goes first: a difference shown to be smaller than the margin counts as none, even if it is not zero.

    Parameters
    ----------
    difference, margin : float
        In the same unit.
    uncertainty : MeanUncertainty or None
        Of the difference; None with one seed, and then nothing is decided.
    """
    if uncertainty is None:
        return "undecided"
    narrow = uncertainty.interval(difference, 1 - 2 * ERROR_RATE)
    if -margin < narrow.low and narrow.high < margin:
        return "equivalent"
    wide = uncertainty.interval(difference, 1 - ERROR_RATE)
    if wide.holds(0):
        return "undecided"
    return "above" if difference > 0 else "below"

"""Reviews that the trials get wrong, and those on which the architectures disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.report.evidence import Evidence, fold_twins, gather
from benchmark.report.report_types import ReviewErrors
from benchmark.results import BenchmarkRecord, HardReview

MAX_HARD_REVIEWS = 10
MAX_DISPUTED_REVIEWS = 5
MIN_DISPUTE = 0.5  # between the highest and the lowest probability


def select_hard_reviews(record: BenchmarkRecord) -> list[str]:
    """Return the ids of the reviews that the report shows with their text."""
    found = [one for one in fold_twins(gather(record)[0])[0] if not one.one_label]
    return [str(found[0].predictions.review_id[index]) for index in (*wrong_in_all(found), *disputed(found))]


def times_right(found: Sequence[Evidence]) -> NDArray[np.int64]:
    """How many trials get each review right."""
    return np.sum([one.right.sum(axis=0) for one in found], axis=0, dtype=np.int64) if found else np.zeros(0, np.int64)


def wrong_in_all(found: Sequence[Evidence]) -> list[int]:
    """Positions of reviews that no trial gets right, with most confidence first."""
    if not found:
        return []
    mistake = np.mean([np.abs(one.mean_probability - one.predictions.label) for one in found], axis=0)
    return _largest(mistake, np.flatnonzero(times_right(found) == 0), found)[:MAX_HARD_REVIEWS]


def disputed(found: Sequence[Evidence]) -> list[int]:
    """Positions of reviews on which the architectures' probabilities lie furthest apart."""
    if not found:
        return []
    distance = np.ptp([one.mean_probability for one in found], axis=0)
    return _largest(distance, np.flatnonzero(distance >= MIN_DISPUTE), found)[:MAX_DISPUTED_REVIEWS]


def _largest(value: NDArray[np.float64], chosen: NDArray[np.int64], found: Sequence[Evidence]) -> list[int]:
    """Sort by value, then by review; rounded, so that a tie does not depend on the last bits of a sum."""
    ids = found[0].predictions.review_id
    return sorted(chosen.tolist(), key=lambda index: (-round(float(value[index]), 9), str(ids[index])))


def review_errors(
    found: Sequence[Evidence], positions: Sequence[int], texts: Sequence[HardReview]
) -> tuple[ReviewErrors, ...]:
    """Return what the trials made of these reviews, with the texts that there are."""
    shown = {one.review_id: one for one in texts}
    errors = []
    for index in positions:
        about = found[0].predictions
        review = shown.get(review_id := str(about.review_id[index]))
        errors.append(
            ReviewErrors(
                review_id=review_id,
                label=int(about.label[index]),
                words=int(about.words[index]),
                probabilities={one.architecture: float(one.mean_probability[index]) for one in found},
                text=review.text if review else None,
                word_effects=review.word_effects if review else (),
            )
        )
    return tuple(errors)

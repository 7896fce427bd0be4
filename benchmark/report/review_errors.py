"""Reviews that the trials get wrong, and those on which the architectures disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.report.evidence import Evidence, Gathered
from benchmark.report.report_types import ReviewErrors
from benchmark.results import HardReview

MAX_HARD_REVIEWS = 10
MAX_DISPUTED_REVIEWS = 5
MIN_DISPUTE = 0.5  # between the highest and the lowest probability


def select_hard_reviews(gathered: Gathered) -> list[str]:
    """Return the ids of the reviews that the report shows with their text."""
    telling = gathered.telling
    return [str(telling[0].predictions.review_id[index]) for index in (*wrong_in_all(telling), *disputed(telling))]


def times_right(telling: Sequence[Evidence]) -> NDArray[np.int64]:
    """How many trials get each review right."""
    if not telling:
        return np.zeros(0, np.int64)
    return np.sum([evidence.right.sum(axis=0) for evidence in telling], axis=0, dtype=np.int64)


def wrong_in_all(telling: Sequence[Evidence]) -> list[int]:
    """Positions of reviews that no trial gets right, with most confidence first."""
    if not telling:
        return []
    mistakes = [np.abs(evidence.mean_probability - evidence.predictions.label) for evidence in telling]
    never_right = np.flatnonzero(times_right(telling) == 0)
    return _largest(np.mean(mistakes, axis=0), never_right, telling)[:MAX_HARD_REVIEWS]


def disputed(telling: Sequence[Evidence]) -> list[int]:
    """Positions of reviews on which the architectures' probabilities lie furthest apart."""
    if not telling:
        return []
    distance = np.ptp([evidence.mean_probability for evidence in telling], axis=0)
    return _largest(distance, np.flatnonzero(distance >= MIN_DISPUTE), telling)[:MAX_DISPUTED_REVIEWS]


def _largest(value: NDArray[np.float64], chosen: NDArray[np.int64], telling: Sequence[Evidence]) -> list[int]:
    """Sort by value, then by review; rounded, so that a tie does not depend on the last bits of a sum."""
    ids = telling[0].predictions.review_id
    return sorted(chosen.tolist(), key=lambda index: (-round(float(value[index]), 9), str(ids[index])))


def review_errors(
    telling: Sequence[Evidence], positions: Sequence[int], texts: Sequence[HardReview]
) -> tuple[ReviewErrors, ...]:
    """Return what the trials made of these reviews, with the texts that there are."""
    with_text = {review.review_id: review for review in texts}
    errors = []
    for index in positions:
        about = telling[0].predictions
        review_id = str(about.review_id[index])
        review = with_text.get(review_id)
        probabilities = {evidence.architecture: float(evidence.mean_probability[index]) for evidence in telling}
        errors.append(
            ReviewErrors(
                review_id=review_id,
                label=int(about.label[index]),
                probabilities=probabilities,
                text=review.text if review else None,
                word_effects=review.word_effects if review else (),
            )
        )
    return tuple(errors)

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
    return [str(telling[0].predictions.review_id[place]) for place in (*wrong_in_all(telling), *disputed(telling))]


def times_right(telling: Sequence[Evidence]) -> NDArray[np.int64]:
    """How many trials get each review right; of no review where there is no trial."""
    return np.sum([evidence.right.sum(axis=0) for evidence in telling] or [[]], axis=0, dtype=np.int64)


def wrong_in_all(telling: Sequence[Evidence]) -> list[int]:
    """Positions of reviews that no trial gets right, with most confidence first."""
    if not telling:
        return []
    mistakes = [np.abs(evidence.mean_probability - evidence.predictions.label) for evidence in telling]
    return _largest(np.mean(mistakes, axis=0), times_right(telling) == 0, telling)[:MAX_HARD_REVIEWS]


def disputed(telling: Sequence[Evidence]) -> list[int]:
    """Positions of reviews on which the architectures' probabilities lie furthest apart."""
    if not telling:
        return []
    distance = np.ptp([evidence.mean_probability for evidence in telling], axis=0)
    return _largest(distance, distance >= MIN_DISPUTE, telling)[:MAX_DISPUTED_REVIEWS]


def _largest(value: NDArray[np.float64], chosen: NDArray[np.bool_], telling: Sequence[Evidence]) -> list[int]:
    """Sort by value, then by review; rounded, so that a tie does not depend on the last bits of a sum."""
    ids = telling[0].predictions.review_id
    places = np.flatnonzero(chosen).tolist()
    return sorted(places, key=lambda place: (-round(float(value[place]), 9), str(ids[place])))


def review_errors(
    telling: Sequence[Evidence], places: Sequence[int], texts: Sequence[HardReview]
) -> tuple[ReviewErrors, ...]:
    """Return what the trials made of these reviews, with the texts that there are."""
    with_text = {review.review_id: review for review in texts}
    errors = []
    for place in places:
        review_id = str(telling[0].predictions.review_id[place])
        review = with_text.get(review_id, HardReview(review_id, ""))
        error = ReviewErrors(
            review_id=review_id,
            label=int(telling[0].predictions.label[place]),
            probabilities={evidence.architecture: float(evidence.mean_probability[place]) for evidence in telling},
            text=review.text or None,
            word_effects=review.word_effects,
        )
        errors.append(error)
    return tuple(errors)

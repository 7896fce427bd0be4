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


def select_hard_reviews(gathered: Gathered) -> dict[str, str]:
    """Return the ids of the reviews that the report shows with their text, and the architecture that errs most."""
    telling = gathered.telling
    hard, disputed = hard_and_disputed(telling)
    selected = {}
    for place in hard + disputed:
        label = telling[0].predictions.label[place]
        errors = [abs(evidence.mean_probability[place] - label) for evidence in telling]
        selected[str(telling[0].predictions.review_id[place])] = telling[int(np.argmax(errors))].architecture
    return selected


def times_right(telling: Sequence[Evidence]) -> NDArray[np.int64]:
    """How many trials get each review right; of no review where there is no trial."""
    return np.sum([evidence.right.sum(axis=0) for evidence in telling] or [[]], axis=0, dtype=np.int64)


def hard_and_disputed(telling: Sequence[Evidence]) -> tuple[list[int], list[int]]:
    """Return the places of reviews that no trial gets right, and of those on which the architectures disagree.

    The most confident mistakes come first, and the largest distance between two probabilities.
    """
    if not telling:
        return [], []
    probabilities = np.array([evidence.mean_probability for evidence in telling])
    mistakes = np.abs(probabilities - telling[0].predictions.label).mean(axis=0)
    distance = np.ptp(probabilities, axis=0)
    hard = _largest(mistakes, times_right(telling) == 0, telling)
    disputed = _largest(distance, distance >= MIN_DISPUTE, telling)
    return hard[:MAX_HARD_REVIEWS], disputed[:MAX_DISPUTED_REVIEWS]


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
            explained=review.architecture,
        )
        errors.append(error)
    return tuple(errors)

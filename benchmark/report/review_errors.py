"""Reviews that the trials get wrong, and those on which the architectures disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.report.evidence import Evidence, telling
from benchmark.report.report_types import ReviewErrors
from benchmark.results import HardReview
from benchmark.statistics.variance import Floats

MAX_HARD_REVIEWS = 10
MAX_DISPUTED_REVIEWS = 5
MIN_DISPUTE = 0.5  # between the highest and the lowest probability


def select_hard_reviews(gathered: Sequence[Evidence]) -> dict[str, str]:
    """Return the ids of the reviews that the report shows with their text, and the architecture that errs most."""
    hard, disputed = review_errors(telling(gathered))
    selected = {}
    for review in (*hard, *disputed):
        errors = {}
        for name, chance in review.probabilities.items():
            errors[name] = abs(chance - review.label)
        selected[review.review_id] = max(errors, key=errors.__getitem__)
    return selected


def share_right(judged: Sequence[Evidence]) -> Floats:
    """Share of the trials that get each review right; of no review where there is no trial."""
    if not judged:
        return np.empty(0)
    return np.concatenate([evidence.right for evidence in judged]).mean(axis=0)


def review_errors(
    judged: Sequence[Evidence],
    texts: Sequence[HardReview] = (),
) -> tuple[tuple[ReviewErrors, ...], tuple[ReviewErrors, ...]]:
    """Return the reviews that no trial gets right, and those on which the architectures disagree.

    The most confident mistakes come first, and the largest distance between two probabilities.

    Parameters
    ----------
    texts : sequence of HardReview
        Of the reviews whose text is known.
    """
    if not judged:
        return (), ()
    predictions = judged[0].predictions
    ids = predictions.review_id.tolist()
    labels = predictions.label.tolist()
    architectures = [evidence.architecture for evidence in judged]
    means = [evidence.probability.mean(axis=0, dtype=np.float64) for evidence in judged]
    probabilities = np.array(means)
    with_text = {review.review_id: review for review in texts}

    def of_review(place: int) -> ReviewErrors:
        review = with_text.get(ids[place], HardReview(ids[place], ""))
        chances = probabilities[:, place].tolist()
        said = dict(zip(architectures, chances, strict=True))
        return ReviewErrors(**vars(review), label=labels[place], probabilities=said)

    def largest(values: Floats, chosen: NDArray[np.bool_], most: int) -> tuple[ReviewErrors, ...]:
        """Sorted by value, then by review; rounded, so that a tie does not depend on the last bits of a sum."""
        rounded = np.round(values, 9)
        places = np.flatnonzero(chosen).tolist()
        places.sort(key=lambda place: (-rounded[place], ids[place]))
        return tuple(map(of_review, places[:most]))

    mistakes = np.abs(probabilities - predictions.label).mean(axis=0)
    hard = largest(mistakes, share_right(judged) == 0, MAX_HARD_REVIEWS)
    distance = np.ptp(probabilities, axis=0)
    disputed = largest(distance, distance >= MIN_DISPUTE, MAX_DISPUTED_REVIEWS)
    return hard, disputed

"""Which test reviews the trials get wrong, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmark.report.evidence import Evidence, fold_twins, gather
from benchmark.report.report_types import ErrorCounts, LengthAccuracy, ReviewErrors
from benchmark.results import BenchmarkRecord, HardReview

MAX_HARD_REVIEWS = 10
MAX_DISPUTED_REVIEWS = 5
MIN_DISPUTE = 0.5  # between the highest and the lowest probability
LENGTHS = (0, 101, 201, 301, 501, 1001)  # words; the tutorial cuts a review to its last 500
MIN_REVIEWS = 20  # of one length; the accuracy among fewer says nothing


def select_hard_reviews(record: BenchmarkRecord) -> list[str]:
    """Return the ids of the reviews that the report shows with their text.

    First those that every finished trial got wrong, with most confidence first; then those on which the
    architectures disagree most. Empty where no trial finished.
    """
    found = informative(fold_twins(gather(record)[0])[0])
    if not found:
        return []
    return [str(found[0].predictions.review_id[index]) for index in (*_wrong_in_all(found), *_disputed(found))]


def informative(found: Sequence[Evidence]) -> list[Evidence]:
    """Leave out what gives every review the same label."""
    return [one for one in found if not one.one_label]


def times_right(found: Sequence[Evidence]) -> tuple[NDArray[np.int64], int]:
    """How many trials get each review right, and how many trials there are."""
    counts = np.zeros(len(found[0].predictions.label) if found else 0, dtype=np.int64)
    for one in found:
        counts += one.right.sum(axis=0)
    return counts, sum(len(one.trials) for one in found)


def hard_reviews(found: Sequence[Evidence], texts: Sequence[HardReview]) -> tuple[ReviewErrors, ...]:
    """Wrong in every trial, with most confidence first."""
    return tuple(_review(found, index, texts) for index in _wrong_in_all(found))


def disputed_reviews(found: Sequence[Evidence], texts: Sequence[HardReview]) -> tuple[ReviewErrors, ...]:
    """Where the architectures' probabilities lie furthest apart."""
    return tuple(_review(found, index, texts) for index in _disputed(found))


def _wrong_in_all(found: Sequence[Evidence]) -> list[int]:
    never_right = np.flatnonzero(times_right(found)[0] == 0)
    mistake = np.mean([np.abs(one.mean_probability - one.predictions.label) for one in found], axis=0)
    return _largest(mistake, never_right, found)[:MAX_HARD_REVIEWS]


def _disputed(found: Sequence[Evidence]) -> list[int]:
    if len(found) < 2:
        return []
    distance = np.ptp([one.mean_probability for one in found], axis=0)
    return _largest(distance, np.flatnonzero(distance >= MIN_DISPUTE), found)[:MAX_DISPUTED_REVIEWS]


def _largest(value: NDArray[np.float64], chosen: NDArray[np.int64], found: Sequence[Evidence]) -> list[int]:
    """Sort by value, then by review; rounded, so that a tie does not depend on the last bits of a sum."""
    ids = found[0].predictions.review_id
    return sorted(chosen.tolist(), key=lambda index: (-round(float(value[index]), 9), str(ids[index])))


def _review(found: Sequence[Evidence], index: int, texts: Sequence[HardReview]) -> ReviewErrors:
    about = found[0].predictions
    review_id = str(about.review_id[index])
    shown = next((one for one in texts if one.review_id == review_id), None)
    return ReviewErrors(
        review_id=review_id,
        label=int(about.label[index]),
        words=int(about.words[index]),
        probabilities={one.architecture: float(one.mean_probability[index]) for one in found},
        text=shown.text if shown else None,
        word_effects=shown.word_effects if shown else (),
    )


def count_errors(one: Evidence) -> ErrorCounts:
    """False positives and false negatives, averaged over the trials."""
    label = one.predictions.label
    return ErrorCounts(
        architecture=one.architecture,
        false_positives=float((~one.right[:, label == 0]).sum(axis=1).mean()),
        false_negatives=float((~one.right[:, label == 1]).sum(axis=1).mean()),
    )


def accuracy_by_length(one: Evidence) -> list[LengthAccuracy]:
    """Accuracy over the seeds that did not collapse, among reviews of similar length."""
    words, found = one.predictions.words, []
    for start, after in [*pairwise(LENGTHS), (LENGTHS[-1], None)]:
        chosen = (words >= start) & (words < after if after else True)
        if (reviews := int(chosen.sum())) >= MIN_REVIEWS:
            label = f">{start - 1:,}" if after is None else f"≤{after - 1:,}"
            accuracy = float(one.right[one.learned][:, chosen].mean())
            found.append(LengthAccuracy(architecture=one.architecture, label=label, reviews=reviews, accuracy=accuracy))
    return found

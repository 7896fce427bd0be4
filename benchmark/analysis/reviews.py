"""What the test reviews tell: calibration, accuracy by length, and the reviews that nobody gets right."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.analysis.evidence import Evidence
from benchmark.analysis.intervals import to_interval
from benchmark.analysis.parts import Calibration, CalibrationBin, HardReviewFacts, LengthAccuracy
from benchmark.statistics.calibration import expected_calibration_error, reliability_bins
from benchmark.statistics.crossed import take_apart
from benchmark.statistics.intervals import Bounds, wilson_interval

LENGTH_STARTS = (0, 101, 201, 301, 501, 1001)  # words; the tutorial cuts a review to its last 500
FEWEST_REVIEWS = 20  # in a length class: below, its accuracy says nothing
HARD_REVIEWS = 10
QUOTED_CHARACTERS = 600


class Agreement(NamedTuple):
    """How many test reviews every trial gets right, and how many every trial gets wrong."""

    all_right: int
    all_wrong: int


def calibrate(evidence: Evidence) -> tuple[Calibration, ...]:
    """Reliability of the probabilities of each architecture, over all its seeds."""
    found = []
    for architecture, by_seed in evidence.scored.items():
        trials = list(by_seed.values())
        bins = reliability_bins(
            np.concatenate([trial.predictions.label for trial in trials]),
            np.concatenate([trial.predictions.probability for trial in trials]),
        )
        found.append(
            Calibration(
                architecture=architecture,
                bins=tuple(CalibrationBin(**vars(one)) for one in bins),
                expected_calibration_error=expected_calibration_error(bins),
            )
        )
    return tuple(found)


def accuracy_by_length(evidence: Evidence) -> tuple[LengthAccuracy, ...]:
    """Mean accuracy over seeds among reviews of similar length, with its interval."""
    if not evidence.trials:
        return ()
    words = evidence.trials[0].predictions.words
    classes = [*pairwise(LENGTH_STARTS), (LENGTH_STARTS[-1], None)]
    found = []
    for architecture in evidence.scored:
        table = evidence.table(architecture)
        for start, after in classes:
            chosen = (words >= start) & (words < after if after else True)
            if chosen.sum() >= FEWEST_REVIEWS:
                found.append(_length_class(architecture, start, after, table[:, chosen]))
    return tuple(found)


def _length_class(architecture: str, start: int, after: int | None, table: NDArray[np.bool_]) -> LengthAccuracy:
    parts = take_apart(table)
    reviews = table.shape[1]
    if parts.uncertainty is None:
        bounds, method = wilson_interval(int(table.sum()), reviews), "Wilson"
    else:
        low, high = parts.uncertainty.interval(parts.mean)
        bounds, method = Bounds(max(low, 0.0), min(high, 1.0)), "seeds and reviews of this length together"
    return LengthAccuracy(
        architecture=architecture,
        shortest_words=start,
        longest_words=after - 1 if after else None,
        label=_length_label(start, after),
        reviews=reviews,
        accuracy=parts.mean,
        interval=to_interval(bounds, method),
    )


def _length_label(start: int, after: int | None) -> str:
    if after is None:
        return f"{start:,} or more"
    return f"{start:,} to {after - 1:,}" if start else f"up to {after - 1:,}"


def agreement(evidence: Evidence) -> Agreement:
    """Count the reviews on which all trials agree."""
    if not evidence.trials:
        return Agreement(0, 0)
    right = _times_right(evidence)
    return Agreement(int((right == len(evidence.trials)).sum()), int((right == 0).sum()))


def _beginning(text: str | None) -> str | None:
    """A quotation, not a copy: the text is its author's."""
    if text is None or len(text) <= QUOTED_CHARACTERS:
        return text
    return text[:QUOTED_CHARACTERS].rsplit(maxsplit=1)[0] + " …"


def hard_reviews(evidence: Evidence, most: int = HARD_REVIEWS) -> tuple[HardReviewFacts, ...]:
    """Reviews that every trial gets wrong, those first that are wrong with the most confidence on average."""
    trials = evidence.trials
    if not trials:
        return ()
    text = {review.review_id: review.text for review in evidence.record.hard_reviews}
    about = trials[0].predictions
    nobody = _times_right(evidence) == 0
    # trial by trial: thousands of them do not fit into memory at once
    probability = np.zeros(len(about.label))
    for trial in trials:
        probability += trial.predictions.probability
    probability /= len(trials)
    # rounded, so that the order of a tie does not depend on the last bits of a sum
    mistake = np.round(np.abs(probability - about.label), 9)
    order = sorted(np.flatnonzero(nobody).tolist(), key=lambda index: (-mistake[index], about.review_id[index]))
    return tuple(
        HardReviewFacts(
            review_id=str(about.review_id[index]),
            label="positive" if about.label[index] else "negative",
            words=int(about.words[index]),
            mean_probability=float(probability[index]),
            text=_beginning(text.get(str(about.review_id[index]))),
        )
        for index in order[:most]
    )


def _times_right(evidence: Evidence) -> NDArray[np.int64]:
    """How many trials get each review right, shape (n_reviews,)."""
    count = np.zeros(len(evidence.trials[0].right), dtype=np.int64)
    for trial in evidence.trials:
        count += trial.right
    return count

"""Whether a trial that was trained again came out as the one that was trained before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmark.errors import UserError
from benchmark.fingerprint import DECISIVE_PACKAGES, differing_parts
from benchmark.median_trials import median_trials
from benchmark.numbers import signed
from benchmark.results import BenchmarkRecord, Environment, Predictions, TrialRecord, TrialResult

Outcome = Literal["bit for bit the same", "same accuracy", "differs"]

ROUNDING_POINTS = 1e-9


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EpochAgreement(_Facts):
    """One epoch, then and now; the loss is of the training half, the accuracy of the test half."""

    epoch: int
    weights_equal: bool
    loss_before: float
    loss_now: float
    test_accuracy_before: float
    test_accuracy_now: float


class Reproduction(_Facts):
    """How a trial that was trained again compares with the one before.

    Attributes
    ----------
    trial : str
        For example ``cnn_lstm seed 7``.
    run_id : str
        Of the trial before.
    tolerance_points : float
        Accuracies this close count as the same; 0 insists on the same bits.
    first_epoch_that_differs : int or None
        The first that ended with other weights; None where none did.
    test_reviews : int
    largest_probability_difference : float or None
        Over the test reviews; None where these are not the same ones.
    reviews_classified_otherwise : int or None
    changes : tuple of str
        What is not as it was, of the parts of the fingerprint: they decide the result.
    surroundings : tuple of str
        What is not as it was beyond the fingerprint: it should not matter, but may explain other bits.
    """

    trial: str
    run_id: str
    outcome: Outcome
    tolerance_points: float
    epochs: tuple[EpochAgreement, ...]
    first_epoch_that_differs: int | None
    weights_equal: bool
    accuracy_before: float
    accuracy_now: float
    test_reviews: int
    largest_probability_difference: float | None
    reviews_classified_otherwise: int | None
    changes: tuple[str, ...]
    surroundings: tuple[str, ...]

    @property
    def successful(self) -> bool:
        return self.outcome != "differs"

    @property
    def sentence(self) -> str:
        """The outcome for a reader, with what is known of its reason."""
        if self.outcome == "bit for bit the same":
            epochs = "1 epoch" if len(self.epochs) == 1 else f"each of {len(self.epochs)} epochs"
            return (
                f"{self.trial}: bit for bit the same: the weights after {epochs} and the probabilities of all "
                f"{self.test_reviews:,} test reviews are equal."
            )
        said = "differs" if self.outcome == "differs" else f"same accuracy within {self.tolerance_points:g} points"
        return f"{self.trial}: {said}: {self._figures()}; {self._place()}. {self._reason()}"

    def _figures(self) -> str:
        points = signed(100 * (self.accuracy_now - self.accuracy_before))
        return f"test accuracy was {self.accuracy_before:.2%} and is {self.accuracy_now:.2%} ({points} points)"

    def _place(self) -> str:
        if self.first_epoch_that_differs is not None:
            return f"the weights differ from epoch {self.first_epoch_that_differs} on"
        if self.largest_probability_difference is None:
            return "the weights are equal, but the test reviews are other ones"
        return f"the weights are equal, but probabilities differ by up to {self.largest_probability_difference:.2g}"

    def _reason(self) -> str:
        if self.changes:
            return "Not as it was: " + "; ".join(self.changes) + "."
        nothing = "Nothing that is known to decide the result has changed"
        if self.surroundings:
            return f"{nothing}; around it: " + "; ".join(self.surroundings) + "."
        return nothing + "."


def judge(before: TrialRecord, now: TrialResult, predictions: Predictions, tolerance_points: float) -> Reproduction:
    """Compare a trial trained again with the one before.

    Parameters
    ----------
    before : TrialRecord
        Finished.
    now : TrialResult
    predictions : Predictions
        Of `now`.
    tolerance_points : float
        See `Reproduction`.

    Raises
    ------
    UserError
        If the trial before has no result or no predictions.
    """
    then, predicted = before.result, before.predictions
    if then is None or predicted is None:
        raise UserError(
            f"the run {before.run_id} ({before.config.name}) is {before.status}; "
            "only a finished trial can be reproduced"
        )
    epochs = _epochs(then, now)
    first = next((epoch.epoch for epoch in epochs if not epoch.weights_equal), None)
    weights_equal = first is None and len(then.epochs) == len(now.epochs) and then.weights_sha256 == now.weights_sha256
    same_reviews = np.array_equal(predicted.review_id, predictions.review_id) and np.array_equal(
        predicted.label, predictions.label
    )
    bits_equal = weights_equal and same_reviews and np.array_equal(predicted.probability, predictions.probability)
    return Reproduction(
        trial=before.config.name,
        run_id=before.run_id,
        outcome=_outcome(bits_equal, 100 * abs(now.test_accuracy - then.test_accuracy), tolerance_points),
        tolerance_points=tolerance_points,
        epochs=epochs,
        first_epoch_that_differs=first,
        weights_equal=weights_equal,
        accuracy_before=then.test_accuracy,
        accuracy_now=now.test_accuracy,
        test_reviews=len(predictions.label),
        largest_probability_difference=_largest_difference(predicted, predictions) if same_reviews else None,
        reviews_classified_otherwise=_classified_otherwise(predicted, predictions) if same_reviews else None,
        changes=tuple(differing_parts(then.fingerprint_parts, now.fingerprint_parts)),
        surroundings=tuple(differing_parts(_surroundings(then.environment), _surroundings(now.environment))),
    )


def trials_to_reproduce(benchmark: BenchmarkRecord) -> list[TrialRecord]:
    """One finished trial of each architecture: the median one by test accuracy, which is also the one that serves.

    Raises
    ------
    UserError
        If no trial finished.
    """
    chosen = list(median_trials(benchmark).values())
    if not chosen:
        raise UserError(f"the benchmark run {benchmark.run_id} has no finished trial; there is nothing to reproduce")
    return chosen


def worst_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """The one that stands for all."""
    order: tuple[Outcome, ...] = ("bit for bit the same", "same accuracy", "differs")
    return max(outcomes, key=order.index)


def _outcome(bits_equal: bool, difference_points: float, tolerance_points: float) -> Outcome:
    if bits_equal:
        return "bit for bit the same"
    close = tolerance_points > 0 and difference_points <= tolerance_points + ROUNDING_POINTS
    return "same accuracy" if close else "differs"


def _epochs(then: TrialResult, now: TrialResult) -> tuple[EpochAgreement, ...]:
    pairs = zip(then.epochs, then.epoch_weights_sha256, now.epochs, now.epoch_weights_sha256, strict=False)
    return tuple(
        EpochAgreement(
            epoch=before.epoch,
            weights_equal=weights_before == weights_after,
            loss_before=before.loss,
            loss_now=after.loss,
            test_accuracy_before=before.val_accuracy,
            test_accuracy_now=after.val_accuracy,
        )
        for before, weights_before, after, weights_after in pairs
    )


def _largest_difference(before: Predictions, now: Predictions) -> float:
    return float(np.max(np.abs(before.probability.astype(np.float64) - now.probability), initial=0.0))


def _classified_otherwise(before: Predictions, now: Predictions) -> int:
    return int(np.count_nonzero((before.probability > 0.5) != (now.probability > 0.5)))


def _surroundings(environment: Environment) -> dict[str, Any]:
    """What surrounds a trial beyond its fingerprint, and may change the order in which numbers are added up."""
    others = {name: version for name, version in environment.versions.items() if name not in DECISIVE_PACKAGES}
    instructions = environment.cpu_instructions
    return {
        "device": environment.device_name,
        "CPU": environment.cpu_model,
        **({"CPU instructions": instructions} if instructions else {}),
        "platform": environment.platform,
        "git commit": environment.git_commit,
        "versions": others,
    }

"""Finished trials by architecture, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from benchmark.statistics.collapse import collapsed_seeds
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import RightCounts, count_right
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import plural, printable

SAME_NETWORK = ("cnn_lstm", "cnn_lstm_tensorboard")  # the A/A pair: the same layers, trained twice


@dataclass(frozen=True)
class Evidence:
    """The finished trials of one architecture, in the order of their seeds.

    Attributes
    ----------
    predictions : Predictions
        Of the first trial, for what all have in common.
    probability : array of float32, shape (n_trials, n_reviews)
    right : array of bool, shape (n_trials, n_reviews)
    counts : RightCounts
        Of all trials.
    learned : array of bool, shape (n_trials,)
        False for a collapsed seed.
    """

    architecture: str
    title: str
    trials: tuple[TrialRecord, ...]
    results: tuple[TrialResult, ...]
    predictions: Predictions
    probability: NDArray[np.float32]
    right: NDArray[np.bool_]
    counts: RightCounts
    learned: NDArray[np.bool_]

    @property
    def good_counts(self) -> RightCounts:
        """Of the seeds that did not collapse."""
        return self.counts[self.learned]

    @property
    def one_label(self) -> bool:
        """Whether it gives every review the same label."""
        positive = self.probability > 0.5
        return bool(positive.all() or not positive.any())

    @property
    def mean_probability(self) -> NDArray[np.float64]:
        return self.probability.mean(axis=0, dtype=np.float64)

    @property
    def weights(self) -> dict[int | None, str]:
        """Hash of the weights by seed."""
        return {one.config.seed: one.weights_sha256 for one in self.results}


def gather(record: BenchmarkRecord) -> tuple[list[Evidence], list[str]]:
    """Return the evidence by architecture, in the planned order, and a sentence for trials that are left out.

    Trials of one architecture are averaged only where their fingerprints differ in nothing but the seed: the largest
    set of such trials is kept.
    """
    found, left_out = [], []
    for architecture in dict.fromkeys(trial.config.architecture for trial in record.trials):
        alike: dict[str, list[TrialRecord]] = {}
        for trial in record.finished:
            if trial.config.architecture == architecture and trial.result:
                alike.setdefault(repr(without_seed(trial.result)), []).append(trial)
        if not alike:
            continue
        kept, *others = sorted(alike.values(), key=len, reverse=True)
        one = _evidence(record, kept)
        found.append(one)
        if others and others[0][0].result:
            different = differing_parts(without_seed(one.results[0]), without_seed(others[0][0].result))
            count = plural(sum(map(len, others)), "trial")
            left_out.append(f"{count} of {one.title} left out, not trained alike: {different[0]}.")
    return found, left_out


def without_seed(result: TrialResult) -> dict[str, object]:
    """The parts of a trial's fingerprint that all seeds share."""
    return {
        name: {inner: part for inner, part in value.items() if inner != "seed"} if isinstance(value, dict) else value
        for name, value in sorted(result.fingerprint_parts.items())
        if name != "seed"
    }


def _evidence(record: BenchmarkRecord, trials: list[TrialRecord]) -> Evidence:
    trials = sorted(trials, key=lambda one: -1 if one.config.seed is None else one.config.seed)
    results = tuple(one.result for one in trials if one.result)
    every = [one.predictions for one in trials if one.predictions]
    probability = np.stack([one.probability for one in every])
    right = np.stack([correct(one.label, one.probability) for one in every])
    groups = every[0].group if record.corpus.groups else None
    train_accuracy = [one.epochs[-1].train_accuracy for one in results if one.epochs]
    collapsed = collapsed_seeds(right.mean(axis=1), train_accuracy, right.shape[1], probability > 0.5)
    return Evidence(
        architecture=trials[0].config.architecture,
        title=printable(trials[0].config.title),
        trials=tuple(trials),
        results=results,
        predictions=every[0],
        probability=probability,
        right=right,
        counts=count_right(right, groups, deterministic=trials[0].config.seed is None),
        learned=~np.isin(np.arange(len(trials)), collapsed),
    )


def fold_twins(found: Sequence[Evidence]) -> tuple[list[Evidence], dict[str, tuple[str, ...]]]:
    """Return the evidence without twins, and for each architecture the titles of those with the same weights."""
    kept: list[Evidence] = []
    twins: dict[str, tuple[str, ...]] = {}
    for one in found:
        twin_of = next((other for other in kept if one.weights.items() <= other.weights.items()), None)
        if twin_of is None:
            kept.append(one)
        else:
            twins[twin_of.architecture] = (*twins.get(twin_of.architecture, ()), one.title)
    return kept, twins


def twins_agree(found: Sequence[Evidence]) -> bool | None:
    """Whether the A/A pair ended with equal weights, for the same seed, processor and threads; None without such."""
    weights: dict[tuple[object, ...], set[str]] = {}
    common = []
    for one in found:
        for run in one.results if one.architecture in SAME_NETWORK else ():
            key = run.config.seed, run.environment.cpu_model, run.environment.threads
            common += [key] if key in weights else []
            weights.setdefault(key, set()).add(run.weights_sha256)
    return all(len(weights[key]) == 1 for key in common) if common else None

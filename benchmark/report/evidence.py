"""Finished trials by architecture, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmark.report.report_types import Twin
from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import RightCounts, count_right
from benchmark.training.fingerprint import differing_parts, fingerprint
from benchmark.wording import plural, printable

SAME_NETWORK = ("cnn_lstm", "cnn_lstm_tensorboard")  # the A/A pair: the same layers, trained twice


@dataclass(frozen=True)
class Evidence:
    """The finished trials of one architecture, in the order of their seeds.

    Attributes
    ----------
    title : str
        That of no other architecture: where two share one, each has its name behind it.
    predictions : Predictions
        Of the first trial, for what all have in common.
    probability : array of float32, shape (n_trials, n_reviews)
    right : array of bool, shape (n_trials, n_reviews)
    shuffled : RightCounts or None
        With the words of each review in random order; None where a trial was stored by an older version.
    """

    architecture: str
    title: str
    trials: tuple[TrialRecord, ...]
    results: tuple[TrialResult, ...]
    predictions: Predictions
    probability: NDArray[np.float32]
    right: NDArray[np.bool_]
    counts: RightCounts
    shuffled: RightCounts | None

    @property
    def one_label(self) -> bool:
        """Whether it gives every review the same label."""
        positive = self.probability > 0.5
        return bool(positive.all() or not positive.any())

    @cached_property
    def mean_probability(self) -> NDArray[np.float64]:
        """Over the seeds."""
        return self.probability.mean(axis=0, dtype=np.float64)

    @property
    def weights(self) -> dict[int | None, str]:
        """Hash of the weights by seed."""
        return {result.config.seed: result.weights_sha256 for result in self.results}


@dataclass(frozen=True)
class Gathered:
    """All that a benchmark has to report on.

    Attributes
    ----------
    architectures : tuple of Evidence
        In the planned order, twins included.
    distinct : tuple of Evidence
        Without those that ended with the same weights as another for every seed.
    twins : dict of str to tuple of Twin
        Those others, by the name of the one that is kept.
    left_out : tuple of str
        Sentences on trials that were not trained as the others of their architecture.
    """

    architectures: tuple[Evidence, ...]
    distinct: tuple[Evidence, ...]
    twins: dict[str, tuple[Twin, ...]]
    left_out: tuple[str, ...]

    @property
    def telling(self) -> list[Evidence]:
        """Those that do not give every review the same label."""
        return [evidence for evidence in self.distinct if not evidence.one_label]


def gather(record: BenchmarkRecord) -> Gathered:
    """Collect the finished trials of each architecture.

    Trials of one architecture are put together only where their fingerprints differ in nothing but the seed: the
    largest set of such trials is kept.
    """
    by_architecture: dict[str, list[TrialRecord]] = {}
    for trial in record.trials:
        by_architecture.setdefault(trial.config.architecture, []).append(trial)
    titles = {name: printable(trials[0].config.title) for name, trials in by_architecture.items()}
    times_used = Counter(titles.values())
    architectures: list[Evidence] = []
    left_out: list[str] = []
    for name, trials in by_architecture.items():
        finished = [trial for trial in trials if trial.status == "finished" and trial.result]
        if not finished:
            continue
        title = titles[name]
        if times_used[title] > 1:
            title = f"{title} ({name})"
        kept, sentences = _trained_alike(finished, title)
        left_out += sentences
        architectures.append(_evidence(record, kept, title))

    # Those that ended with the same weights as another for every seed
    distinct: list[Evidence] = []
    twins: dict[str, tuple[Twin, ...]] = {}
    for evidence in architectures:
        for other in distinct:
            if evidence.weights.items() <= other.weights.items():
                twin = Twin(architecture=evidence.architecture, title=evidence.title)
                twins[other.architecture] = (*twins.get(other.architecture, ()), twin)
                break
        else:
            distinct.append(evidence)
    return Gathered(tuple(architectures), tuple(distinct), twins, tuple(left_out))


def without_seed(trial: TrialRecord) -> dict[str, object]:
    """The parts of a finished trial's fingerprint that all seeds share."""
    parts = trial.result.fingerprint_parts if trial.result else {}
    return {name: part for name, part in sorted(parts.items()) if name != "seed"}


def _trained_alike(trials: Sequence[TrialRecord], title: str) -> tuple[list[TrialRecord], list[str]]:
    """Return the largest set of trials that differ in the seed only, and a sentence on the others."""
    alike: dict[str, list[TrialRecord]] = {}
    for trial in trials:
        alike.setdefault(fingerprint(without_seed(trial)), []).append(trial)
    kept, *others = sorted(alike.values(), key=len, reverse=True)
    if not others:
        return kept, []
    count = plural(len(trials) - len(kept), "trial")
    different = differing_parts(without_seed(kept[0]), without_seed(others[0][0]))
    return kept, [f"{count} of {title} left out, not trained as the others: {different[0]}."]


def _evidence(record: BenchmarkRecord, trials: list[TrialRecord], title: str) -> Evidence:
    trials = sorted(trials, key=lambda trial: -1 if trial.config.seed is None else trial.config.seed)
    predictions = [trial.predictions for trial in trials if trial.predictions]
    first = predictions[0]
    probability = np.stack([predicted.probability for predicted in predictions])
    right = correct(first.label, probability)
    groups = first.group if record.corpus.groups else None
    deterministic = trials[0].config.seed is None
    right_shuffled = []
    for predicted in predictions:
        if predicted.probability_shuffled is not None:
            right_shuffled.append(correct(first.label, predicted.probability_shuffled))
    shuffled = None
    if len(right_shuffled) == len(trials):
        shuffled = count_right(right_shuffled, groups, deterministic)
    return Evidence(
        architecture=trials[0].config.architecture,
        title=title,
        trials=tuple(trials),
        results=tuple(trial.result for trial in trials if trial.result),
        predictions=first,
        probability=probability,
        right=right,
        counts=count_right(right, groups, deterministic),
        shuffled=shuffled,
    )


def twins_agree(architectures: Sequence[Evidence]) -> bool | None:
    """Whether the A/A pair ended with equal weights, for the same seed, processor and threads; None without such."""
    weights: dict[tuple[object, ...], list[str]] = {}
    for evidence in architectures:
        if evidence.architecture not in SAME_NETWORK:
            continue
        for result in evidence.results:
            key = result.config.seed, result.environment.cpu_model, result.environment.threads
            weights.setdefault(key, []).append(result.weights_sha256)
    trained_twice = [hashes for hashes in weights.values() if len(hashes) > 1]
    if not trained_twice:
        return None
    return all(len(set(hashes)) == 1 for hashes in trained_twice)

"""Finished trials by architecture, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.report.wording import plural, printable
from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from benchmark.statistics.collapse import collapsed_seeds
from benchmark.statistics.scores import correct
from benchmark.statistics.variance import RightCounts, count_right
from benchmark.training.fingerprint import differing_parts

SAME_NETWORK = ("cnn_lstm", "cnn_lstm_tensorboard")  # the A/A pair: the same layers, trained twice


@dataclass(frozen=True)
class Evidence:
    """The finished trials of one architecture, in the order of their seeds.

    Attributes
    ----------
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

    Trials of one architecture are averaged only where their fingerprints differ in nothing but the seed.
    """
    found, left_out = [], []
    for architecture in dict.fromkeys(trial.config.architecture for trial in record.trials):
        trials = [one for one in record.finished if one.config.architecture == architecture and one.result]
        if not trials:
            continue
        kept, sentence = _alike(trials)
        left_out += [sentence] if sentence else []
        found.append(_evidence(record, kept))
    return found, left_out


def _alike(trials: list[TrialRecord]) -> tuple[list[TrialRecord], str | None]:
    """Return the largest set of trials with the same parts but for the seed; of equally large ones the first."""
    parts = [without_seed(trial) for trial in trials]
    common = Counter(map(repr, parts)).most_common(1)[0][0]
    kept = [trial for trial, its in zip(trials, parts, strict=True) if repr(its) == common]
    others = [its for its in parts if repr(its) != common]
    if not others:
        return kept, None
    different = differing_parts(without_seed(kept[0]), others[0])
    title = printable(kept[0].config.title)
    return kept, f"{plural(len(others), 'trial')} of {title} left out, not trained alike: {different[0]}."


def without_seed(trial: TrialRecord) -> dict[str, object]:
    assert trial.result is not None
    parts = trial.result.fingerprint_parts
    return {
        name: {inner: part for inner, part in value.items() if inner != "seed"} if isinstance(value, dict) else value
        for name, value in sorted(parts.items())
        if name != "seed"
    }


def _evidence(record: BenchmarkRecord, trials: list[TrialRecord]) -> Evidence:
    trials.sort(key=lambda one: -1 if one.config.seed is None else one.config.seed)
    results = tuple(one.result for one in trials if one.result)
    every = [one.predictions for one in trials if one.predictions]
    predictions = every[0]
    probability = np.stack([one.probability for one in every])
    right = np.stack([correct(one.label, one.probability) for one in every])
    groups = predictions.group if record.corpus.groups else None
    train_accuracy = [one.epochs[-1].train_accuracy for one in results if one.epochs]
    collapsed = collapsed_seeds(train_accuracy, probability > 0.5) if train_accuracy else ()
    return Evidence(
        architecture=trials[0].config.architecture,
        title=printable(trials[0].config.title),
        trials=tuple(trials),
        results=results,
        predictions=predictions,
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
    """Whether the A/A pair ended with equal weights for the seeds that both trained; None without such seeds.

    Only trials on the same processor with as many threads are compared.
    """
    pair = [one for one in found if one.architecture in SAME_NETWORK]
    if len(pair) < 2:
        return None
    first, second = (
        {
            (run.config.seed, run.environment.cpu_model, run.environment.threads): run.weights_sha256
            for run in one.results
        }
        for one in pair
    )
    common = first.keys() & second.keys()
    return all(first[key] == second[key] for key in common) if common else None

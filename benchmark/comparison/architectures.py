"""One architecture in two benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.evidence import Evidence, ScoredTrial, architecture_title
from benchmark.comparison.comparison_types import ArchitectureComparison, EpochRow, QuantityComparison, SeedRow
from benchmark.comparison.quantities import Pair, Quantities
from benchmark.statistics.robust import outliers


def describe_architecture(
    baseline: Evidence, candidate: Evidence, architecture: str, pair: Pair, quantities: Quantities
) -> ArchitectureComparison:
    """Put together all that the comparison says of an architecture that has a scored trial on both sides."""
    identical = bool(pair.seeds) and all(
        before.result.weights_sha256 == now.result.weights_sha256
        for before, now in zip(pair.baseline, pair.candidate, strict=True)
    )
    title = architecture_title(architecture)
    told = f"{_accuracy_words(quantities.accuracy, identical)}; {_time_words(quantities.seconds_per_epoch)}"
    return ArchitectureComparison(
        architecture=architecture,
        title=title,
        pairing=pair.pairing,
        seeds_compared=pair.seeds,
        identical=identical,
        accuracy=quantities.accuracy,
        loss=quantities.loss,
        seconds_per_epoch=quantities.seconds_per_epoch,
        peak_memory_mb=quantities.peak_memory_mb,
        seeds=_seed_rows(baseline, candidate, architecture),
        epochs=_epoch_rows(pair.baseline, pair.candidate),
        sentence=f"{title}: {told}.",
    )


def _accuracy_words(accuracy: QuantityComparison, identical: bool) -> str:
    before, now = n.percent(accuracy.baseline.mean), n.percent(accuracy.candidate.mean)
    if identical:
        return f"the same weights with every shared seed, accuracy {now}"
    words = f"accuracy {before} before and {now} now, {n.points(accuracy.change)} points"
    if accuracy.interval is None:
        return f"{words}, with an uncertainty that is unknown (one seed)"
    words += (
        f" (95% interval {n.points_interval(accuracy.interval)}, Holm p {n.known(accuracy.p_value_holm, n.p_value)})"
    )
    return words if accuracy.shown else f"{words}, so no difference is shown"


def _time_words(seconds: QuantityComparison) -> str:
    words = f"{seconds.change:.2f} times the seconds per epoch"
    if seconds.interval is None:
        return f"{words} (one seed)"
    return f"{words} ({seconds.interval.low:.2f} to {seconds.interval.high:.2f})"


def _seed_rows(baseline: Evidence, candidate: Evidence, architecture: str) -> tuple[SeedRow, ...]:
    before, now = baseline.scored[architecture], candidate.scored[architecture]
    wild = {
        seed
        for evidence in (baseline, candidate)
        for seed in outliers(evidence.accuracies(architecture), evidence.record.config.equivalence_margin_points / 100)
    }
    return tuple(_seed_row(seed, before.get(seed), now.get(seed), seed in wild) for seed in sorted({*before, *now}))


def _seed_row(seed: int, before: ScoredTrial | None, now: ScoredTrial | None, is_outlier: bool) -> SeedRow:
    return SeedRow(
        seed=seed,
        baseline_run_id=before and before.record.run_id,
        candidate_run_id=now and now.record.run_id,
        baseline_accuracy=before and before.scores.accuracy,
        candidate_accuracy=now and now.scores.accuracy,
        weights_equal=before.result.weights_sha256 == now.result.weights_sha256 if before and now else None,
        is_outlier=is_outlier,
    )


def _epoch_rows(baseline: Sequence[ScoredTrial], candidate: Sequence[ScoredTrial]) -> tuple[EpochRow, ...]:
    before, now = _mean_epochs(baseline), _mean_epochs(candidate)
    return tuple(
        EpochRow(
            epoch=epoch,
            baseline_accuracy=before[epoch][0] if epoch in before else None,
            candidate_accuracy=now[epoch][0] if epoch in now else None,
            baseline_loss=before[epoch][1] if epoch in before else None,
            candidate_loss=now[epoch][1] if epoch in now else None,
        )
        for epoch in sorted({*before, *now})
    )


def _mean_epochs(trials: Sequence[ScoredTrial]) -> dict[int, tuple[float, float]]:
    """Test accuracy and test loss after each epoch."""
    by_epoch: dict[int, list[tuple[float, float]]] = {}
    for trial in trials:
        for epoch in trial.result.epochs:
            by_epoch.setdefault(epoch.epoch, []).append((epoch.val_accuracy, epoch.val_loss))
    return {
        epoch: (float(np.mean([one[0] for one in values])), float(np.mean([one[1] for one in values])))
        for epoch, values in by_epoch.items()
    }

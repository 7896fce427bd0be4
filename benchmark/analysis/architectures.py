"""One row of the table for each architecture, with its comparison to the paper and to the tutorial."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from benchmark import numbers as n
from benchmark.analysis.analysis_types import ArchitectureSummary, UncertaintySplit
from benchmark.analysis.evidence import Evidence, ScoredTrial, architecture_title
from benchmark.analysis.intervals import accuracy_interval, fixed_seeds_interval, seeds_interval
from benchmark.analysis.parts import Spread
from benchmark.analysis.references import against_paper, against_tutorial, seeds_needed
from benchmark.references import References
from benchmark.statistics.crossed import Crossed, take_apart
from benchmark.statistics.robust import median_seed, outliers
from models.registry import architecture_names, get_architecture


def summarise(
    evidence: Evidence, architecture: str, references: References, same_weights_as: str | None = None
) -> ArchitectureSummary:
    """Compute the row of an architecture with at least one scored trial; its p-value is not adjusted yet."""
    trials = list(evidence.scored[architecture].values())
    accuracies = evidence.accuracies(architecture)
    values = list(accuracies.values())
    margin = evidence.record.config.equivalence_margin_points
    parts = take_apart(evidence.table(architecture))
    published = references.architectures.get(architecture)
    comparable = evidence.record.comparable_to_paper
    worst, best = min(accuracies, key=lambda s: accuracies[s]), max(accuracies, key=lambda s: accuracies[s])

    def over_seeds(figure: Callable[[ScoredTrial], float]) -> Spread:
        return spread(figure(trial) for trial in trials)

    gpu_memory = [trial.result.peak_gpu_memory_mb for trial in trials if trial.result.peak_gpu_memory_mb is not None]
    return ArchitectureSummary(
        architecture=architecture,
        title=architecture_title(architecture),
        group=get_architecture(architecture).group if architecture in architecture_names() else "own",
        trials_planned=len(evidence.record.config.seeds),
        seeds=tuple(accuracies),
        same_weights_as=same_weights_as,
        accuracy=spread(values),
        accuracy_median=float(np.median(values)),
        accuracy_worst=accuracies[worst],
        worst_seed=worst,
        accuracy_best=accuracies[best],
        best_seed=best,
        median_seed=median_seed(accuracies),
        outlier_seeds=outliers(accuracies, margin / 100),
        interval=accuracy_interval(trials[0], parts),
        interval_seeds=seeds_interval(values),
        interval_test_half=fixed_seeds_interval(trials[0], parts),
        uncertainty=_split(parts),
        paper=against_paper(evidence, architecture, parts, references.paper) if comparable else None,
        tutorial=against_tutorial(values, published.accuracy) if comparable and published else None,
        seeds_needed=seeds_needed(parts, references.paper, margin) if comparable else None,
        loss=over_seeds(lambda trial: trial.scores.loss),
        f1=over_seeds(lambda trial: trial.scores.f1),
        precision=over_seeds(lambda trial: trial.scores.precision),
        recall=over_seeds(lambda trial: trial.scores.recall),
        roc_auc=None if math.isnan(trials[0].scores.roc_auc) else over_seeds(lambda trial: trial.scores.roc_auc),
        brier=over_seeds(lambda trial: trial.scores.brier),
        parameters=trials[0].result.parameter_count,
        seconds_per_epoch=over_seeds(lambda trial: trial.seconds_per_epoch),
        reviews_per_second=over_seeds(lambda trial: trial.reviews_per_second),
        evaluation_milliseconds_per_review=over_seeds(lambda trial: trial.evaluation_milliseconds_per_review),
        trace_seconds=over_seeds(lambda trial: trial.result.trace_seconds),
        wall_seconds=over_seeds(lambda trial: trial.result.wall_seconds),
        peak_memory_mb=over_seeds(lambda trial: trial.result.peak_memory_mb),
        peak_gpu_memory_mb=spread(gpu_memory) if gpu_memory else None,
        model_mb=float(np.mean([trial.result.model_bytes for trial in trials])) / 1e6,
    )


def spread(values: Iterable[float]) -> Spread:
    """Mean, standard deviation and ends of one figure a seed."""
    found = np.array(list(values), dtype=np.float64)
    sd = float(found.std(ddof=1)) if len(found) > 1 else None
    return Spread(mean=float(found.mean()), sd=sd, low=float(found.min()), high=float(found.max()), n=len(found))


def _split(parts: Crossed) -> UncertaintySplit:
    test_half = math.sqrt(parts.variance_from_reviews)
    known = parts.uncertainty
    if known is None:
        return UncertaintySplit(
            seeds_se_points=None,
            test_half_se_points=100 * test_half,
            total_se_points=None,
            seeds_share=None,
            test_half_share=None,
            critical_value=None,
            sentence="With one seed the uncertainty from seeds is unknown, not zero; the finite test half alone has a "
            f"standard error of {100 * test_half:.2f} points.",
        )
    return UncertaintySplit(
        seeds_se_points=100 * math.sqrt(known.seed_variance),
        test_half_se_points=100 * test_half,
        total_se_points=100 * known.standard_error,
        seeds_share=known.seed_share,
        test_half_share=1 - known.seed_share if known.standard_error else 0.0,
        critical_value=known.critical_value(),
        sentence=f"Of the variance of the mean, {n.share(known.seed_share)} comes from the seeds and "
        f"{n.share(1 - known.seed_share)} from the finite test half.",
    )

"""How accuracy grows with the number of training reviews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmark.config import Settings
from benchmark.report.architecture_trials import collect_trials, with_both_labels
from benchmark.report.ladder import Rules
from benchmark.report.questions import bag_of_words
from benchmark.results import BenchmarkRecord
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.questions import judge_family
from benchmark.statistics.variance import Interval
from benchmark.statistics.verdict import VerdictKind, compare


class Size(Settings):
    """The typical training of an architecture on one number of reviews."""

    architecture: str
    reviews: int
    accuracy: float
    interval: Interval  # where reviews were drawn it contains the draw
    verdict: VerdictKind | None  # on the bag of words, trained on as many


def grow(record: BenchmarkRecord, rules: Rules) -> Iterator[Size]:
    """Give each architecture with each number of training reviews, ascending; nothing where there is one number.

    The verdicts on the bag of words share the error rate among the numbers.
    """
    numbers = sorted({_reviews(record, trial.config.train_reviews) for trial in record.trials})
    if len(numbers) < 2:
        return
    for reviews in numbers:
        trials = [trial for trial in record.trials if _reviews(record, trial.config.train_reviews) == reviews]
        architectures = collect_trials(replace(record, trials=tuple(trials)))
        simple = bag_of_words(architectures)
        verdicts = {}
        if simple:
            judge = partial(compare, second=simple.counts, margin=rules.margin)
            others = {other.name: other.counts for other in with_both_labels(architectures) if other is not simple}
            verdicts = judge_family(judge, others, rules.error_rate / len(numbers)).verdicts
        for architecture in architectures:
            verdict = verdicts.get(architecture.name)
            yield Size(
                architecture=architecture.name,
                reviews=reviews,
                accuracy=architecture.counts.median,
                interval=typical_interval(architecture.counts, rules.error_rate),
                verdict=verdict.kind if verdict else None,
            )


def _reviews(record: BenchmarkRecord, drawn: int | None) -> int:
    return drawn or record.corpus.train_reviews

"""How accuracy grows with the number of training reviews."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial

from benchmark.report.architecture_trials import collect_trials, with_both_labels
from benchmark.report.ladder import Rules, Size
from benchmark.report.questions import bag_of_words
from benchmark.results import BenchmarkRecord
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.questions import judge_family
from benchmark.statistics.verdict import compare


def grow(record: BenchmarkRecord, rules: Rules) -> dict[str, list[Size]]:
    """Give each architecture with each number of training reviews, ascending; nothing where there is one number.

    The verdicts on the bag of words share the error rate among the numbers.
    """
    sizes: dict[str, list[Size]] = defaultdict(list)
    numbers = sorted({_reviews(record, trial.config.train_reviews) for trial in record.trials})
    if len(numbers) < 2:
        return sizes
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
            name, counts = architecture.name, architecture.counts
            interval = typical_interval(counts, rules.error_rate)
            sizes[name].append(Size(counts.median, interval, verdicts.get(name), reviews))
    return sizes


def _reviews(record: BenchmarkRecord, drawn: int | None) -> int:
    return drawn or record.corpus.train_reviews

"""How accuracy grows with the number of training reviews."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial

from benchmark.report.architecture_trials import collect_trials, with_both_labels
from benchmark.report.ladder import Rules, Size
from benchmark.report.questions import bag_of_words
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.questions import judge_family
from benchmark.statistics.verdict import compare


def grow(record: BenchmarkRecord, rules: Rules) -> dict[str, list[Size]]:
    """Give each architecture with each number of training reviews, ascending; nothing where there is one number.

    The verdicts on the bag of words share the error rate among the numbers.
    """
    sizes: dict[str, list[Size]] = defaultdict(list)
    by_reviews: dict[int, list[TrialRecord]] = defaultdict(list)
    for trial in record.trials:
        by_reviews[trial.config.train_reviews or record.corpus.train_reviews].append(trial)
    if len(by_reviews) < 2:
        return sizes
    for reviews, trials in sorted(by_reviews.items()):
        architectures = collect_trials(replace(record, trials=tuple(trials)))
        simple = bag_of_words(architectures)
        verdicts = {}
        if simple:
            judge = partial(compare, second=simple.counts, margin=rules.margin)
            others = {other.name: other.counts for other in with_both_labels(architectures) if other is not simple}
            verdicts = judge_family(judge, others, rules.error_rate / len(by_reviews)).verdicts
        for architecture in architectures:
            name, counts = architecture.name, architecture.counts
            interval = typical_interval(counts, rules.error_rate)
            sizes[name].append(Size(counts.median, interval, verdicts.get(name), reviews))
    return sizes

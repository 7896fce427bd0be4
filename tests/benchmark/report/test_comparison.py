"""Two benchmarks, and what became worse; golden/comparisons.md has the answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.report import render_comparison, summarize_comparison
from benchmark.report.markdown import table_markdown
from benchmark.report.tables import comparison_table
from tests.support.golden import assert_golden
from tests.support.records import corpus_facts, environment, retrained, tiny_record

GOLDEN = Path(__file__).parent / "golden" / "comparisons.md"
NAMES = ("lstm", "cnn_lstm")


def benchmark(run_id="1" * 32, accuracy=0.88, seeds=(7, 8, 9), slower=1.0, reviews=2_000, spread=0.002, **settings):
    """Seeds around one accuracy, with some noise in the seconds."""
    accuracies = {(name, seed): accuracy + spread * ((seed % 3) - 1) for name in NAMES for seed in seeds}
    record = tiny_record(NAMES, seeds, reviews=reviews, accuracies=accuracies, **settings)
    trials = []
    for trial in record.trials:
        result = trial.result.model_copy(update={"train_seconds": 100 * slower + trial.config.seed})
        trials.append(replace(trial, result=result))
    return retrained(replace(record, trials=tuple(trials)), run_id)


def now(**settings):
    return benchmark("2" * 32, **settings)


def nine_of_twenty_failed():
    """Two benchmarks in which the typical training is the same."""
    accuracies = {(name, seed): 0.905 for name in NAMES for seed in range(20)}
    failed = {("lstm", seed): 0.7 for seed in range(9)}
    before, after = (
        tiny_record(NAMES, range(20), reviews=2_000, accuracies=each) for each in (accuracies, accuracies | failed)
    )
    return before, retrained(after)


def only_fails():
    record = tiny_record(NAMES, failed=[("lstm", seed) for seed in (7, 8, 9)], reviews=2_000)
    return replace(record, run_id="2" * 32)


CASES = {
    "The same accuracy is no regression": lambda: (benchmark(), now()),
    "A large loss is a regression of each architecture": lambda: (benchmark(), now(accuracy=0.82)),
    "A loss that chance explains is none": lambda: (benchmark(spread=0.01), now(accuracy=0.87, spread=0.01)),
    "The mean of all seeds is judged and not the median": nine_of_twenty_failed,
    "One seed is not judged": lambda: (benchmark(seeds=(7,)), now(accuracy=0.7, seeds=(7,))),
    "Seeds that scatter show no loss of five points": lambda: (benchmark(spread=0.04), now(spread=0.04)),
    "Times are shown and another machine is named": lambda: (
        benchmark(),
        replace(now(slower=1.5), environment=environment(cpu_model="another CPU")),
    ),
    "An architecture that only fails now is a regression": lambda: (benchmark(), only_fails()),
    "One that was not asked for again is none": lambda: (benchmark(), replace(now(), trials=now().trials[3:])),
}


def compare(first, second):
    return summarize_comparison(first, second, max_accuracy_drop_points=0.5)


def test_the_comparisons_are_the_golden_ones():
    sections = []
    for title, make in CASES.items():
        comparison = compare(*make())
        lines = [*comparison.answer, *(f"Regression: {one}" for one in comparison.regressions)]
        lines += [f"Differs: {one}" for one in comparison.differing_settings]
        sections.append("\n\n".join([f"## {title}", *lines, str(table_markdown(comparison_table(comparison)))]))
    assert_golden(GOLDEN, "\n\n".join(["# Comparisons", *sections]) + "\n")


def test_only_what_can_have_changed_shares_the_false_alarms():
    before, after = benchmark(), now()
    one_changed = replace(after, trials=(*before.trials[:3], *after.trials[3:]))
    alone = compare(before, one_changed).changes[1].accuracy
    both = compare(before, after).changes[1].accuracy
    assert alone.threshold < both.threshold


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (now(corpus=corpus_facts(test_reviews=2_000, digest="f" * 64)), "on all reviews of imdb"),
        (now(max_reviews=1_000), "they were tested on all reviews of imdb .* and 1000 reviews of"),
        (tiny_record(("bag_of_words_svm",), reviews=2_000), "no finished architecture in common"),
    ],
    ids=["other corpus", "fewer reviews", "no common architecture"],
)
def test_what_cannot_be_compared_is_refused_in_one_line(second, reason):
    with pytest.raises(UserError, match=reason) as refusal:
        compare(benchmark(), second)
    assert "\n" not in str(refusal.value)


def test_architectures_are_found_by_name_and_not_by_title():
    records = []
    for run_id in "12":
        record = benchmark(run_id * 32)
        trials = [replace(one, config=one.config.model_copy(update={"title": "Network"})) for one in record.trials]
        records.append(replace(record, trials=tuple(trials)))
    comparison = compare(*records)
    assert [change.first.architecture for change in comparison.changes] == ["lstm", "cnn_lstm"]


def test_equal_weights_are_said(tmp_path):
    comparison = compare(benchmark(), replace(benchmark(), run_id="2" * 32))
    assert comparison.answer == ("No regression: all weights are the same.",)
    render_comparison(comparison, tmp_path)
    assert "same weights" in (tmp_path / "comparison.md").read_text(encoding="utf-8")

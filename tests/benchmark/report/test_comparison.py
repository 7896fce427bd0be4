"""Two benchmarks, and what became worse."""

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from benchmark.report import render_comparison, summarize_comparison
from tests.support.records import corpus_facts, environment, tiny_record

NAMES = ("lstm", "cnn_lstm")


def benchmark(run_id="1" * 32, accuracy=0.88, seeds=(7, 8, 9), slower=1.0, reviews=2_000, spread=0.002, **settings):
    """Seeds around one accuracy, with some noise in the seconds."""
    accuracies = {(name, seed): accuracy + spread * ((seed % 3) - 1) for name in NAMES for seed in seeds}
    record = tiny_record(NAMES, seeds, reviews=reviews, accuracies=accuracies, **settings)
    trials = []
    for place, trial in enumerate(record.trials):
        seconds = 100 * slower * (1 + 0.002 * (place % 3))
        weights = f"{run_id[0]}{place:063d}"
        result = trial.result.model_copy(update={"train_seconds": seconds, "weights_sha256": weights})
        trials.append(replace(trial, result=result))
    return replace(record, run_id=run_id, trials=tuple(trials))


def compare(first, second, drop=0.5, slowdown=1.1):
    return summarize_comparison(first, second, max_accuracy_drop_points=drop, max_slowdown=slowdown)


def test_the_same_accuracy_is_no_regression():
    comparison = compare(benchmark(), benchmark("2" * 32))
    assert comparison.regressions == ()
    assert comparison.answer[0] == "No regression of accuracy and training time."
    assert [change.accuracy.change for change in comparison.changes] == [0.0, 0.0]


def test_a_large_loss_is_a_regression_of_each_architecture():
    comparison = compare(benchmark(), benchmark("2" * 32, accuracy=0.82))
    assert comparison.regressions[0].startswith("LSTM lost 6")
    assert comparison.regressions[1].startswith("Conv1D + LSTM lost 6")
    assert comparison.answer[0] == "2 regressions."


def test_a_loss_that_chance_explains_is_none():
    comparison = compare(benchmark(spread=0.01), benchmark("2" * 32, accuracy=0.87, spread=0.01))
    assert comparison.regressions == ()
    assert all(one.accuracy.threshold > 0.01 for one in comparison.changes)


def test_the_mean_of_all_seeds_is_judged_and_not_the_median():
    accuracies = {(name, seed): 0.905 for name in NAMES for seed in range(20)}
    before = tiny_record(NAMES, range(20), reviews=2_000, accuracies=accuracies)
    failed = {("lstm", seed): 0.7 for seed in range(9)}
    now = tiny_record(NAMES, range(20), reviews=2_000, accuracies=accuracies | failed)
    comparison = compare(before, replace(now, run_id="2" * 32))
    (lost,) = comparison.regressions
    assert lost.startswith("LSTM lost 9.2")
    lstm = comparison.changes[0]
    assert lstm.first.accuracy == lstm.second.accuracy  # the typical training is as before


def test_one_seed_is_not_judged_and_never_fails():
    comparison = compare(benchmark(seeds=(7,)), benchmark("2" * 32, accuracy=0.7, seeds=(7,), slower=3))
    assert comparison.regressions == ()
    assert comparison.answer[0] == "Nothing could be judged."
    assert "one seed does not show how much seeds differ" in comparison.answer[1]


def test_slower_trials_are_a_regression_of_time():
    slower = compare(benchmark(), benchmark("2" * 32, slower=1.5)).regressions
    assert [sentence.partition(" times as long")[0] for sentence in slower] == [
        "LSTM takes 1.50",
        "Conv1D + LSTM takes 1.50",
    ]
    assert compare(benchmark(), benchmark("2" * 32, slower=1.05)).regressions == ()


def test_times_of_another_processor_are_not_judged():
    second = benchmark("2" * 32, slower=2.0)
    elsewhere = environment(cpu_model="another CPU")
    trials = [replace(one, result=one.result.model_copy(update={"environment": elsewhere})) for one in second.trials]
    comparison = compare(benchmark(), replace(second, trials=tuple(trials), environment=elsewhere))
    assert comparison.regressions == ()
    assert comparison.answer[0] == "No regression of accuracy."
    assert comparison.answer[1].startswith("Training time was not judged for LSTM and Conv1D + LSTM")
    assert comparison.changes[0].time is None
    (machine,) = [one for one in comparison.differing_settings if one.startswith("cpu model was ")]
    assert machine.endswith(" and is another CPU")


def test_times_of_trials_from_the_store_are_not_judged():
    second = benchmark("2" * 32, slower=2.0)
    trials = [replace(trial, trained_in="1" * 32) for trial in second.trials]
    comparison = compare(benchmark(), replace(second, trials=tuple(trials)))
    assert comparison.regressions == ()
    assert comparison.answer[0] == "No regression of accuracy."
    assert comparison.answer[1].startswith("Training time was not judged for LSTM and Conv1D + LSTM")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (benchmark("2" * 32, corpus=corpus_facts(test_reviews=2_000, digest="f" * 64)), "tested on other reviews"),
        (benchmark("2" * 32, max_reviews=1_000), "they used all and 1000 reviews of each split"),
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
    assert [change.architecture for change in comparison.changes] == ["lstm", "cnn_lstm"]
    assert [change.first.architecture for change in comparison.changes] == ["lstm", "cnn_lstm"]


def test_an_architecture_that_only_fails_now_is_a_regression():
    second = tiny_record(NAMES, failed=[("lstm", seed) for seed in (7, 8, 9)], reviews=2_000)
    comparison = compare(benchmark(), replace(second, run_id="2" * 32))
    assert comparison.regressions[0].startswith("LSTM has no finished trial in the second benchmark")
    assert "out of memory" in comparison.regressions[0]


def test_an_architecture_that_was_not_asked_for_again_is_none():
    second = replace(benchmark("2" * 32), trials=benchmark("2" * 32).trials[3:])
    assert compare(benchmark(), second).regressions == ()


def test_equal_weights_are_said_and_not_drawn(tmp_path):
    comparison = compare(benchmark(), replace(benchmark(), run_id="2" * 32))
    assert all(one.same_weights for one in comparison.changes)
    render_comparison(comparison, tmp_path)
    assert list((tmp_path / "charts").iterdir()) == []
    assert "same weights" in (tmp_path / "comparison.md").read_text(encoding="utf-8")

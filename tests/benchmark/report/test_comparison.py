"""Two benchmarks, and what became worse."""

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from benchmark.report import render_comparison, summarize_comparison
from benchmark.report.tables import comparison_table
from tests.support.records import corpus_facts, environment, retrained, tiny_record

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


def compare(first, second):
    return summarize_comparison(first, second, max_accuracy_drop_points=0.5)


def test_the_same_accuracy_is_no_regression():
    comparison = compare(benchmark(), benchmark("2" * 32))
    assert comparison.regressions == ()
    assert comparison.answer[0] == "No regression."
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
    comparison = compare(before, retrained(now))
    (lost,) = comparison.regressions
    assert lost.startswith("LSTM lost 9.2")
    lstm = comparison.changes[0]
    assert lstm.first.accuracy == lstm.second.accuracy  # the typical training is as before


def test_one_seed_is_not_judged():
    comparison = compare(benchmark(seeds=(7,)), benchmark("2" * 32, accuracy=0.7, seeds=(7,)))
    assert comparison.regressions == ()
    assert comparison.unseen == ("LSTM", "Conv1D + LSTM")
    assert comparison.answer[0] == "Too few seeds to tell whether LSTM and Conv1D + LSTM became worse."
    assert comparison.answer[1] == "LSTM is not judged: one seed does not show how much seeds differ."


def test_seeds_that_scatter_show_no_loss_of_five_points():
    comparison = compare(benchmark(spread=0.04), benchmark("2" * 32, spread=0.04))
    assert comparison.unseen == ("LSTM", "Conv1D + LSTM")
    assert comparison.answer[1] == "LSTM: a loss of less than 9.57 points would not be seen."


def test_only_what_can_have_changed_shares_the_false_alarms():
    before, now = benchmark(), benchmark("2" * 32)
    one_changed = replace(now, trials=(*before.trials[:3], *now.trials[3:]))
    alone = compare(before, one_changed).changes[1].accuracy
    both = compare(before, now).changes[1].accuracy
    assert alone.threshold < both.threshold


def test_times_are_shown_and_another_machine_is_named():
    first = benchmark()
    second = replace(benchmark("2" * 32, slower=1.5), environment=environment(cpu_model="another CPU"))
    comparison = compare(first, second)
    assert comparison_table(comparison)[0]["Training before, now"] == "1.8 min, 2.6 min"
    (machine,) = [one for one in comparison.differing_settings if one.startswith("cpu model was ")]
    assert machine.endswith(" and is another CPU")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (
            benchmark("2" * 32, corpus=corpus_facts(test_reviews=2_000, digest="f" * 64)),
            "on all reviews of imdb",
        ),
        (benchmark("2" * 32, max_reviews=1_000), "they were tested on all reviews of imdb .* and 1000 reviews of"),
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
    assert comparison.answer == ("No regression: all weights are the same.",)
    render_comparison(comparison, tmp_path)
    assert list((tmp_path / "charts").iterdir()) == []
    assert "same weights" in (tmp_path / "comparison.md").read_text(encoding="utf-8")

from dataclasses import replace

import pytest

from benchmark.analysis.analyse import analyse
from tests.support.records import make_record


def pair(analysis, first, second):
    return next(one for one in analysis.pairwise if (one.first, one.second) == (first, second))


@pytest.fixture(scope="module")
def analysis():
    return analyse(make_record(reviews=3000, seeds=(7, 8, 9, 10, 11)))


def test_every_two_architectures_are_compared_once(analysis):
    assert len(analysis.pairwise) == 6
    assert len({frozenset((one.first, one.second)) for one in analysis.pairwise}) == 6


def test_a_difference_is_that_of_the_means_and_lies_in_its_interval(analysis):
    means = {row.architecture: row.accuracy.mean for row in analysis.architectures}
    found = pair(analysis, "lstm", "cnn_lstm")
    assert found.difference_points == pytest.approx(100 * (means["lstm"] - means["cnn_lstm"]))
    assert found.interval_points.low < found.difference_points < found.interval_points.high
    assert found.p_value_holm >= found.p_value
    assert found.mcnemar is None


def test_the_sentence_names_the_better_one_first(analysis):
    found = pair(analysis, "lstm", "cnn_lstm")
    assert found.p_value_holm < 0.05
    assert found.sentence.startswith(f"cnn_lstm is {abs(found.difference_points):.2f} points better than lstm")
    assert found.probability_of_improvement < 0.5


def test_a_difference_that_is_not_shown_is_not_called_equality():
    close = {("lstm", 7): 0.86, ("lstm", 8): 0.88, ("lstm_dropout", 7): 0.875, ("lstm_dropout", 8): 0.87}
    found = analyse(make_record(["lstm", "lstm_dropout"], (7, 8), accuracies=close)).pairwise[0]
    assert found.sentence.startswith("No difference is shown")
    assert "no evidence that they are equal" in found.sentence


def test_one_seed_each_is_mcnemars_test_of_two_trained_models():
    record = make_record(["lstm", "cnn_lstm"], (7,), reviews=2000)
    found = analyse(record).pairwise[0]
    counts = found.mcnemar.first_only_right - found.mcnemar.second_only_right
    assert found.difference_points == pytest.approx(100 * counts / 2000)
    assert found.p_value == found.mcnemar.p_value
    assert "other seeds may differ" in found.sentence


def test_only_common_seeds_are_paired():
    record = make_record(["lstm", "cnn_lstm"], failed=[("lstm", 7), ("cnn_lstm", 9)])
    assert analyse(record).pairwise[0].seeds == (8,)


def test_no_common_seed_is_no_comparison():
    record = make_record(["lstm", "cnn_lstm"], (7, 8), failed=[("lstm", 7), ("cnn_lstm", 8)])
    found = analyse(record).pairwise[0]
    assert (found.difference_points, found.p_value, found.p_value_holm, found.identical) == (None, None, None, False)
    assert "no seed in common" in found.sentence


def test_the_control_holds_where_the_weights_are_equal(analysis):
    control = analysis.control
    assert control.passed
    assert [one.seed for one in control.seeds] == [7, 8, 9, 10, 11]
    assert all(one.largest_probability_difference == 0 for one in control.seeds)
    assert control.sentence in analysis.headlines
    assert pair(analysis, "cnn_lstm", "cnn_lstm_tensorboard").identical
    assert pair(analysis, "cnn_lstm", "cnn_lstm_tensorboard").is_control


def test_a_control_that_fails_says_how_far_apart_and_from_which_epoch():
    record = make_record(["cnn_lstm", "cnn_lstm_tensorboard"], (7, 8))
    *trials, last = record.trials
    weights = (last.result.epoch_weights_sha256[0], "f" * 64, "e" * 64)
    result = last.result.model_copy(update={"epoch_weights_sha256": weights, "weights_sha256": "e" * 64})
    moved = replace(last.predictions, probability=last.predictions.probability * 0.9)
    broken = replace(record, trials=(*trials, replace(last, result=result, predictions=moved)))
    analysis = analyse(broken)
    assert not analysis.control.passed
    same, different = analysis.control.seeds
    assert (same.weights_equal, same.first_epoch_that_differs) == (True, None)
    assert (different.weights_equal, different.first_epoch_that_differs) == (False, 2)
    assert different.largest_probability_difference == pytest.approx(0.1 * last.predictions.probability.max(), rel=1e-5)
    assert "fails" in analysis.control.sentence
    assert any(caveat.code == "control-failed" and caveat.severity == "warning" for caveat in analysis.caveats)


def test_without_both_architectures_there_is_no_control():
    assert analyse(make_record(["lstm", "cnn_lstm"])).control is None

from dataclasses import replace

import numpy as np
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.reproduction import judge, trials_to_reproduce, worst_outcome
from tests.support.records import finished_trial, make_environment, make_record

TRIAL = BenchmarkConfig.from_options(architectures=("cnn_lstm",), seeds=(7,)).trials()[0]
BEFORE = finished_trial(TRIAL, accuracy=0.88)


def _again(first_epoch_that_differs=None, accuracy_points=0.0, **changes):
    """The result of training again, with other weights from some epoch on."""
    result = BEFORE.result
    weights = list(result.epoch_weights_sha256)
    if first_epoch_that_differs:
        weights[first_epoch_that_differs - 1 :] = ["0" * 64] * (len(weights) - first_epoch_that_differs + 1)
    return result.model_copy(
        update={
            "epoch_weights_sha256": tuple(weights),
            "weights_sha256": weights[-1],
            "test_accuracy": result.test_accuracy + accuracy_points / 100,
            **changes,
        }
    )


def _judge(now, tolerance_points=0.5, probability=None):
    predictions = BEFORE.predictions if probability is None else replace(BEFORE.predictions, probability=probability)
    return judge(BEFORE, now, predictions, tolerance_points)


def test_equal_weights_after_every_epoch_and_equal_predictions_are_bit_for_bit_the_same():
    found = _judge(_again())
    assert found.outcome == "bit for bit the same"
    assert found.successful
    assert found.first_epoch_that_differs is None
    assert found.sentence == (
        "cnn_lstm seed 7: bit for bit the same: the weights after each of 3 epochs and the probabilities of all "
        "400 test reviews are equal."
    )


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_the_first_epoch_that_differs_is_named(epoch):
    found = _judge(_again(epoch))
    assert found.first_epoch_that_differs == epoch
    assert f"the weights differ from epoch {epoch} on" in found.sentence


def test_other_weights_with_an_accuracy_within_the_tolerance_are_the_same_accuracy():
    found = _judge(_again(1, accuracy_points=-0.4))
    assert "(\N{MINUS SIGN}0.40 points)" in found.sentence
    assert found.outcome == "same accuracy"
    assert found.successful
    assert "same accuracy within 0.5 points" in found.sentence


def test_a_difference_of_just_the_tolerance_is_within_it():
    assert _judge(_again(1, accuracy_points=0.5)).outcome == "same accuracy"


def test_an_accuracy_beyond_the_tolerance_differs():
    found = _judge(_again(1, accuracy_points=0.51))
    assert found.outcome == "differs"
    assert not found.successful


def test_no_tolerance_insists_on_the_same_bits():
    assert _judge(_again(3), tolerance_points=0).outcome == "differs"
    assert _judge(_again(), tolerance_points=0).outcome == "bit for bit the same"


def test_one_probability_in_its_last_bit_is_not_bit_for_bit_the_same():
    probability = BEFORE.predictions.probability.copy()
    probability[5] = np.nextafter(probability[5], np.float32(1))
    found = _judge(_again(), probability=probability)
    assert found.outcome == "same accuracy"
    assert found.weights_equal
    assert 0 < found.largest_probability_difference < 1e-6
    assert found.reviews_classified_otherwise == 0
    assert "the weights are equal, but probabilities differ by up to" in found.sentence


def test_reviews_classified_otherwise_are_counted():
    probability = BEFORE.predictions.probability.copy()
    probability[[1, 2, 3]] = 1 - probability[[1, 2, 3]]
    assert _judge(_again(2), probability=probability).reviews_classified_otherwise == 3


def test_other_test_reviews_are_never_the_same():
    other = replace(BEFORE.predictions, review_id=BEFORE.predictions.review_id[::-1])
    found = judge(BEFORE, _again(), other, 0.5)
    assert found.outcome != "bit for bit the same"
    assert found.largest_probability_difference is None


def test_what_decides_the_result_and_is_not_as_it_was_is_named():
    parts = {"architecture": "cnn_lstm", "seed": 7}
    before = replace(BEFORE, result=_again(fingerprint_parts={**parts, "threads": 2, "versions": {"keras": "3.14"}}))
    now = _again(1, fingerprint_parts={**parts, "threads": 4, "versions": {"keras": "3.15"}})
    found = judge(before, now, BEFORE.predictions, 0.5)
    assert found.changes == ("threads was 2 and is 4", "versions: keras was 3.14 and is 3.15")
    assert "Not as it was: threads was 2 and is 4; versions: keras was 3.14 and is 3.15." in found.sentence


def test_another_cpu_is_named_though_it_is_no_part_of_the_fingerprint():
    found = _judge(_again(1, environment=make_environment(cpu_model="Another CPU")))
    assert found.changes == ()
    assert found.surroundings == ("CPU was Some CPU at 2.0 GHz and is Another CPU",)
    assert "Nothing that is known to decide the result has changed; around it: CPU was" in found.sentence


def test_a_difference_without_any_known_reason_says_so():
    assert _judge(_again(2)).sentence.endswith("Nothing that is known to decide the result has changed.")


def test_a_trial_that_did_not_finish_cannot_be_reproduced():
    failed = make_record(("lstm",), (7,), failed=[("lstm", 7)]).trials[0]
    with pytest.raises(UserError, match="is failed; only a finished trial can be reproduced"):
        judge(failed, _again(), BEFORE.predictions, 0.5)


def test_of_a_benchmark_the_median_trial_of_each_architecture_is_reproduced():
    accuracies = {("lstm", 7): 0.85, ("lstm", 8): 0.7, ("lstm", 9): 0.86}
    record = make_record(("lstm", "cnn_lstm"), accuracies=accuracies)
    chosen = trials_to_reproduce(record)
    assert [trial.config.architecture for trial in chosen] == ["lstm", "cnn_lstm"]
    assert chosen[0].config.seed == 7


def test_trials_that_did_not_finish_are_passed_over():
    record = make_record(("lstm", "cnn_lstm"), (7, 8), failed=[("lstm", 7), ("cnn_lstm", 7), ("cnn_lstm", 8)])
    assert [trial.config.name for trial in trials_to_reproduce(record)] == ["lstm seed 8"]


def test_a_benchmark_without_a_finished_trial_is_refused():
    with pytest.raises(UserError, match="no finished trial"):
        trials_to_reproduce(make_record(("lstm",), (7,), failed=[("lstm", 7)]))


def test_the_worst_outcome_stands_for_all():
    assert worst_outcome(["bit for bit the same", "differs", "same accuracy"]) == "differs"
    assert worst_outcome(["same accuracy", "bit for bit the same"]) == "same accuracy"

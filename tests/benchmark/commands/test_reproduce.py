"""The verdict on a trial that was trained again."""

import pytest

from benchmark.commands.reproduce import judge
from tests.support.records import environment, predictions, trial_config, trial_result

NETWORK, BASELINE = trial_config("lstm", 7), trial_config("bag_of_words_svm")


def _result(accuracy: float, trial=NETWORK, **changes):
    return trial_result(trial, predictions(trial, accuracy), **changes)


def test_on_the_same_kind_of_processor_the_weights_decide():
    before = _result(0.86)
    assert judge(before, before) == (True, "The same, bit for bit: equal weights, test accuracy 86.00%.")
    same, sentence = judge(before, _result(0.86, weights_sha256="0" * 64))
    assert not same
    assert "same kind of processor" in sentence


@pytest.mark.parametrize("changes", [{"cpu_model": "Another CPU"}, {"threads": 8}, {"cpu_instructions": "avx2"}])
@pytest.mark.parametrize(
    ("trial", "accuracy", "same"), [(NETWORK, 0.86, False), (BASELINE, 0.86, True), (BASELINE, 0.84, False)]
)
def test_on_another_one_a_baseline_keeps_its_accuracy_and_a_network_may_have_any(trial, accuracy, same, changes):
    now = _result(accuracy, trial, env=environment(**changes), weights_sha256="0" * 64)
    sentence = f"Another kind of processor gives other weights: 86.00% before, {accuracy:.2%} now."
    assert judge(_result(0.86, trial), now) == (same, sentence)

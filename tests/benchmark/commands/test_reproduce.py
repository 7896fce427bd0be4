"""The verdict on a trial that was trained again."""

import pytest

from benchmark.commands.reproduce import judge
from tests.support.records import environment, predictions, trial_config, trial_result

TRIAL = trial_config("lstm", 7)
STORED = [0.860, 0.855, 0.865]


def _result(accuracy: float, trial=TRIAL, **changes):
    return trial_result(trial, predictions(trial, accuracy), **changes)


def test_on_the_same_kind_of_processor_the_weights_decide():
    before = _result(0.86)
    assert judge(before, before, STORED) == (True, "The same, bit for bit: equal weights, test accuracy 86.00%.")
    same, sentence = judge(before, _result(0.86, weights_sha256="0" * 64), STORED)
    assert not same
    assert "same kind of processor" in sentence


@pytest.mark.parametrize(
    ("changes", "accuracy", "same"),
    [
        ({"cpu_model": "Another CPU (family 26)"}, 0.875, True),
        ({"cpu_model": "Another CPU (family 26)"}, 0.78, False),
        ({"threads": 8}, 0.86, True),
        ({"cpu_instructions": "avx2"}, 0.95, False),
    ],
)
def test_another_kind_of_processor_is_judged_by_the_prediction_interval_of_the_stored_seeds(changes, accuracy, same):
    now = _result(accuracy, env=environment(**changes), weights_sha256="0" * 64)
    found, sentence = judge(_result(0.86), now, STORED)
    assert found is same
    assert "prediction interval of 3 stored seeds" in sentence
    found, sentence = judge(_result(0.86), now, STORED[:1])
    assert not found
    assert "Cannot be judged" in sentence

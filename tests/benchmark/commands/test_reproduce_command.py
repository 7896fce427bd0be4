from dataclasses import replace

import pytest

from benchmark.__main__ import main
from benchmark.commands.reproduce import again
from benchmark.errors import UserError
from tests.support.records import make_record

(TRIAL,) = make_record(("cnn_lstm",), (7,), epochs=2).trials


def _refusal(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["benchmark", *words])
    assert main() == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("tolerance", ["x", "-1", "101", "nan"])
def test_an_impossible_tolerance_is_refused_before_any_store_is_opened(monkeypatch, capsys, tolerance):
    refusal = _refusal(monkeypatch, capsys, "reproduce", "--tolerance-points", tolerance)
    assert refusal.startswith(f"error: --tolerance-points: {tolerance!r} is not possible")


def test_an_unknown_device_is_refused_before_any_store_is_opened(monkeypatch, capsys):
    refusal = _refusal(monkeypatch, capsys, "reproduce", "--device", "tpu")
    assert refusal.startswith("error: --device: 'tpu' is not possible; give auto, cpu or gpu")


@pytest.mark.parametrize("drop", ["much", "-1", "inf"])
def test_an_impossible_drop_of_accuracy_is_refused_before_any_store_is_opened(monkeypatch, capsys, drop):
    refusal = _refusal(monkeypatch, capsys, "compare", "--max-accuracy-drop-points", drop)
    assert refusal.startswith(f"error: --max-accuracy-drop-points: {drop!r} is not possible")


def test_a_trial_is_trained_again_with_its_own_settings_on_the_device_asked_for():
    assert again(TRIAL, "gpu") == TRIAL.config.model_copy(update={"device": "gpu"})


def test_an_architecture_that_is_not_registered_here_is_refused_with_those_that_are():
    unknown = replace(TRIAL, config=TRIAL.config.model_copy(update={"architecture": "gru"}))
    with pytest.raises(UserError, match=r"architecture 'gru', which is not registered here; registered are lstm"):
        again(unknown, "cpu")

"""A named way to build a model is registered once and found again, without a start of Keras."""

import subprocess
import sys

import pytest

from models import registry
from models.registry import architecture_names, get_architecture, register_architecture


@pytest.fixture(autouse=True)
def _own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ARCHITECTURES", dict(registry._ARCHITECTURES))


def build(vocabulary_size: int, review_length: int) -> None:
    raise NotImplementedError


def test_the_tutorial_has_four_architectures() -> None:
    assert architecture_names("tutorial") == ["lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard"]


def test_a_registered_architecture_is_found_with_its_settings() -> None:
    register_architecture("mine", title="Mine", parameter_count=7, units=3)(build)
    mine = get_architecture("mine")
    assert (mine.title, mine.group, mine.parameter_count, mine.hyperparameters) == ("Mine", "own", 7, {"units": 3})
    assert mine.build is build
    assert "mine" in architecture_names()
    assert "mine" not in architecture_names("tutorial")


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="'lstm' is registered twice"):
        register_architecture("lstm", title="Another")(build)


def test_only_a_function_is_registered() -> None:
    with pytest.raises(TypeError, match="'mine' needs a function"):
        register_architecture("mine", title="Mine")("a model")  # type: ignore[arg-type]


def test_an_unknown_name_is_told_with_those_that_exist() -> None:
    with pytest.raises(KeyError, match="no architecture 'gru'; registered are lstm, lstm_dropout"):
        get_architecture("gru")


def test_hyperparameters_cannot_be_changed_after_registration() -> None:
    with pytest.raises(TypeError):
        get_architecture("lstm").hyperparameters["lstm_units"] = 50  # type: ignore[index]


def test_naming_an_architecture_imports_no_keras() -> None:
    code = "import models, sys; print(sorted({'keras', 'tensorflow', 'mlflow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

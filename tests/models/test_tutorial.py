"""The four architectures are the tutorial's, and what they say of themselves is true."""

import pytest

from models.registry import architecture_names, get_architecture

keras = pytest.importorskip("keras")


def layers_of(name: str) -> list[str]:
    return [type(layer).__name__ for layer in get_architecture(name).build(5000, 500).layers]


@pytest.mark.parametrize(
    ("name", "layers", "parameters"),
    [
        ("lstm", ["Embedding", "LSTM", "Dense"], 213_301),
        ("lstm_dropout", ["Embedding", "Dropout", "LSTM", "Dropout", "Dense"], 213_301),
        ("cnn_lstm", ["Embedding", "Conv1D", "MaxPooling1D", "LSTM", "Dense"], 216_405),
        ("cnn_lstm_tensorboard", ["Embedding", "Conv1D", "MaxPooling1D", "LSTM", "Dense"], 216_405),
    ],
)
def test_layers_and_parameters_are_the_tutorials(name: str, layers: list[str], parameters: int) -> None:
    assert layers_of(name) == layers
    assert get_architecture(name).build(5000, 500).count_params() == parameters


@pytest.mark.parametrize("name", architecture_names("tutorial"))
def test_the_logged_hyperparameters_are_those_of_the_layers(name: str) -> None:
    configs = {type(layer).__name__: layer.get_config() for layer in get_architecture(name).build(5000, 500).layers}
    built = {
        "embedding_dimension": configs["Embedding"]["output_dim"],
        "lstm_units": configs["LSTM"]["units"],
    }
    if "Dropout" in configs:
        built["dropout"] = configs["Dropout"]["rate"]
    if "Conv1D" in configs:
        built["filters"] = configs["Conv1D"]["filters"]
        (built["kernel_size"],) = configs["Conv1D"]["kernel_size"]
        (built["pool_size"],) = configs["MaxPooling1D"]["pool_size"]
    assert get_architecture(name).hyperparameters == built


def test_only_the_fourth_writes_tensorboard_logs() -> None:
    names = architecture_names("tutorial")
    assert [name for name in names if get_architecture(name).writes_tensorboard] == ["cnn_lstm_tensorboard"]

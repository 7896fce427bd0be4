"""The tutorial's four networks: layers and numbers of parameters."""

import pytest

from models.registry import lookup


@pytest.mark.parametrize(
    ("name", "layers", "parameters"),
    [
        ("lstm", ["Embedding", "LSTM", "Dense"], 213_301),
        ("lstm_dropout", ["Embedding", "Dropout", "LSTM", "Dropout", "Dense"], 213_301),
        ("cnn_lstm", ["Embedding", "Conv1D", "MaxPooling1D", "LSTM", "Dense"], 216_405),
        ("cnn_lstm_tensorboard", ["Embedding", "Conv1D", "MaxPooling1D", "LSTM", "Dense"], 216_405),
    ],
)
def test_a_network_of_the_tutorial(name: str, layers: list[str], parameters: int) -> None:
    architecture = lookup(name)
    model = architecture.build(5000, 500)
    assert [type(layer).__name__ for layer in model.layers] == layers
    assert model.count_params() == parameters
    assert (model.input_shape, model.output_shape) == ((None, 500), (None, 1))
    assert not model.compiled
    assert (architecture.epochs, architecture.batch_size, architecture.learning_rate) == (3, 64, 0.001)
    assert architecture.writes_tensorboard == (name == "cnn_lstm_tensorboard")

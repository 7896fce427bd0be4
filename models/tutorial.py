"""The tutorial's four networks, as the tutorial writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras


@register_architecture(title="LSTM", published_as="tutorial_lstm")
def lstm(vocabulary_size: int, max_length: int, *, embedding_dimension: int = 32, lstm_units: int = 100) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, embedding_dimension),
            layers.LSTM(lstm_units),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@register_architecture(title="LSTM with dropout", published_as="tutorial_lstm_dropout")
def lstm_dropout(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 32,
    lstm_units: int = 100,
    dropout: float = 0.2,
) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, embedding_dimension),
            layers.Dropout(dropout),
            layers.LSTM(lstm_units),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@register_architecture(
    "cnn_lstm_tensorboard",
    title="Conv1D + LSTM, TensorBoard",
    writes_tensorboard=True,
    control_of="cnn_lstm",
    published_as="tutorial_cnn_lstm_tensorboard",
)
@register_architecture(title="Conv1D + LSTM", published_as="tutorial_cnn_lstm")
def cnn_lstm(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 32,
    filters: int = 32,
    kernel_size: int = 3,
    pool_size: int = 2,
    lstm_units: int = 100,
) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, embedding_dimension),
            layers.Conv1D(filters, kernel_size, padding="same", activation="relu"),
            layers.MaxPooling1D(pool_size),
            layers.LSTM(lstm_units),
            layers.Dense(1, activation="sigmoid"),
        ]
    )

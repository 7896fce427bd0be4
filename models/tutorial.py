"""The tutorial's four networks, as the tutorial writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras


@register_architecture(title="LSTM", group="tutorial", parameter_count=213_301, embedding_dimension=32, lstm_units=100)
def lstm(vocabulary_size: int, max_length: int) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, 32),
            layers.LSTM(100),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@register_architecture(
    title="LSTM with dropout",
    group="tutorial",
    parameter_count=213_301,
    embedding_dimension=32,
    lstm_units=100,
    dropout=0.2,
)
def lstm_dropout(vocabulary_size: int, max_length: int) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, 32),
            layers.Dropout(0.2),
            layers.LSTM(100),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@register_architecture(
    title="Conv1D + LSTM",
    group="tutorial",
    parameter_count=216_405,
    embedding_dimension=32,
    filters=32,
    kernel_size=3,
    pool_size=2,
    lstm_units=100,
)
def cnn_lstm(vocabulary_size: int, max_length: int) -> keras.Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocabulary_size, 32),
            layers.Conv1D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.LSTM(100),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@register_architecture(
    title="Conv1D + LSTM, TensorBoard",
    group="tutorial",
    parameter_count=216_405,
    writes_tensorboard=True,
    embedding_dimension=32,
    filters=32,
    kernel_size=3,
    pool_size=2,
    lstm_units=100,
)
def cnn_lstm_tensorboard(vocabulary_size: int, max_length: int) -> keras.Model:
    return cnn_lstm(vocabulary_size, max_length)

"""Networks of our own on the tutorial's input.

Stock Keras layers and operations only, so that a saved model loads without this file. Their settings were chosen on
reviews of the training split that were held out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras

PADDING = 0


@register_architecture(
    title="Average of words and bigrams",
    group="networks",
    epochs=5,
    batch_size=128,
    learning_rate=0.002,
)
def bigram_average(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 4,
    bigram_bins: int = 400_000,
    word_dropout: float = 0.7,
) -> keras.Model:
    """Embeddings of words and of hashed bigrams, each counted once in a review, summed as fastText averages them."""
    import keras
    from keras import layers, ops

    ids = keras.Input((max_length,), dtype="int32")
    first, second = ids[:, :-1], ids[:, 1:]
    hashed = 1 + (first * vocabulary_size + second) % (bigram_bins - 1)
    bigrams = ops.where(ops.equal(second, PADDING), PADDING, hashed)
    averages = [
        _average(ids, vocabulary_size, embedding_dimension, word_dropout),
        _average(bigrams, bigram_bins, embedding_dimension, word_dropout),
    ]
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(layers.Concatenate()(averages)))


def _average(ids: Any, count: int, dimension: int, dropout: float) -> Any:
    """Sum the embeddings of the different ids that dropout leaves, over the square root of how many there are."""
    from keras import layers, ops

    ids = ops.sort(ids, axis=1)
    is_again = ops.equal(ids[:, 1:], ids[:, :-1])
    ids = ops.concatenate([ids[:, :1], ops.where(is_again, PADDING, ids[:, 1:])], axis=1)
    embeddings = layers.Embedding(count, dimension)(ids)
    is_word = ops.expand_dims(ops.cast(ops.not_equal(ids, PADDING), embeddings.dtype), 1)
    total = ops.squeeze(ops.matmul(layers.Dropout(dropout)(is_word), embeddings), 1)
    return total / ops.sqrt(ops.maximum(ops.sum(is_word, axis=2), 1))


@register_architecture(title="Text CNN", group="networks", epochs=3, learning_rate=0.002)
def text_cnn(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 32,
    filters: int = 48,
    kernel_sizes: tuple[int, ...] = (3, 4, 5),
    embedding_dropout: float = 0.3,
    dropout: float = 0.5,
) -> keras.Model:
    """Convolutions of three widths and the maximum of each filter (Kim 2014)."""
    import keras
    from keras import layers

    ids = keras.Input((max_length,), dtype="int32")
    words = layers.SpatialDropout1D(embedding_dropout)(layers.Embedding(vocabulary_size, embedding_dimension)(ids))
    maxima = []
    for kernel_size in kernel_sizes:
        features = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(words)
        maxima.append(layers.GlobalMaxPooling1D()(features))
    joined = layers.Dropout(dropout)(layers.Concatenate()(maxima))
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(joined))


@register_architecture(title="Conv1D + bidirectional GRU", group="networks", epochs=3)
def conv_gru(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 32,
    filters: int = 64,
    kernel_size: int = 3,
    pool_size: int = 5,
    gru_units: int = 32,
    embedding_dropout: float = 0.2,
    dropout: float = 0.5,
) -> keras.Model:
    """A GRU in both directions over groups of five words, with padding masked and the maximum over time."""
    import keras
    from keras import layers, ops

    ids = keras.Input((max_length,), dtype="int32")
    words = layers.SpatialDropout1D(embedding_dropout)(layers.Embedding(vocabulary_size, embedding_dimension)(ids))
    features = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(words)
    features = features * ops.expand_dims(ops.cast(ops.not_equal(ids, PADDING), "float32"), -1)
    groups = layers.Masking()(layers.MaxPooling1D(pool_size)(features))
    states = layers.Bidirectional(layers.GRU(gru_units, return_sequences=True))(groups)
    joined = layers.Dropout(dropout)(ops.max(states, axis=1))
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(joined))

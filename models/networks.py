"""Networks of our own on the tutorial's input.

Stock Keras layers and operations only, so that a saved model loads without this file. Their settings were chosen on
reviews of the training split that were held out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras

PADDING = 0


@register_architecture(
    title="Words, pairs and triples",
    group="networks",
    epochs=8,
    batch_size=128,
    learning_rate=0.002,
    published_as="keras_example_fasttext",
)
def ngram_sum(
    vocabulary_size: int,
    max_length: int,
    *,
    longest_ngram: int = 3,
    bins: int = 524_287,
    second_factor: float = 0.1,
    dropout: float = 0.3,
    scale: float = 24.0,
) -> keras.Model:
    """Sum the weights of the different n-grams of a review, hashed, over the square root of how many there are.

    A weight is the product of two factors, so that it changes faster the larger it is: frequent opinions grow, chance
    pairs stay small. `bins` is a prime, so that the hash of an n-gram depends on all of its words.
    """
    import keras
    from keras import layers, ops
    from keras.initializers import Constant

    ids = keras.Input((max_length,), dtype="int32")
    words = ops.cast(ids, "int64")  # int32 would overflow in the hash
    of_length = [words % bins]
    for length in range(1, longest_ngram):
        # with padding in front it is the hash of the words alone, which is in the list already
        of_length.append((of_length[-1][:, :-1] * vocabulary_size + words[:, length:]) % bins)
    ngrams = ops.sort(ops.concatenate(of_length, axis=1), axis=1)
    before = ops.pad(ngrams[:, :-1], ((0, 0), (1, 0)), constant_values=PADDING)
    is_new = ops.expand_dims(ops.cast(ops.not_equal(ngrams, before), "float32"), 1)  # 0 for padding too

    first = layers.Embedding(bins, 1, embeddings_initializer="zeros")(ngrams)
    second = layers.Embedding(bins, 1, embeddings_initializer=Constant(second_factor))(ngrams)
    total = ops.squeeze(ops.matmul(layers.Dropout(dropout)(is_new), first * second), 1)
    mean = total / ops.sqrt(ops.maximum(ops.sum(is_new, axis=2), 1))
    output = layers.Dense(1, activation="sigmoid", kernel_initializer=Constant(scale))
    return keras.Model(ids, output(mean))


@register_architecture(
    title="Text CNN", group="networks", epochs=3, learning_rate=0.002, published_as="keras_example_cnn"
)
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

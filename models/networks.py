"""Networks of our own on the tutorial's input.

Stock Keras layers and operations only, so that a saved model loads without this file. Their settings were chosen on
reviews of the training split that were held out; those of the transformer by films.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras

PADDING = 0


@register_architecture(
    title="Words, pairs and triples",
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


@register_architecture(title="Text CNN", epochs=3, learning_rate=0.002, published_as="keras_example_cnn")
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


@register_architecture(title="Conv1D + bidirectional GRU", epochs=3)
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


@register_architecture(title="Transformer", epochs=2, learning_rate=0.002, published_as="keras_example_transformer")
def transformer(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dimension: int = 32,
    width: int = 48,
    kernel_size: int = 3,
    pool_size: int = 5,
    heads: int = 2,
    embedding_dropout: float = 0.3,
    block_dropout: float = 0.1,
    dropout: float = 0.5,
) -> keras.Model:
    """One block of self-attention over groups of five words and their positions, and the maximum over time.

    It normalises before its two parts, not after them as keras.io's example does: it learns faster so.
    """
    import keras
    from keras import layers, ops

    ids = keras.Input((max_length,), dtype="int32")
    is_word = ops.expand_dims(ops.cast(ops.not_equal(ids, PADDING), "float32"), -1)
    words = layers.SpatialDropout1D(embedding_dropout)(layers.Embedding(vocabulary_size, embedding_dimension)(ids))
    features = layers.Conv1D(width, kernel_size, padding="same", activation="relu")(words)
    groups = layers.MaxPooling1D(pool_size, padding="same")(features)
    has_words = layers.MaxPooling1D(pool_size, padding="same")(is_word)

    number_of_groups = groups.shape[1]
    positions = ops.cumsum(ops.ones_like(ids[:, :number_of_groups]), axis=1) - 1
    states = groups + layers.Embedding(number_of_groups, width)(positions)

    may_attend = ops.transpose(has_words, (0, 2, 1)) > 0  # from each group to those with words
    normalised = layers.LayerNormalization()(states)
    attended = layers.MultiHeadAttention(heads, width // heads)(normalised, normalised, attention_mask=may_attend)
    states = states + layers.Dropout(block_dropout)(attended)
    hidden = layers.Dense(width, activation="relu")(layers.LayerNormalization()(states))
    states = states + layers.Dropout(block_dropout)(layers.Dense(width)(hidden))

    maxima = ops.max(states * has_words, axis=1)
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(layers.Dropout(dropout)(maxima)))

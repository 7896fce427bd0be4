"""A small transformer on the tutorial's input.

Stock Keras layers and operations only, so that a saved model loads without this file. Its settings were chosen on
films of the training split that were held out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.registry import register_architecture

if TYPE_CHECKING:
    import keras

PADDING = 0


@register_architecture(
    title="Transformer", group="networks", epochs=2, learning_rate=0.002, published_as="keras_example_transformer"
)
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

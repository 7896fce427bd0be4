"""Prediction of probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


def predict_probabilities(model: keras.Model, x: NDArray[np.int32], batch_size: int = 512) -> NDArray[np.float32]:
    """The probability that each review is positive."""
    return np.asarray(model.predict(x, batch_size=batch_size, verbose=0), np.float32).reshape(-1)

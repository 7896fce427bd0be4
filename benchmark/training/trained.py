"""What training a network or a baseline returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.results import EpochResult


@dataclass(frozen=True)
class Trained:
    """A trained and saved model, and its probabilities on the test split; the fields are those of `TrialResult`."""

    probability: NDArray[np.float32]
    weights_sha256: str
    parameter_count: int
    model_file: Path
    build_seconds: float
    train_seconds: float
    evaluation_seconds: float
    trace_seconds: float = 0.0
    epochs: tuple[EpochResult, ...] = ()

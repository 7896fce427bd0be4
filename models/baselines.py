"""Baselines: scikit-learn estimators on texts.

The harness keeps what ``build().fit(texts, labels)`` returns, and saves that with skops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def probability_of(estimator: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the probability of label 1 for each text: `predict_proba`, or the logistic function of the decision.

    Raises
    ------
    ArchitectureError
        If the estimator has neither.
    """
    raise NotImplementedError

"""Word vectors learned from texts without labels, as Maas et al. 2011 learned them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags_array
from sklearn.utils.extmath import randomized_svd

TEXTS_AT_ONCE = 200  # their probabilities of all words are in memory


def learn_vectors(
    counts: csr_matrix,
    dimensions: int,
    penalty: float,
    iterations: int,
) -> NDArray[np.float64]:
    """Fit the semantic part of Maas et al. 2011: a text with vector t has words by softmax(R t + b).

    All texts, R and b are fitted together by L-BFGS. Their variables are scaled by the square root of their counts and
    start at singular vectors: so 25 iterations are enough.

    Parameters
    ----------
    counts : sparse array, shape (n_texts, n_words)

    Returns
    -------
    array, shape (n_words, dimensions)
        R.
    """
    # The scale
    lengths = np.ravel(counts.sum(axis=1)).astype(np.float64)
    frequencies = np.ravel(counts.sum(axis=0)).astype(np.float64)
    of_text = np.sqrt(lengths / lengths.mean() + 1)
    of_word = np.sqrt(frequencies / frequencies.mean() + 1)
    scale = np.concatenate([of_text, of_word])[:, np.newaxis]

    # The start: the first axis holds only how long texts and how frequent words are
    scaled_counts = diags_array(1 / of_text) @ counts @ diags_array(1 / of_word) / counts.mean()
    left, sizes, right = randomized_svd(scaled_counts, dimensions + 1, random_state=0)
    start = np.vstack([left, right.T])[:, 1:] * np.sqrt(sizes[1:])
    last_column = np.concatenate([np.ones(len(lengths)), np.log(frequencies + 1)])
    start = np.column_stack([start, last_column * scale.ravel()])

    def scaled_loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        variables = (flat.reshape(start.shape) / scale).astype(np.float32)
        loss, gradient = loss_and_gradient(variables, counts, penalty)
        return loss, (gradient / scale).ravel()

    options = {"maxiter": iterations, "ftol": 0, "gtol": 0}
    found = minimize(scaled_loss, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    fitted = found.x.reshape(start.shape) / scale
    return fitted[len(lengths) :, :-1]


def loss_and_gradient(
    variables: NDArray[np.floating], counts: csr_matrix, penalty: float
) -> tuple[float, NDArray[np.floating]]:
    """Return minus the log-likelihood of the words, with the penalty, and its gradient.

    Parameters
    ----------
    variables : array, shape (n_texts + n_words, dimensions + 1)
        The vectors of the texts, each with a fixed 1 at its end, then R with b as its last column.
    counts : sparse array, shape (n_texts, n_words)
    penalty : float
        Of the squares of all but the last column.
    """
    n_texts = counts.shape[0]
    vectors = variables[n_texts:]
    gradient = 2 * penalty * variables
    gradient[:, -1] = 0
    loss = penalty * float(np.square(variables[:, :-1], dtype=np.float64).sum())
    for first in range(0, n_texts, TEXTS_AT_ONCE):
        block = counts[first : first + TEXTS_AT_ONCE].tocoo()
        rows = slice(first, first + block.shape[0])
        logits = variables[rows] @ vectors.T
        logits -= logits.max(axis=1, keepdims=True)
        loss -= float(logits[block.coords] @ block.data)

        # In place: the expected counts, then how much they exceed the counts
        expected = np.exp(logits, out=logits)
        total = expected.sum(axis=1)
        lengths = np.asarray(block.sum(axis=1), expected.dtype).ravel()
        loss += float(np.log(total, dtype=np.float64) @ lengths)
        expected *= (lengths / total)[:, np.newaxis]
        expected[block.coords] -= block.data
        gradient[rows, :-1] += expected @ vectors[:, :-1]
        gradient[n_texts:] += expected.T @ variables[rows]
    return loss, gradient

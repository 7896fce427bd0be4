"""The paper's own method: word vectors learned from texts without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from models.baselines import words_present
from models.registry import register_baseline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix
    from sklearn.pipeline import Pipeline

TEXTS_AT_ONCE = 200  # their probabilities of all words are in memory


@register_baseline(
    "semantic_vectors_unlabelled",
    title="Semantic vectors, unlabelled reviews too",
    group="baselines",
    unlabelled=True,
    published_as="maas_2011_full_unlabelled_bag_of_words",
)
@register_baseline(
    "semantic_vectors",
    title="Semantic vectors, bag of words + SVM",
    group="baselines",
    published_as="maas_2011_semantic_bag_of_words",
)
@dataclass(kw_only=True)
class SemanticVectors:
    """SVM on the semantic vectors of Maas et al. 2011, beside their bag of words."""

    features: int = 5000
    most_frequent_left_out: int = 50
    dimensions: int = 50
    penalty: float = 3.0
    iterations: int = 25
    C: float = 0.1

    beside_words: ClassVar[bool] = True

    def fit(self, texts: Sequence[str], labels: NDArray[np.integer]) -> Pipeline:
        """Return a fitted plain pipeline; texts with the label -1 are for the vectors alone."""
        import numpy as np
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import Normalizer
        from sklearn.svm import LinearSVC

        # The vectors, from all texts
        vectorizer = words_present(texts, self.features, self.most_frequent_left_out)
        counts = vectorizer.set_params(binary=False).transform(texts)
        vectors = learn_vectors(counts, self.dimensions, self.penalty, self.iterations)
        vectorizer.set_params(binary=True)
        features = make_pipeline(vectorizer, Normalizer(), vector_features(vectors, self.beside_words))

        # The classifier, from those with a label
        labels = np.asarray(labels)
        labelled_texts = [text for text, label in zip(texts, labels, strict=True) if label >= 0]
        classifier = LinearSVC(C=self.C, dual=False)  # the primal problem: no random order of the reviews
        classifier.fit(features.transform(labelled_texts), labels[labels >= 0])
        return make_pipeline(*features, classifier)


@register_baseline(
    "semantic_vectors_only", title="Semantic vectors + SVM", group="classics", published_as="maas_2011_semantic"
)
@dataclass(kw_only=True)
class SemanticVectorsOnly(SemanticVectors):
    """The same without the bag of words."""

    C: float = 1.0

    beside_words: ClassVar[bool] = False


def vector_features(vectors: NDArray[np.float64], beside_words: bool) -> Pipeline:
    """Return what turns a bag of words into the normalised sum of its words' vectors, beside the bag or alone.

    Parameters
    ----------
    vectors : array, shape (n_words, dimensions)
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import Normalizer

    projection = TruncatedSVD(vectors.shape[1])  # its `transform` multiplies by these vectors
    projection.components_ = vectors.T
    normalised = make_pipeline(projection, Normalizer())
    if beside_words:
        return FeatureUnion([("words", "passthrough"), ("vectors", normalised)])
    return normalised


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
    import numpy as np
    from scipy.optimize import minimize
    from scipy.sparse import diags_array
    from sklearn.utils.extmath import randomized_svd

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
    import numpy as np

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

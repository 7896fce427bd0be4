"""A scikit-learn estimator, fitted on texts and saved without pickle."""

from __future__ import annotations

import hashlib
import io
import random
import time
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import Corpus
from benchmark.corpus.word_order import shuffle_texts
from benchmark.results import Trained
from benchmark.training.failures import NotConverged, TrialError
from benchmark.trial_folder import BASELINE_FILE
from models.baselines import probability_of
from models.registry import Architecture


def train_baseline(
    config: TrialConfig,
    architecture: Architecture,
    corpus: Corpus,
    folder: Path,
) -> Trained:
    """Fit on the training texts, predict the test texts, and save.

    Raises
    ------
    TrialError
        If the estimator is not made of scikit-learn's own classes, or does not converge.
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # the global state that scikit-learn uses where an estimator has no `random_state`
    random.seed(config.seed or 0)
    np.random.seed(config.seed or 0)
    started = time.perf_counter()
    estimator = architecture.build()
    if not hasattr(estimator, "fit"):
        raise TrialError(f"it returns a {type(estimator).__name__}: return a scikit-learn estimator")
    build_seconds = time.perf_counter() - started
    drawn = corpus.drawn(config.train_reviews, config.seed)
    texts = np.array(corpus.texts(corpus.train, architecture.words, config.max_reviews), object)[drawn].tolist()
    labels = np.array(corpus.train.labels[: config.max_reviews][drawn])
    # one thread in BLAS and OpenMP, so that the order of additions does not depend on the machine
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        read = time.perf_counter()
        try:
            estimator = estimator.fit(texts, labels)
        except ConvergenceWarning as warning:
            what = " ".join(str(warning).split(". ")[0].split())
            raise NotConverged(f"{architecture.name} does not converge: {what}; raise its max_iter") from warning
        fitted = time.perf_counter()
        del texts
        texts = corpus.texts(corpus.test, architecture.words, config.max_reviews)
        probability = probability_of(estimator, texts)
        evaluated = time.perf_counter()
        probability_shuffled = probability_of(estimator, shuffle_texts(texts))
    path = folder / BASELINE_FILE
    save_baseline(estimator, path)
    weights, numbers = fitted_arrays(path)
    return Trained(
        probability=probability,
        probability_shuffled=probability_shuffled,
        weights_sha256=weights,
        parameter_count=numbers,
        model_file=path,
        build_seconds=build_seconds,
        train_seconds=fitted - read,
        evaluation_seconds=evaluated - fitted,
    )


def save_baseline(estimator: Any, path: Path) -> None:
    """Write with skops, compressed; it loads without pickle, trusted types and our source.

    Raises
    ------
    TrialError
        If a part of the estimator is not one of scikit-learn's own classes.
    """
    import skops.io

    skops.io.dump(estimator, path, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    untrusted = skops.io.get_untrusted_types(file=path)
    if untrusted:
        raise TrialError(
            f"the fitted estimator holds {', '.join(untrusted)}, which skops does not load without trust: "
            "use scikit-learn's own linear or naive Bayes estimators, and no class or function of your own"
        )


def fitted_arrays(path: Path) -> tuple[str, int]:
    """Return a SHA-256 of all arrays of a saved baseline, and how many floating-point numbers they have.

    skops names an array's file after a memory address, so the order of the files is that of their hashes.
    """
    hashes: list[bytes] = []
    numbers = 0
    with zipfile.ZipFile(path) as saved:
        for name in saved.namelist():
            if not name.endswith((".npy", ".npz")):
                continue
            loaded = np.load(io.BytesIO(saved.read(name)), allow_pickle=False)
            arrays = {"": loaded} if name.endswith(".npy") else loaded  # a sparse matrix has several
            for field, array in arrays.items():
                form = f"{field} {array.dtype} {array.shape}"
                hashes.append(hashlib.sha256(form.encode() + array.tobytes()).digest())
                if array.dtype.kind == "f":
                    numbers += array.size
    return hashlib.sha256(b"".join(sorted(hashes))).hexdigest(), numbers

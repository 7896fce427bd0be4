"""The contract of an architecture, tried on a few synthetic reviews."""

from __future__ import annotations

import io
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.config import BenchmarkConfig
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.corpus.vocabulary import Vocabulary
from benchmark.training.baseline import fitted_arrays, save_baseline, seed_baseline
from benchmark.training.failures import TrialError, one_line
from benchmark.training.network import build_and_compile, seed_network, weights_sha256
from benchmark.training.runtime import prepare_runtime
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE
from models.baselines import probability_of
from models.loading import loaded_sources
from models.registry import Architecture, lookup

REVIEWS = 128


def check_architecture(spec: str, config: BenchmarkConfig) -> list[tuple[str, str]]:
    """Try the contract; runs in a worker process, since it imports the file and runs its code.

    Returns
    -------
    list of (str, str)
        Each point that was tried, ``saves, and loads without its source``, with "". Where one is not met it is the
        last, with one line that says what was wrong and what to change.
    """
    tried: dict[str, str] = {}
    point = ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            for point in _points(spec, config, Path(folder)):
                tried[point] = ""
        except SystemExit:
            tried[point] = "it calls sys.exit: return instead"
        except Exception as error:
            tried[point] = one_line(error)
    return list(tried.items())


def _points(spec: str, config: BenchmarkConfig, folder: Path) -> Iterator[str]:
    """Yield the name of each point before it is tried; raise where it is not met."""
    printed = io.StringIO()
    yield "imports, with a possible name and parameters"
    with redirect_stdout(printed):
        architecture = lookup(spec)

    if architecture.kind == "network":
        yield "builds an uncompiled Keras model"
        prepare_runtime(config.device, config.threads_per_worker)
        seed_network(1)
        with redirect_stdout(printed):
            model = architecture.build(config.vocabulary_size, config.max_length)
        sources = loaded_sources(architecture.build.__module__)
        yield from _points_of_network(architecture, model, config, folder / NETWORK_FILE)
    else:
        yield "builds an unfitted scikit-learn estimator"
        with redirect_stdout(printed):
            estimator = architecture.build()
        sources = loaded_sources(architecture.build.__module__)
        yield from _points_of_baseline(architecture, estimator, folder / BASELINE_FILE)

    for file in loaded_sources(architecture.build.__module__):
        if file not in sources:
            raise TrialError(f"it imports {file} only in training: import it at the top of its file")

    yield "prints nothing"
    if text := printed.getvalue().strip():
        raise TrialError(f"it prints {text.splitlines()[0]!r}: remove the print")


def _points_of_network(
    architecture: Architecture,
    model: Any,
    config: BenchmarkConfig,
    path: Path,
) -> Iterator[str]:
    import keras

    if not isinstance(model, keras.Model):
        raise TrialError(f"it returns {_named(model)}: return a keras.Model")
    if model.compiled:
        raise TrialError("it returns a compiled model: remove compile(), since all networks are compiled alike")

    yield "gives one probability for each review"
    ids = _random_ids(config.vocabulary_size, config.max_length)
    labels = np.arange(REVIEWS) % 2
    output = np.asarray(model(ids[:4]))
    if output.shape != (4, 1):
        raise TrialError(
            f"for 4 reviews it gives the shape {output.shape} and not (4, 1): end with one Dense(1, "
            "activation='sigmoid')"
        )
    if not ((output >= 0) & (output <= 1)).all():
        raise TrialError("its output is not between 0 and 1: end with Dense(1, activation='sigmoid')")

    yield "trains, and the same seed gives the same weights"
    hashes = set()
    for _ in range(2):
        seed_network(1)
        model = build_and_compile(architecture, config.vocabulary_size, config.max_length, architecture.learning_rate)
        loss = model.fit(ids, labels, batch_size=REVIEWS // 2, verbose=0).history["loss"][0]
        if not np.isfinite(loss):
            raise TrialError(f"its loss is {loss} after two steps: lower the learning rate")
        hashes.add(weights_sha256(model))
    if len(hashes) > 1:
        raise TrialError("two trainings with the same seed end with other weights: draw random numbers with Keras only")

    yield "saves, and loads without its source"
    try:
        model.save(path)
        with zipfile.ZipFile(path) as saved:
            saved_config = saved.read("config.json").decode()
        for module, name in re.findall(r'"module": "([^"]*)", "class_name": "([^"]*)"', saved_config):
            if name == "Lambda" or not re.match(r"(keras|builtins)\b", module):
                raise TrialError(f"the saved model does not load without the source of {name}")
        loaded = keras.saving.load_model(path)
    except Exception as error:
        reason = one_line(error)[:200].rstrip(",")
        remedy = "use Keras's own layers and keras.ops, no class or function of your own"
        raise TrialError(f"{reason}: {remedy}") from None
    if not np.allclose(loaded.predict(ids, verbose=0), model.predict(ids, verbose=0), rtol=0, atol=1e-5):
        raise TrialError("the loaded model gives other probabilities: keep everything that it uses in its weights")


def _points_of_baseline(architecture: Architecture, estimator: Any, path: Path) -> Iterator[str]:
    if not hasattr(estimator, "fit"):
        raise TrialError(f"it returns {_named(estimator)}: return a scikit-learn estimator")

    yield "fits texts, and gives a probability for each"
    reviews = synthetic_corpus(REVIEWS).train
    texts = [" ".join(Vocabulary.split(text)) for text in reviews.texts]
    second_seed = 2 if architecture.deterministic else 1
    first = _fit(architecture, 1, texts, reviews.labels)
    second = _fit(architecture, second_seed, texts, reviews.labels)
    probability = probability_of(second, texts)
    if probability.shape != (REVIEWS,) or not ((probability >= 0) & (probability <= 1)).all():
        raise TrialError("it does not give one probability between 0 and 1 for each text: use a classifier")

    yield "saves with skops, and loads without trusted types"
    import skops.io

    save_baseline(first, path)
    arrays_of_first = fitted_arrays(path)
    save_baseline(second, path)
    loaded = skops.io.load(path)
    if not np.array_equal(probability_of(loaded, texts), probability):
        raise TrialError("the loaded estimator gives other probabilities: keep everything that it uses in its arrays")

    yield "the same seed gives the same model"
    if fitted_arrays(path) != arrays_of_first:
        if architecture.deterministic:
            remedy = "two fits differ: give the estimator random_state=0, or register it with deterministic=False"
        else:
            remedy = "two fits with the same seed differ: draw random numbers with numpy.random only"
        raise TrialError(remedy)


def _fit(
    architecture: Architecture,
    seed: int,
    texts: list[str],
    labels: NDArray[np.int64],
) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    seed_baseline(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # real reviews may be easier than these
        return architecture.build().fit(texts, labels)


def _random_ids(vocabulary_size: int, max_length: int) -> NDArray[np.int32]:
    """Random ids, padded at the front like reviews."""
    generator = np.random.default_rng(0)
    ids = generator.integers(1, vocabulary_size, (REVIEWS, max_length), dtype=np.int32)
    padding = generator.integers(0, max_length, REVIEWS)
    ids[np.arange(max_length) < padding[:, None]] = 0
    return ids


def _named(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"

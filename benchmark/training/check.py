"""The contract of an architecture, tried on a few synthetic reviews."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.config import BenchmarkConfig
from benchmark.corpus.cache import cache_folder
from benchmark.training.baseline import fitted_arrays, save_baseline, seed_baseline
from benchmark.training.failures import TrialError, one_line
from benchmark.training.network import build_and_compile, seed_network, weights_sha256
from benchmark.training.runtime import prepare_runtime
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE
from models.baselines import probability_of
from models.registry import Architecture, loaded_sources, lookup

REVIEWS = 128
LABELS = np.arange(REVIEWS) % 2


def check_architecture(spec: str, config: BenchmarkConfig) -> list[tuple[str, str]]:
    """Try the contract; runs in a worker process, since it imports the file and runs its code.

    Returns
    -------
    list of (str, str)
        Each point that was tried, ``saves, and loads without its source``, with "". Where one is not met it is the
        last, with one line that says what was wrong and what to change.
    """
    points: list[str] = []
    advice = ""
    with tempfile.TemporaryDirectory(prefix="imdb-check-") as folder:
        try:
            for point in _points(spec, config, Path(folder)):
                points.append(point)
        except SystemExit:
            advice = "it calls sys.exit: return instead"
        except Exception as error:
            advice = one_line(error)
    return [*((point, "") for point in points[:-1]), (points[-1], advice)]


def _points(spec: str, config: BenchmarkConfig, folder: Path) -> Iterator[str]:
    """Yield the name of each point before it is tried; raise where it is not met."""
    printed = io.StringIO()
    yield "imports, with a possible name and parameters"
    with _observed(printed):
        architecture = lookup(spec)

    is_network = architecture.kind == "network"
    yield "builds an uncompiled Keras model" if is_network else "builds an unfitted scikit-learn estimator"
    if is_network:
        prepare_runtime(config.device, config.threads_per_worker)
        seed_network(1)
    with _observed(printed):
        model = architecture.build(*((config.vocabulary_size, config.max_length) if is_network else ()))
    sources = loaded_sources(architecture)
    try_model = _points_of_network if is_network else _points_of_baseline
    yield from try_model(architecture, model, config, folder)

    late = loaded_sources(architecture).keys() - sources.keys()
    if late:
        raise TrialError(f"it imports {min(late)} only in training: import it at the top of its file")

    yield "prints nothing and writes no files"
    if text := printed.getvalue().strip():
        raise TrialError(f"it prints {text.splitlines()[0]!r}: remove the print")


def _points_of_network(architecture: Architecture, model: Any, config: BenchmarkConfig, folder: Path) -> Iterator[str]:
    import keras

    if not isinstance(model, keras.Model):
        raise TrialError(f"it returns {_named(model)}: return a keras.Model")
    if model.compiled:
        raise TrialError("it returns a compiled model: remove compile(), since all networks are compiled alike")

    yield "gives one probability for each review"
    ids = _synthetic_ids(config.vocabulary_size, config.max_length)
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
        loss = model.fit(ids, LABELS, batch_size=REVIEWS // 2, verbose=0).history["loss"][0]
        if not np.isfinite(loss):
            raise TrialError(f"its loss is {loss} after two steps: lower the learning rate")
        hashes.add(weights_sha256(model))
    if len(hashes) > 1:
        raise TrialError("two trainings with the same seed end with other weights: draw random numbers with Keras only")

    yield "saves, and loads without its source"
    path = folder / NETWORK_FILE
    remedy = "use Keras's own layers and keras.ops, no class or function of your own"
    try:
        model.save(path)
        with zipfile.ZipFile(path) as saved:
            classes = re.findall(r'"module": "([^"]*)", "class_name": "([^"]*)"', saved.read("config.json").decode())
        own = [name for module, name in classes if name == "Lambda" or not re.match(r"(keras|builtins)\b", module)]
        loaded = None if own else keras.saving.load_model(path)
    except Exception as error:
        raise TrialError(f"{one_line(error)[:200].rstrip(',')}: {remedy}") from None
    if loaded is None:
        raise TrialError(f"the saved model does not load without the source of {own[0]}: {remedy}")
    if not np.allclose(loaded.predict(ids, verbose=0), model.predict(ids, verbose=0), rtol=0, atol=1e-5):
        raise TrialError("the loaded model gives other probabilities: keep everything that it uses in its weights")


def _points_of_baseline(
    architecture: Architecture, estimator: Any, config: BenchmarkConfig, folder: Path
) -> Iterator[str]:
    if not hasattr(estimator, "fit"):
        raise TrialError(f"it returns {_named(estimator)}: return a scikit-learn estimator")

    yield "fits texts, and gives a probability for each"
    texts = _synthetic_texts()
    fitted = [_fit(architecture, seed, texts) for seed in ((1, 2) if architecture.deterministic else (1, 1))]
    probability = probability_of(fitted[0], texts)
    if probability.shape != (len(texts),) or not ((probability >= 0) & (probability <= 1)).all():
        raise TrialError("it does not give one probability between 0 and 1 for each text: use a classifier")

    yield "saves with skops, and loads without trusted types"
    import skops.io

    hashes = []
    for estimator in fitted:
        save_baseline(estimator, folder / BASELINE_FILE)
        hashes.append(fitted_arrays(folder / BASELINE_FILE)[0])
    loaded = skops.io.load(folder / BASELINE_FILE)
    if not np.array_equal(probability_of(loaded, texts), probability_of(fitted[-1], texts)):
        raise TrialError("the loaded estimator gives other probabilities: keep everything that it uses in its arrays")

    yield "the same seed gives the same model"
    if hashes[0] != hashes[1]:
        raise TrialError(
            "two fits differ: give the estimator random_state=0, or register it with deterministic=False"
            if architecture.deterministic
            else "two fits with the same seed differ: draw random numbers with numpy.random only"
        )


def _fit(architecture: Architecture, seed: int, texts: list[str]) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    seed_baseline(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # real reviews may be easier than these
        return architecture.build().fit(texts, LABELS)


def _synthetic_ids(vocabulary_size: int, max_length: int) -> NDArray[np.int32]:
    """Random ids, padded at the front like reviews."""
    generator = np.random.default_rng(0)
    ids = generator.integers(1, vocabulary_size, (REVIEWS, max_length), dtype=np.int32)
    padding = generator.integers(0, max_length, REVIEWS)
    ids[np.arange(max_length) < padding[:, None]] = 0
    return ids


def _synthetic_texts() -> list[str]:
    """Texts of random words, the frequent ones first, and one word that gives the label away."""
    rows = np.minimum(np.random.default_rng(0).zipf(1.3, (REVIEWS, 200)), 5000)
    return [
        " ".join([f"label{label}", *(f"word{number}" for number in row)])
        for label, row in zip(LABELS, rows, strict=True)
    ]


_CHANGES = ("open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate")
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@contextlib.contextmanager
def _observed(printed: io.StringIO) -> Iterator[None]:
    """Collect what the block prints, and prevent it from writing files; a TrialError where it tries."""
    observing, written = True, list[str]()

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if observing and event in _CHANGES and isinstance(arguments[0], str | bytes | os.PathLike):
            path = Path(os.fsdecode(arguments[0])).absolute()
            if (event != "open" or (arguments[2] or 0) & _WRITE_FLAGS) and not _is_temporary(path):
                written.append(str(path))
                raise PermissionError(errno.EACCES, "an architecture writes no files", str(path))

    sys.addaudithook(audit)  # cannot be removed
    keep_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with contextlib.redirect_stdout(printed):
            yield
    finally:
        observing = False
        sys.dont_write_bytecode = keep_bytecode
        if written:
            raise TrialError(f"it writes or removes {written[0]}: build a model and nothing else")


def _is_temporary(path: Path) -> bool:
    """Whether it is a device, a name that `tempfile` or this check made, or a library's file in the home folder."""
    for folder, names in ((tempfile.gettempdir(), ("tmp", "imdb-check-")), (Path.home(), (".",))):
        if path.is_relative_to(folder) and path.relative_to(folder).parts[0].startswith(names):
            return not path.is_relative_to(cache_folder())
    return path.is_relative_to("/dev") or path.is_relative_to("/proc")


def _named(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"

"""The contract of an architecture, tried on a few synthetic reviews."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.config import Device, Settings, TrialConfig
from benchmark.corpus.cache import cache_folder
from benchmark.training.baseline import fitted_arrays, save_baseline
from benchmark.training.failures import TrialError, one_line
from benchmark.training.network import build_and_compile, weights_sha256
from benchmark.training.runtime import prepare_runtime, seed_baseline, seed_network
from benchmark.trial_folder import BASELINE_FILE, NETWORK_FILE
from models.baselines import probability_of
from models.registry import Architecture, lookup

REVIEWS = 128
SECONDS_TO_LOAD = 120

# in a process of its own, in which the architecture's module cannot be imported
_LOAD = """
import sys
import numpy as np
sys.modules[sys.argv[1]] = None
import keras
model = keras.saving.load_model(sys.argv[2])
np.save(sys.argv[4], model.predict(np.load(sys.argv[3]), verbose=0))
"""


class Check(Settings):
    """One point of the contract.

    Attributes
    ----------
    name : str
        What was tried: ``saves, and loads without its source``.
    ok : bool
    advice : str
        One line that says what was wrong and what to change; empty where `ok`.
    """

    name: str
    ok: bool
    advice: str = ""


def check_architecture(
    spec: str, device: Device = "cpu", vocabulary_size: int = 5000, max_length: int = 500
) -> list[Check]:
    """Try the contract; runs in a worker process, since it imports the file and runs its code.

    Returns
    -------
    list of Check
        In the order in which they were tried; where one is not ok, it is the last.
    """
    checks: list[Check] = []
    current = ""
    with tempfile.TemporaryDirectory(prefix="imdb-check-") as folder:
        try:
            for name in _points(spec, device, vocabulary_size, max_length, Path(folder)):
                if current:
                    checks.append(Check(name=current, ok=True))
                current = name
            checks.append(Check(name=current, ok=True))
        except (Exception, SystemExit) as error:
            advice = "it calls sys.exit: return instead" if isinstance(error, SystemExit) else one_line(error)
            checks.append(Check(name=current, ok=False, advice=advice))
    return checks


def _points(spec: str, device: Device, vocabulary_size: int, max_length: int, folder: Path) -> Iterator[str]:
    """Yield the name of each point before it is tried; raise where it is not met."""
    observer = _Observer()
    yield "imports, with a possible name and parameters"
    architecture = observer.call(lookup, spec)
    if architecture.kind == "network":
        yield from _points_of_network(architecture, observer, device, vocabulary_size, max_length, folder)
    else:
        yield from _points_of_baseline(architecture, observer, folder)
    yield "prints nothing and writes no files"
    printed = observer.printed.getvalue().strip()
    if printed:
        raise TrialError(f"it prints {printed.splitlines()[0]!r}: remove the print")
    if observer.written:
        raise TrialError(f"it writes or removes {observer.written[0]}: build a model and nothing else")


def _points_of_network(
    architecture: Architecture,
    observer: _Observer,
    device: Device,
    vocabulary_size: int,
    max_length: int,
    folder: Path,
) -> Iterator[str]:
    prepare_runtime(device)
    import keras

    yield "builds an uncompiled Keras model"
    seed_network(1)
    model = observer.call(architecture.build, vocabulary_size, max_length)
    if not isinstance(model, keras.Model):
        raise TrialError(f"it returns {_short(model)}: return a keras.Model")
    if model.compiled:
        raise TrialError("it returns a compiled model: remove compile(), since all networks are compiled alike")

    yield "gives one probability for each review"
    ids = _synthetic_ids(vocabulary_size, max_length)
    output = model(ids[:4])
    shape = getattr(output, "shape", None)
    if shape is None or tuple(shape) != (4, 1):
        found = f"shape {tuple(shape)}" if shape is not None else f"{len(output)} outputs"
        raise TrialError(f"for 4 reviews it gives {found} and not (4, 1): end with one Dense(1, activation='sigmoid')")
    values = np.asarray(output)
    if not ((values >= 0) & (values <= 1)).all():
        raise TrialError("its output is not between 0 and 1: end with Dense(1, activation='sigmoid')")

    yield "trains, and the same seed gives the same weights"
    config = TrialConfig(
        architecture=architecture.name,
        title=architecture.title,
        kind="network",
        seed=1,
        epochs=1,
        batch_size=REVIEWS // 2,
        learning_rate=architecture.learning_rate,
        vocabulary_size=vocabulary_size,
        max_length=max_length,
    )
    weights = []
    for _ in range(2):
        seed_network(1)
        model = build_and_compile(architecture, config)
        history = model.fit(ids, _labels(), batch_size=config.batch_size, verbose=0).history
        weights.append(weights_sha256(model))
        if not np.isfinite(history["loss"]).all():
            raise TrialError(f"its loss is {history['loss'][0]} after two steps: lower the learning rate")
    if weights[0] != weights[1]:
        raise TrialError("two trainings with the same seed end with other weights: draw random numbers with Keras only")

    yield "saves, and loads without its source"
    model.save(folder / NETWORK_FILE)
    np.save(folder / "ids.npy", ids[:4])
    _load_in_fresh_process(architecture, folder)
    loaded = np.load(folder / "probabilities.npy")
    if not np.allclose(loaded, model.predict(ids[:4], verbose=0), rtol=0, atol=1e-5):
        raise TrialError("the loaded model gives other probabilities: keep everything that it uses in its weights")


def _load_in_fresh_process(architecture: Architecture, folder: Path) -> None:
    module = architecture.build.__module__.partition(".")[0]
    files = [str(folder / name) for name in (NETWORK_FILE, "ids.npy", "probabilities.npy")]
    environment = {**os.environ, "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _LOAD, module, *files],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_LOAD,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "Error: " in line] or done.stderr.splitlines()[-1:]
        raise TrialError(
            f"the saved model does not load ({' '.join(lines[-1:])[:200]}): use Keras's own layers and keras.ops, "
            "no Lambda and no class or function of your own"
        )


def _points_of_baseline(architecture: Architecture, observer: _Observer, folder: Path) -> Iterator[str]:
    yield "builds an unfitted scikit-learn estimator"
    estimator = observer.call(architecture.build)
    if not hasattr(estimator, "fit"):
        raise TrialError(f"it returns {_short(estimator)}: return a scikit-learn estimator")

    yield "fits texts, and gives a probability for each"
    seeds = (1, 2) if architecture.deterministic else (1, 1)
    fitted = [_fitted(architecture, seed) for seed in seeds]
    texts = _synthetic_texts()
    probability = probability_of(fitted[0], texts)
    if probability.shape != (len(texts),) or not ((probability >= 0) & (probability <= 1)).all():
        raise TrialError("it does not give one probability between 0 and 1 for each text: use a classifier")

    yield "saves with skops, and loads without trusted types"
    hashes = []
    for number, estimator in enumerate(fitted):
        path = folder / f"{number}-{BASELINE_FILE}"
        save_baseline(estimator, path)
        hashes.append(fitted_arrays(path)[0])
    import skops.io

    if not np.array_equal(probability_of(skops.io.load(folder / f"0-{BASELINE_FILE}"), texts), probability):
        raise TrialError("the loaded estimator gives other probabilities: keep everything that it uses in its arrays")

    yield "the same seed gives the same model"
    if hashes[0] != hashes[1]:
        raise TrialError(
            "two fits differ: give the estimator random_state=0, or register it with deterministic=False"
            if architecture.deterministic
            else "two fits with the same seed differ: draw random numbers with numpy.random only"
        )


def _fitted(architecture: Architecture, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    seed_baseline(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # real reviews may be easier than these
        return architecture.build().fit(_synthetic_texts(), _labels())


def _labels() -> NDArray[np.int64]:
    return np.arange(REVIEWS) % 2


def _synthetic_ids(vocabulary_size: int, max_length: int) -> NDArray[np.int32]:
    """Random ids, padded at the front like reviews."""
    generator = np.random.default_rng(0)
    ids = generator.integers(1, vocabulary_size, (REVIEWS, max_length), dtype=np.int32)
    padding = generator.integers(0, max_length, REVIEWS)
    ids[np.arange(max_length) < padding[:, None]] = 0
    return ids


def _synthetic_texts() -> list[str]:
    """Texts of random words, the frequent ones first, and one word that gives the label away."""
    generator = np.random.default_rng(0)
    words = np.minimum(generator.zipf(1.3, (REVIEWS, 200)), 5000)
    return [
        f"label{label} " + " ".join(f"word{number}" for number in row)
        for label, row in zip(_labels(), words, strict=True)
    ]


class _Observer:
    """Runs an architecture's code, and collects what it prints and which files it writes or changes."""

    def __init__(self) -> None:
        self.printed = io.StringIO()
        self.written: list[str] = []
        self._active = False
        sys.addaudithook(self._audit)  # cannot be removed

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        keep_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        self._active = True
        try:
            with contextlib.redirect_stdout(self.printed):
                return function(*arguments)
        finally:
            self._active = False
            sys.dont_write_bytecode = keep_bytecode

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active or event not in _CHANGES or not isinstance(arguments[0], str | bytes | os.PathLike):
            return
        path = os.fsdecode(arguments[0])
        changes = event != "open" or (arguments[2] or 0) & _WRITE_FLAGS
        if changes and not _is_temporary(Path(path).absolute()):
            self.written.append(path)


_CHANGES = ("open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate")
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _is_temporary(path: Path) -> bool:
    """Whether it is a device, a name that `tempfile` or this check made, or a library's file in the home folder."""
    for folder, names in ((tempfile.gettempdir(), ("tmp", "imdb-check-")), (Path.home(), (".",))):
        if path.is_relative_to(folder) and path.relative_to(folder).parts[0].startswith(names):
            return not path.is_relative_to(cache_folder())
    return path.is_relative_to("/dev") or path.is_relative_to("/proc")


def _short(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"

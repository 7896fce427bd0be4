"""The contract of an architecture from elsewhere, or with other settings, shown by short trials."""

from __future__ import annotations

import re
import tempfile
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.corpus.encoding import encode_corpus
from benchmark.corpus.synthetic import synthetic_corpus
from benchmark.errors import UserError
from benchmark.plan import trial_config
from benchmark.training.failures import NotConverged, TrialError, one_line
from benchmark.training.fingerprint import plan_trial
from benchmark.training.runtime import find_environment
from benchmark.training.trial import run_trial
from benchmark.trial_folder import NETWORK_FILE, read_result
from models.registry import Architecture, absolute_spec, lookup_built, ours

REVIEWS = 128


def check_architecture(spec: str, config: BenchmarkConfig) -> Architecture:
    """Train it twice as a benchmark would, for one epoch on synthetic reviews; runs in its own worker process.

    Raises
    ------
    UserError
        With one line that says what is wrong and what to change.
    """
    config = config.model_copy(update={"epochs": 1, "max_reviews": None})
    try:
        architecture = lookup_built(spec, config.vocabulary_size, config.max_length)
        if architecture is not ours().get(architecture.name):  # not all its settings are as registered
            with tempfile.TemporaryDirectory(prefix="imdb-check-") as folder, suppress(NotConverged):
                _check(architecture, config, Path(folder))
    except (Exception, SystemExit) as error:
        raise UserError(f"{spec} is not possible{_place_of(error, spec)}: {one_line(error)}") from None
    return architecture


def _place_of(error: BaseException, spec: str) -> str:
    """Return the line of the user's file in which it was raised."""
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if absolute_spec(spec).startswith(f"{frame.filename}:"):
            place = f", line {frame.lineno}"
    return place


def _check(architecture: Architecture, config: BenchmarkConfig, folder: Path) -> None:
    environment = find_environment(architecture.kind == "network", config.device, config.threads_per_worker)
    is_ours = architecture.spec is None
    if is_ours and architecture.kind == "network":  # Keras refuses a setting when it builds
        architecture.build(config.vocabulary_size, config.max_length)
        return
    reviews = folder / "corpus"
    reviews.mkdir()
    raw = synthetic_corpus(REVIEWS)
    raw = replace(raw, unlabelled=[review.text for review in raw.test])
    encode_corpus(raw, reviews, "synthetic", "Synthetic reviews.")
    digest = open_corpus(reviews).facts.digest_with(architecture.unlabelled)

    # A baseline without randomness has to end with the same model whatever the seed
    weights = set()
    for trial, seed in (("first", 1), ("second", 2 if architecture.deterministic else 1)):
        planned = plan_trial(trial_config(config, architecture, seed), architecture, digest, environment)
        (folder / trial).mkdir()
        run_trial(planned, reviews, folder / trial, lambda event: None, environment)
        if is_ours:  # scikit-learn refuses a setting when it fits
            return
        weights.add(read_result(folder / trial).weights_sha256)
    if len(weights) > 1 and architecture.deterministic:
        raise TrialError("two fits differ: give the estimator random_state=0, or register it with deterministic=False")
    if len(weights) > 1:
        raise TrialError("two trainings with one seed differ: draw random numbers with Keras or numpy.random only")
    if architecture.kind == "network":
        _refuse_own_code(folder / "first" / NETWORK_FILE)


def _refuse_own_code(model: Path) -> None:
    """Refuse a saved network that needs the user's file; skops refuses such a baseline when it is saved."""
    import keras

    keras.saving.get_custom_objects().clear()  # what the file has registered
    try:
        keras.saving.load_model(model)
    except Exception as error:
        why = f": {one_line(error)[:200]}"
        if absent := re.search(r"Could not locate \w+ '(\w+)'", str(error)):
            why = f" without the source of {absent[1]}"
        remedy = "use Keras's own layers and keras.ops, no class or function of your own"
        raise TrialError(f"the saved model does not load{why}: {remedy}") from None

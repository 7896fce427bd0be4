"""What decides a trial's result, as a hash and as named parts."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import re
from collections.abc import Mapping
from typing import Any

from benchmark.config import TrialConfig
from benchmark.results import Environment, PlannedTrial
from models.registry import Architecture

OPTIMIZER = "adam"
LOSS = "binary_crossentropy"
NETWORK_SETTINGS = {"epochs", "batch_size", "learning_rate", "vocabulary_size", "max_length"}
PACKAGES = {
    "network": ("tensorflow", "keras", "numpy"),
    "baseline": ("scikit-learn", "scipy", "numpy"),
}
# what seeds, builds, encodes, fits, predicts and scores
FILES = (
    "benchmark/corpus/corpus.py",
    "benchmark/corpus/vocabulary.py",
    "benchmark/corpus/word_order.py",
    "benchmark/results.py",
    "benchmark/statistics/scores.py",
    "benchmark/training/baseline.py",
    "benchmark/training/fingerprint.py",
    "benchmark/training/monitor.py",
    "benchmark/training/network.py",
    "benchmark/training/runtime.py",
    "benchmark/training/trial.py",
    "benchmark/trial_folder.py",
    "models/baselines.py",
    "models/fast_predict.py",
    "models/semantic_vectors.py",
)


def _hash_files() -> dict[str, str]:
    hashes = {}
    for file in FILES:
        package, _, path = file.partition("/")  # on a Ray cluster each package is in a folder of its own
        source = (importlib.resources.files(package) / path).read_bytes()
        hashes[file] = hashlib.sha256(source).hexdigest()
    return hashes


CODE = _hash_files()  # as this process imports it


def plan_trial(
    trial: TrialConfig, architecture: Architecture, corpus_digest: str, environment: Environment
) -> PlannedTrial:
    """Attach everything that decides the weights that a trial ends with, as plain JSON values; the worker has to agree.

    The kind of processor is no part: it is in the environment, and `reproduce` and `compare` read it there.
    """
    parts: dict[str, Any] = {
        "architecture": architecture.name,
        "source": {**CODE, **architecture.sources},
        "hyperparameters": _hyperparameters(trial, architecture),
        "seed": trial.seed,
        "corpus digest": corpus_digest,
        "train reviews": trial.train_reviews,
        "versions": {package: environment.versions.get(package) for package in PACKAGES[architecture.kind]},
        **environment.numeric_variables,
    }
    if architecture.kind == "network":  # else trained on the CPU, with one thread in BLAS
        parts |= {"device kind": environment.device_kind, "threads": environment.threads}
    return PlannedTrial(trial, parts, fingerprint(parts))


def _hyperparameters(trial: TrialConfig, architecture: Architecture) -> dict[str, Any]:
    """Return the architecture's own settings and those of the training."""
    settings = {**architecture.hyperparameters, "max_reviews": trial.max_reviews}
    if architecture.kind == "baseline":
        return settings | {"words": architecture.words}
    return settings | trial.model_dump(include=NETWORK_SETTINGS) | {"optimizer": OPTIMIZER, "loss": LOSS}


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the parts, whatever their order: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def differing_parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every part that differs; none where the fingerprints are equal.

    Examples
    --------
    >>> differing_parts({"versions": {"keras": "3.14"}}, {"versions": {"keras": "3.15"}})
    ['versions: keras was 3.14 and is 3.15']
    """
    sentences: list[str] = []
    for part in {**before, **now}:
        old, new = before.get(part), now.get(part)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            prefix = "" if part == "source" else f"{part}: "
            sentences += [f"{prefix}{sentence}" for sentence in differing_parts(old, new)]
        elif _is_digest(old) or _is_digest(new):
            change = "has changed"
            if old is None:
                change = "is used now"
            elif new is None:
                change = "is not used any more"
            sentences.append(f"{part} {change}")
        else:
            was, now_is = ("not set" if value is None else value for value in (old, new))
            sentences.append(f"{part} was {was} and is {now_is}")
    return sentences


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None

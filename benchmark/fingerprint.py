"""What decides a trial's result, as a hash and as parts that can be compared and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from benchmark.config import TrialConfig
from benchmark.results import Environment
from models.registry import get_architecture

DECISIVE_PACKAGES = ("tensorflow", "keras", "numpy")
OPTIMIZER = "adam"
LOSS = "binary_crossentropy"


def hyperparameters(config: TrialConfig) -> dict[str, Any]:
    """What is trained and how: the architecture's own settings and those of the training."""
    return {
        **get_architecture(config.architecture).hyperparameters,
        "epochs": config.epochs,
        "batch_size": config.batch_size,
        "vocabulary_size": config.vocabulary_size,
        "review_length": config.review_length,
        "limit": config.limit,
        "optimizer": OPTIMIZER,
        "loss": LOSS,
    }


def fingerprint_parts(config: TrialConfig, corpus_digest: str, environment: Environment) -> dict[str, Any]:
    """Everything that decides the weights that a trial ends with, as plain JSON values.

    Parameters
    ----------
    config : TrialConfig
    corpus_digest : str
        Of the whole corpus, before any limit.
    environment : Environment
        What counts are the versions of packages that compute, the kind of device, the threads inside one operation,
        which decide the order in which a CPU adds numbers up, and variables like ``TF_ENABLE_ONEDNN_OPTS`` where they
        are set.
    """
    return {
        "architecture": config.architecture,
        "architecture source": get_architecture(config.architecture).source_sha256,
        "hyperparameters": hyperparameters(config),
        "seed": config.seed,
        "corpus digest": corpus_digest,
        "versions": {package: environment.versions.get(package) for package in DECISIVE_PACKAGES},
        "device kind": environment.device_kind,
        "threads": environment.threads if environment.device_kind == "cpu" else None,
        **environment.numeric_variables,
    }


def fingerprint(parts: Mapping[str, Any]) -> str:
    """SHA-256 of the parts, whatever their order: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def differing_parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """A sentence for every part that differs, in the order of the parts; none where the fingerprints are equal.

    Examples
    --------
    >>> differing_parts({"versions": {"keras": "3.14"}}, {"versions": {"keras": "3.15"}})
    ['versions: keras was 3.14 and is 3.15']
    """
    sentences: list[str] = []
    for part in [*before, *(part for part in now if part not in before)]:
        old, new = before.get(part), now.get(part)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            sentences += [f"{part}: {sentence}" for sentence in differing_parts(old, new)]
        elif old != new:
            sentences.append(_sentence(part, old, new))
    return sentences


def _sentence(part: str, old: Any, new: Any) -> str:
    if part.endswith(("source", "digest")):
        return f"{part} has changed"
    was, is_ = ("not set" if value is None else value for value in (old, new))
    return f"{part} was {was} and is {is_}"

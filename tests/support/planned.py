"""Trials planned on a corpus folder."""

from __future__ import annotations

from pathlib import Path

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.plan import trial_config
from benchmark.results import Environment, PlannedTrial
from benchmark.training.environment import describe_environment
from benchmark.training.fingerprint import plan_trial
from models.registry import Architecture, lookup_built
from tests.support.tiny_corpus import MAX_LENGTH, VOCABULARY_SIZE

CONFIG = BenchmarkConfig(architectures=(), vocabulary_size=VOCABULARY_SIZE, max_length=MAX_LENGTH, device="cpu")


def planned(
    architecture: str | Architecture,
    corpus: Path,
    seed: int | None = 7,
    environment: Environment | None = None,
    **settings: object,
) -> PlannedTrial:
    """Plan a trial as the parent does, with small reviews; `settings` are fields of its `TrialConfig`."""
    if isinstance(architecture, str):
        architecture = lookup_built(architecture, VOCABULARY_SIZE, MAX_LENGTH)
    trial = trial_config(CONFIG, architecture, seed).model_copy(update=settings)
    return plan_trial(trial, architecture, open_corpus(corpus).facts.digest, environment or describe_environment())

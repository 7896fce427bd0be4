"""Trials planned on a corpus folder."""

from __future__ import annotations

from pathlib import Path

from benchmark.config import TrialConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.results import Environment, PlannedTrial
from benchmark.training.fingerprint import plan_trial
from benchmark.training.machine import describe_machine
from models.registry import lookup
from tests.support.tiny_corpus import MAX_LENGTH, VOCABULARY_SIZE


def planned(
    name: str, corpus: Path, seed: int | None = 7, environment: Environment | None = None, **settings: object
) -> PlannedTrial:
    """Plan a trial as the parent does, with small reviews."""
    facts = lookup(name)
    is_network = facts.kind == "network"
    config = TrialConfig(
        **{
            "architecture": facts.name,
            "title": facts.title,
            "kind": facts.kind,
            "spec": facts.spec,
            "seed": seed,
            "epochs": facts.epochs if is_network else None,
            "batch_size": facts.batch_size if is_network else None,
            "learning_rate": facts.learning_rate if is_network else None,
            "vocabulary_size": VOCABULARY_SIZE,
            "max_length": MAX_LENGTH,
            "device": "cpu",
        }
        | settings
    )
    return plan_trial(config, facts, open_corpus(corpus).facts.digest, environment or describe_machine())

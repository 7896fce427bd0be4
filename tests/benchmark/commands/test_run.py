"""Decisions of the command `run` that need no training."""

from io import StringIO

import pytest
from rich.console import Console

from benchmark.commands.run import fitted_to, is_finished
from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.plan import Past, Plan, make_plan
from models.registry import lookup
from tests.support.records import corpus_facts, environment


def _plan(corpus, seeds=(7,)) -> Plan:
    config = BenchmarkConfig(architectures=("majority_class", "lstm"), seeds=seeds)
    architectures = [lookup(choice.name) for choice in config.architectures]
    plan = make_plan(config, architectures, corpus, environment(), Past())
    stored = [
        trial.__class__(trial.config, trial.fingerprint_parts, trial.fingerprint, "run") for trial in plan.planned
    ]
    return plan.model_copy(update={"planned": tuple(stored)})


def test_a_benchmark_whose_trials_became_others_is_not_shown_as_it_was():
    before = _plan(corpus_facts("imdb"))
    for changed in (_plan(corpus_facts("custom")), _plan(corpus_facts("imdb"), seeds=(7, 8))):
        assert changed.to_train == ()
        assert not is_finished(None, "run", changed, before)


def test_without_unlabelled_reviews_what_learns_from_them_is_left_out_with_a_line_that_says_how_to_get_them():
    console = Console(file=StringIO(), width=400)
    config = BenchmarkConfig(architectures=("semantic_vectors_unlabelled", "majority_class"))
    architectures = [lookup(choice.name) for choice in config.architectures]
    config, kept = fitted_to(corpus_facts("imdb"), config, architectures, console)
    assert [architecture.name for architecture in kept] == ["majority_class"]
    assert [choice.name for choice in config.architectures] == ["majority_class"]
    assert "semantic_vectors_unlabelled is left out" in console.file.getvalue()
    assert "--data path/to/aclImdb_v1.tar.gz" in console.file.getvalue()
    alone = config.model_copy(update={"architectures": ("semantic_vectors_unlabelled",)})
    with pytest.raises(UserError, match="train/unsup"):
        fitted_to(corpus_facts("imdb"), alone, architectures[:1], console)

"""Decisions of the command `run` that need no training."""

from benchmark.commands.run import is_finished
from benchmark.config import BenchmarkConfig
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

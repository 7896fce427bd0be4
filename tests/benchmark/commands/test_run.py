"""Decisions of the command `run` that need no training."""

from io import StringIO

import pytest
from rich.console import Console

from benchmark.commands.prepare import prepare
from benchmark.commands.run import resumed_config, seeds_to_add
from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor
from benchmark.plan import Plan, make_plan
from models.registry import lookup
from tests.support.records import corpus_facts, environment, tiny_record


def _plan(corpus, *names, seeds=(7,)) -> Plan:
    config = BenchmarkConfig(architectures=names or ("majority_class", "lstm"), seeds=seeds)
    architectures = [lookup(name) for name in config.names]
    return make_plan(config, architectures, corpus, environment())


def test_both_sides_of_what_is_undecided_in_any_question_get_the_seeds_of_the_next_look():
    names, own = ("lstm", "cnn_lstm", "bag_of_words_svm"), corpus_facts("custom")
    plan, record = _plan(own, *names, seeds=(7, 8, 9)), tiny_record(names, corpus=own)
    assert seeds_to_add(plan, record) == {"lstm": [10, 11], "cnn_lstm": [10, 11]}
    far_below = {("lstm", seed): 0.55 + 0.001 * seed for seed in (7, 8, 9)}
    assert seeds_to_add(plan, tiny_record(names, corpus=own, accuracies=far_below)) == {"cnn_lstm": [10, 11]}


def test_resume_adds_seeds_replaces_what_may_change_and_refuses_the_rest():
    before = BenchmarkConfig(architectures=("lstm",), seeds=(7, 8), workers=2)
    now = BenchmarkConfig(architectures=("lstm",), seeds=(8, 9), workers=1, epochs=1)
    assert resumed_config(before, now, ["seeds"]) == before.model_copy(update={"seeds": (7, 8, 9)})
    assert resumed_config(before, now, ["workers"]).workers == 1
    with pytest.raises(UserError, match="--epochs: this benchmark was started with"):
        resumed_config(before, now, ["epochs"])


def test_without_unlabelled_reviews_a_line_says_what_is_left_out_and_how_to_get_them():
    console = Console(file=StringIO(), width=400)
    names = ("semantic_vectors_unlabelled", "majority_class")
    architectures = [lookup(name) for name in names]
    config = BenchmarkConfig(architectures=names, data="synthetic", device="cpu")
    with LocalExecutor(config) as executor:
        _, plan = prepare(console, config, executor, architectures)
        assert plan.architectures == ("majority_class",)
        assert "semantic_vectors_unlabelled is left out" in console.file.getvalue()
        assert "--data path/to/aclImdb_v1.tar.gz" in console.file.getvalue()
        alone = config.model_copy(update={"architectures": config.architectures[:1]})
        with pytest.raises(UserError, match="train/unsup"):
            prepare(console, alone, executor, architectures[:1])

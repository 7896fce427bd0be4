"""What a benchmark will do, known before it trains."""

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan, make_plan
from models.registry import lookup
from tests.support.records import corpus_facts, environment

CORPUS, HERE = corpus_facts(), environment()


def _seeds(plan, name):
    return list(plan.by_seed(name))


def _plan(*names: str, resumed: Plan | None = None, corpus=CORPUS, **settings) -> Plan:
    config = BenchmarkConfig(architectures=names, **settings)
    architectures = [lookup(name) for name in config.names]
    return make_plan(config, architectures, corpus, HERE, resumed)


def _trials(plan: Plan) -> list[str]:
    return [trial.config.name for trial in plan.planned]


def _after(seen: Plan, plan: Plan, reported: bool = True) -> Plan:
    """The plan where all trials of another one are finished, and perhaps reported."""
    run_ids = {trial.fingerprint: f"run of {trial.config.name}" for trial in seen.planned}
    return plan.with_stored(run_ids, [seen] if reported else [])


def test_baselines_come_first_then_the_first_seed_of_every_network_and_then_every_second_one():
    plan = _plan("lstm", "cnn_lstm@0-2", "bag_of_words_svm", seeds=(7, 8))
    assert _trials(plan) == [
        "bag_of_words_svm",
        "lstm seed 7",
        "cnn_lstm seed 0",
        "lstm seed 8",
        "cnn_lstm seed 1",
        "cnn_lstm seed 2",
    ]
    assert plan.to_train == plan.planned
    assert (
        plan.config.command_line()
        == "python -m benchmark run --architectures lstm,cnn_lstm@0-2,bag_of_words_svm --seeds 7,8"
    )


@pytest.mark.parametrize("until_decided", [False, True])
def test_a_control_has_one_seed_unless_it_has_seeds_of_its_own(until_decided):
    plan = _plan("cnn_lstm", "cnn_lstm_tensorboard", seeds=(7, 8, 9), until_decided=until_decided)
    assert (_seeds(plan, "cnn_lstm"), _seeds(plan, "cnn_lstm_tensorboard")) == ([7, 8, 9], [7])
    assert _seeds(_plan("cnn_lstm_tensorboard@0-2"), "cnn_lstm_tensorboard") == [0, 1, 2]
    more = _plan("cnn_lstm_tensorboard", seeds=(7, 8), resumed=_plan("cnn_lstm_tensorboard@0-1"))
    assert _seeds(more, "cnn_lstm_tensorboard") == [0, 1, 7]


def test_no_more_trials_train_at_once_than_there_are_to_train():
    plan = _plan("lstm", seeds=(7, 8, 9))
    plan = plan.model_copy(update={"environment": plan.environment.model_copy(update={"trials_at_once": 16})})
    assert plan.with_stored({}).environment.trials_at_once == 3
    assert _after(_plan("lstm", seeds=(7,)), plan).environment.trials_at_once == 2


def test_a_limit_above_all_reviews_is_none_and_what_needs_unlabelled_reviews_is_left_out_without_them():
    names = ("semantic_vectors_unlabelled", "majority_class")
    assert _plan(*names).architectures == ("majority_class",)
    assert _plan("lstm", max_reviews=CORPUS.test_reviews).planned == _plan("lstm").planned
    with_unlabelled = corpus_facts(unlabelled_digest="1" * 64)
    assert _plan(*names, corpus=with_unlabelled).architectures == names
    assert _plan(*names, corpus=with_unlabelled, max_reviews=100).architectures == ("majority_class",)


@pytest.mark.parametrize(
    ("names", "seeds", "looks"),
    [
        (("lstm",), (7, 8, 9), (2,)),
        (("lstm", "cnn_lstm"), (8, 9), (1,)),
        (("lstm",), (7, 8), ()),  # none is added
        (("lstm",), (9, 10), ()),  # none was seen
        (("cnn_lstm",), (7, 8, 9), ()),
    ],
)
def test_seeds_that_are_added_to_those_that_were_seen_are_on_record(names, seeds, looks):
    seen = _plan("lstm", seeds=(7, 8))
    assert _after(seen, _plan(*names, seeds=seeds)).looks == looks
    assert _after(seen, _plan(*names, seeds=seeds), reported=False).looks == ()  # stopped before a report


def test_looks_of_the_benchmark_that_trained_what_is_taken_are_kept():
    first, second = _plan("lstm", seeds=(7,)), _plan("lstm", seeds=(7, 8))
    second = _after(first, second)
    assert second.looks == (1,)
    third = _after(second, _plan("lstm", seeds=(7, 8, 9)))
    assert third.looks == (1, 2)


def test_a_plan_grows_by_seeds_with_the_fingerprints_that_a_new_plan_would_have():
    small, large = (_plan("lstm", "cnn_lstm", seeds=seeds) for seeds in ((7, 8), (7, 8, 9)))
    grown = small.extended({"lstm": [9]})
    assert _trials(grown) == [*_trials(small), "lstm seed 9"]
    assert grown.planned[-1].fingerprint == large.planned[-2].fingerprint
    assert grown.looks == (2,)


def test_with_numbers_of_training_reviews_each_seed_has_a_draw_and_all_reviews_are_the_ordinary_trial():
    plan = _plan("cnn_lstm", "bag_of_words_svm", seeds=(7, 8), train_reviews=(100, CORPUS.train_reviews))
    assert _trials(plan) == [
        "bag_of_words_svm",
        "cnn_lstm seed 7",
        "bag_of_words_svm seed 7 on 100 reviews",
        "cnn_lstm seed 8",
        "bag_of_words_svm seed 8 on 100 reviews",
        "cnn_lstm seed 7 on 100 reviews",
        "cnn_lstm seed 8 on 100 reviews",
    ]
    ordinary = _plan("cnn_lstm", "bag_of_words_svm", seeds=(7, 8))
    assert set(ordinary.planned) < set(plan.planned)
    assert len({trial.fingerprint for trial in plan.planned}) == 7
    assert (_seeds(plan, "cnn_lstm"), _seeds(plan, "bag_of_words_svm")) == ([7, 8], [])
    assert Plan.model_validate_json(plan.model_dump_json()) == plan

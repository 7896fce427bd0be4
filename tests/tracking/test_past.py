"""What is taken from the store instead of being trained again, and what is not."""

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan
from benchmark.trial_folder import RESULT_FILE
from tests.support.records import corpus_facts, environment, planned_trial, trial_config
from tests.tracking.test_reader import path_of
from tracking.past import take_stored, typical_seconds
from tracking.reader import child_runs

SVM, OTHER = trial_config("bag_of_words_svm"), trial_config("naive_bayes_logistic")
FROM_ELSEWHERE = trial_config("bag_of_words_svm", spec="/nets.py:bag_of_words_svm")


def _plan(*trials, **settings) -> Plan:
    return Plan(
        config=BenchmarkConfig(architectures=(), **settings),
        planned=tuple(map(planned_trial, trials)),
        corpus=corpus_facts(),
        environment=environment(),
    )


def _taken(store, plan, run_id=None) -> dict[str, str]:
    plan, _ = take_stored(store, plan, run_id)
    return {trial.config.name: trial.stored_as for trial in plan.planned if trial.stored_as}


@pytest.fixture
def trained(run_benchmark, store):
    """The run of one trial with its model, in a benchmark that was not reported."""
    (run,) = child_runs(store, run_benchmark([SVM], [0.85]))
    return run


def test_a_finished_trial_is_taken(trained, store) -> None:
    plan, refused = take_stored(store, _plan(SVM, OTHER))
    assert [trial.stored_as for trial in plan.planned] == [trained.info.run_id, None]
    assert refused == []
    assert _taken(store, _plan(SVM, fresh=True)) == _taken(None, _plan(SVM)) == {}


def test_earlier_trials_with_the_same_settings_on_this_machine_give_times(run_benchmark, store) -> None:
    trials = [trial_config("lstm", 7), trial_config("lstm", 8), SVM]
    run_benchmark(trials)
    for run, seconds in zip(store.search("tags.`benchmark.kind` = 'trial'"), (1, 2, 4), strict=True):
        store.client.log_metric(run.info.run_id, "trial/wall_seconds", seconds, step=10)
    plan = _plan(*trials, OTHER)
    assert typical_seconds(store, plan) == {"bag_of_words_svm": 1.0, "lstm": 3.0}
    assert typical_seconds(store, _plan(trial_config("lstm", 7, epochs=1))) == {}
    elsewhere = plan.model_copy(update={"environment": environment(threads=64)})
    assert typical_seconds(store, elsewhere) == {}


def test_results_that_were_reported_were_seen(run_benchmark, store) -> None:
    run_id = run_benchmark([trial_config("lstm", 7)])
    plan = _plan(trial_config("lstm", 7), trial_config("lstm", 8))
    assert take_stored(store, plan)[0].looks == ()
    store.client.set_tag(run_id, "benchmark.verdict", "none")
    assert take_stored(store, plan)[0].looks == (1,)
    path_of(store, run_id, "benchmark.json").unlink()
    assert take_stored(store, plan)[0].looks == ()
    assert len(_taken(store, plan)) == 1


def test_what_comes_from_elsewhere_is_taken_by_its_own_benchmark_alone(run_benchmark, store) -> None:
    run_id = run_benchmark([FROM_ELSEWHERE])
    assert _taken(store, _plan(FROM_ELSEWHERE)) == {}
    assert len(_taken(store, _plan(FROM_ELSEWHERE), run_id)) == 1
    assert len(_taken(store, _plan(FROM_ELSEWHERE, fresh=True), run_id)) == 1


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("benchmark.model_uri", None),  # a reproduction
        ("benchmark.origin", "0" * 32),  # a copy
    ],
)
def test_a_run_that_is_no_whole_training_is_not_taken(trained, store, tag: str, value: str | None) -> None:
    if value is None:
        store.client.delete_tag(trained.info.run_id, tag)
    else:
        store.client.set_tag(trained.info.run_id, tag, value)
    assert _taken(store, _plan(SVM)) == {}


def test_what_is_damaged_or_has_lost_its_model_is_trained_again_and_a_line_says_why(trained, store) -> None:
    store.client.delete_model_version("imdb-bag_of_words_svm", "1")
    plan, (refused,) = take_stored(store, _plan(SVM))
    assert plan.to_train == plan.planned
    assert refused.startswith("bag_of_words_svm is in the store and is trained again: the MLmodel file of models:")
    path_of(store, trained.info.run_id, RESULT_FILE).write_text("{}")
    assert "result.json cannot be read" in take_stored(store, _plan(SVM))[1][0]


def test_of_two_trainings_with_different_weights_neither_is_taken(trained, begin, train, store) -> None:
    with begin([SVM]) as session:
        session.store_trial(train(session, SVM, weights_sha256="0" * 64))
        session.finish("FINISHED")
    plan, (refused,) = take_stored(store, _plan(SVM))
    assert plan.to_train == plan.planned
    assert "have different weights" in refused
    assert trained.info.run_id[:8] in refused
    assert _taken(store, _plan(SVM), session.run_id)  # in the benchmark that trained it, it stays

"""What is taken from the store instead of being trained again, and what is not."""

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan
from benchmark.trial_folder import RESULT_FILE
from tests.support.records import corpus_facts, environment, planned_trial, trial_config
from tests.tracking.test_reader import path_of
from tracking.past import read_past, typical_seconds
from tracking.reader import child_runs

SVM, OTHER = trial_config("bag_of_words_svm"), trial_config("naive_bayes_logistic")
FROM_ELSEWHERE = trial_config("bag_of_words_svm", spec="/nets.py:bag_of_words_svm")


def _plan(*trials) -> Plan:
    return Plan(
        config=BenchmarkConfig(architectures=()),
        planned=tuple(map(planned_trial, trials)),
        corpus=corpus_facts(),
        environment=environment(),
    )


@pytest.fixture
def trained(run_benchmark, store):
    """The run of one trial with its model, in a benchmark that was not reported."""
    (run,) = child_runs(store, run_benchmark([SVM], [0.85]))
    return run


def test_a_finished_trial_is_taken(trained, store) -> None:
    past = read_past(store, _plan(SVM, OTHER))
    assert past.run_ids == {planned_trial(SVM).fingerprint: trained.info.run_id}
    assert (past.seen, past.refused) == ((), ())
    assert read_past(store, _plan(SVM), fresh=True).run_ids == {}


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


def test_the_plan_of_a_benchmark_that_was_reported_was_seen(trained, store) -> None:
    benchmark = trained.data.tags["mlflow.parentRunId"]
    store.client.set_tag(benchmark, "benchmark.verdict", "none")
    (seen,) = read_past(store, _plan(SVM)).seen
    assert [trial.config for trial in seen.planned] == [SVM]
    path_of(store, benchmark, "benchmark.json").unlink()
    assert read_past(store, _plan(SVM)).run_ids


def test_what_comes_from_elsewhere_is_taken_by_its_own_benchmark_alone(run_benchmark, store) -> None:
    run_id = run_benchmark([FROM_ELSEWHERE])
    assert read_past(store, _plan(FROM_ELSEWHERE)).run_ids == {}
    assert len(read_past(store, _plan(FROM_ELSEWHERE), run_id).run_ids) == 1
    assert len(read_past(store, _plan(FROM_ELSEWHERE), run_id, fresh=True).run_ids) == 1


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
    assert read_past(store, _plan(SVM)).run_ids == {}


def test_what_is_damaged_or_has_lost_its_model_is_trained_again_and_a_line_says_why(trained, store) -> None:
    store.client.delete_model_version("imdb-bag_of_words_svm", "1")
    past = read_past(store, _plan(SVM))
    assert past.run_ids == {}
    assert past.refused[0].startswith(
        "bag_of_words_svm is in the store and is trained again: the MLmodel file of models:"
    )
    path_of(store, trained.info.run_id, RESULT_FILE).write_text("{}")
    assert "result.json cannot be read" in read_past(store, _plan(SVM)).refused[0]


def test_of_two_trainings_with_different_weights_neither_is_taken(trained, begin, train, store) -> None:
    with begin([SVM]) as session:
        session.store_trial(train(session, SVM, weights_sha256="0" * 64))
        session.finish("FINISHED")
    past = read_past(store, _plan(SVM))
    assert past.run_ids == {}
    assert "have different weights" in past.refused[0]
    assert trained.info.run_id[:8] in past.refused[0]
    assert read_past(store, _plan(SVM), session.run_id).run_ids  # in the benchmark that trained it, it stays

"""What a benchmark will do, known before it trains."""

from dataclasses import replace

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.plan import Past, PastTrial, Plan, make_plan
from models.registry import lookup
from tests.support.records import corpus_facts, environment

CORPUS, HERE = corpus_facts(), environment()


def _plan(*names: str, past: Past | None = None, before: Plan | None = None, **settings) -> Plan:
    config = BenchmarkConfig(architectures=names, **settings)
    architectures = [lookup(choice.name) for choice in config.architectures]
    return make_plan(config, architectures, CORPUS, HERE, past or Past(), before)


def _trials(plan: Plan) -> list[str]:
    return [trial.config.name for trial in plan.planned]


def _to_train(plan: Plan) -> list[str]:
    return [trial.config.name for trial in plan.to_train]


def _past_of(plan: Plan, benchmark: str = "first", **changes) -> Past:
    """Every trial of a plan, finished on this machine."""
    trials = []
    for place, trial in enumerate(plan.planned):
        past_trial = PastTrial(
            run_id=f"{benchmark} {trial.config.name}",
            benchmark_run_id=benchmark,
            fingerprint=trial.fingerprint,
            processor=HERE.processor(trial.config.kind),
            machine=HERE.machine,
            config=trial.config,
            seconds=10.0 + place,
            accuracy=0.8 + 0.1 * place,
        )
        trials.append(replace(past_trial, **changes))
    return Past(tuple(trials))


def test_the_first_seed_of_every_architecture_is_planned_before_every_second_one():
    plan = _plan("lstm", "cnn_lstm@0-2", "bag_of_words_svm", seeds=(7, 8))
    assert _trials(plan) == [
        "lstm seed 7",
        "cnn_lstm seed 0",
        "bag_of_words_svm",
        "lstm seed 8",
        "cnn_lstm seed 1",
        "cnn_lstm seed 2",
    ]
    assert plan.to_train == plan.planned
    assert plan.command == "python -m benchmark run --architectures lstm,cnn_lstm@0-2,bag_of_words_svm --seeds 7,8"


def test_until_decided_starts_with_three_seeds():
    assert _plan("lstm", seeds=(7,), until_decided=True).seeds_of("lstm") == [7, 8, 9]


def test_what_the_store_has_finished_is_not_trained_again():
    past = _past_of(_plan("lstm", "bag_of_words_svm", seeds=(7, 8)))
    plan = _plan("lstm", "bag_of_words_svm", seeds=(7, 8, 9), past=past)
    assert _to_train(plan) == ["lstm seed 9"]
    assert plan.planned[0].stored_as == "first lstm seed 7"


@pytest.mark.parametrize(
    "changes", [{"processor": "another (avx2)"}, {"fingerprint": "0" * 64}], ids=["processor", "fingerprint"]
)
def test_a_trial_of_another_processor_or_fingerprint_is_trained(changes):
    plan = _plan("lstm", past=_past_of(_plan("lstm"), **changes))
    assert plan.to_train == plan.planned


def test_a_fresh_benchmark_takes_only_what_it_trained_itself():
    past = _past_of(_plan("lstm"))
    assert _to_train(_plan("lstm", past=past.of_benchmark("first"))) == []
    assert len(_to_train(_plan("lstm", past=past.of_benchmark(None)))) == 3


def test_a_resumed_benchmark_keeps_its_trials_and_looks():
    before = _plan("lstm", "cnn_lstm@0-1", seeds=(7, 8))
    before = before.model_copy(update={"looks": (2,)})
    plan = _plan("lstm", "cnn_lstm", seeds=(7, 8), before=before)
    assert set(_trials(before)) <= set(_trials(plan))
    assert plan.looks == (2,)


def test_seeds_that_are_added_after_a_look_at_results_are_on_record():
    before = _plan("lstm", seeds=(7, 8))
    grown = {"seeds": (7, 8, 9), "before": before}
    assert _plan("lstm", past=_past_of(before), **grown).looks == (2,)
    assert _plan("lstm", **grown).looks == ()
    own_seeds = _plan("lstm@0-1", before=_plan("lstm@0-1"), past=_past_of(before), seeds=(7, 8, 9))
    assert own_seeds.looks == ()  # none was added


def test_a_plan_grows_by_seeds_with_the_fingerprints_that_a_new_plan_would_have():
    small, large = (_plan("lstm", "cnn_lstm", seeds=seeds) for seeds in ((7, 8), (7, 8, 9)))
    grown = small.extended({"lstm": [9]}, _past_of(large))
    assert _trials(grown) == [*_trials(small), "lstm seed 9"]
    assert grown.planned[-1].fingerprint == large.planned[-2].fingerprint
    assert grown.planned[-1].stored_as == "first lstm seed 9"
    assert grown.looks == (2,)
    assert grown.extended({"cnn_lstm": [9]}, Past()).to_train[-1].config.name == "cnn_lstm seed 9"


def test_earlier_trials_with_the_same_settings_give_times_and_spreads():
    plan = _plan("lstm", "bag_of_words_svm", seeds=(7, 8))
    past = _past_of(plan)
    assert past.typical_seconds(plan) == {"lstm": 11.0, "bag_of_words_svm": 11.0}
    assert past.spreads(plan) == {"lstm": pytest.approx(0.2 / 2**0.5)}
    other_settings = _plan("lstm", epochs=1)
    assert past.typical_seconds(other_settings) == past.spreads(other_settings) == {}
    elsewhere = _past_of(plan, machine=("another",))
    assert elsewhere.typical_seconds(plan) == {}
    assert elsewhere.spreads(plan)


def test_a_plan_is_the_same_after_it_was_stored():
    plan = _plan("lstm@0-1", "cnn_lstm", past=_past_of(_plan("cnn_lstm")), reference="my paper=0.874")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan

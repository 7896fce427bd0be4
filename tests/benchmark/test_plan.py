"""What a resumed benchmark trains, and what it takes as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.fingerprint import fingerprint, fingerprint_parts
from benchmark.plan import Plan, plan_trials
from benchmark.results import BenchmarkRecord, Environment
from tests.support.records import make_environment, make_record

CONFIG = BenchmarkConfig(architectures=("cnn_lstm", "lstm"), seeds=(7,))
DIGEST = "0" * 64
ENVIRONMENT = make_environment()


def parts(trial: TrialConfig, environment: Environment = ENVIRONMENT, digest: str = DIGEST) -> dict:
    return fingerprint_parts(trial, digest, environment)


@pytest.fixture
def begun() -> BenchmarkRecord:
    """A benchmark of two trials: the first finished, in the run ``run-of-cnn_lstm``, the second failed."""
    record = make_record(CONFIG.architectures, CONFIG.seeds, failed=[("lstm", 7)], reviews=20)
    first, second = record.trials
    assert first.result is not None
    now = parts(first.config)
    result = first.result.model_copy(update={"fingerprint_parts": now, "fingerprint": fingerprint(now)})
    return replace(record, trials=(replace(first, run_id="run-of-cnn_lstm", result=result), second))


def plan(begun: BenchmarkRecord, *whole: str, environment: Environment = ENVIRONMENT, digest: str = DIGEST) -> Plan:
    """Plan to resume where these runs are whole, each with the fingerprint of the finished trial."""
    assert begun.trials[0].result is not None
    print_ = begun.trials[0].result.fingerprint
    return plan_trials(begun.config, digest, environment, begun, dict.fromkeys(whole, print_))


def names(trials: Iterable[TrialConfig]) -> list[str]:
    return [trial.name for trial in trials]


def test_a_new_benchmark_trains_everything() -> None:
    planned = plan_trials(CONFIG, DIGEST, ENVIRONMENT)
    assert names(planned.to_train) == ["cnn_lstm seed 7", "lstm seed 7"]


def test_a_finished_trial_that_is_really_there_stays_and_a_failed_one_is_trained_anew(begun: BenchmarkRecord) -> None:
    planned = plan(begun, "run-of-cnn_lstm")
    assert names(planned.finished) == ["cnn_lstm seed 7"]
    assert names(planned.to_train) == ["lstm seed 7"]
    assert planned.changes == {}


def test_a_finished_trial_whose_model_is_gone_is_trained_anew_and_says_so(begun: BenchmarkRecord) -> None:
    planned = plan(begun)
    assert names(planned.to_train) == ["cnn_lstm seed 7", "lstm seed 7"]
    assert planned.changes == {begun.trials[0].config: "its model or its predictions are not in the store any more"}


def test_the_same_trial_of_another_benchmark_is_taken_over(begun: BenchmarkRecord) -> None:
    planned = plan(begun, "run-of-another")
    assert planned.take_over == {begun.trials[0].config: "run-of-another"}
    assert names(planned.to_train) == ["lstm seed 7"]


@pytest.mark.parametrize(
    ("environment", "digest", "told"),
    [
        (ENVIRONMENT, "1" * 64, "corpus digest has changed"),
        (
            ENVIRONMENT.model_copy(update={"versions": ENVIRONMENT.versions | {"tensorflow": "3.0"}}),
            DIGEST,
            "versions: tensorflow was 2.21.0 and is 3.0",
        ),
        (ENVIRONMENT.model_copy(update={"threads": 7}), DIGEST, "threads was"),
    ],
)
def test_what_has_changed_since_is_trained_anew_and_named(
    begun: BenchmarkRecord, environment: Environment, digest: str, told: str
) -> None:
    planned = plan(begun, "run-of-cnn_lstm", environment=environment, digest=digest)
    assert names(planned.to_train) == ["cnn_lstm seed 7", "lstm seed 7"]
    assert told in planned.changes[begun.trials[0].config]

"""A store that is away for a moment is waited for, and what it could not tell is not taken for lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException, RestException

from benchmark.errors import UserError
from tests.support.outcomes import events_of, small_config
from tracking.model_store import model_is_stored
from tracking.outages import is_outage, through_outages
from tracking.records import read_benchmark, whole_trials
from tracking.run_lookup import find_benchmark
from tracking.runs import BenchmarkTracker
from tracking.store import Store

OpenTracker = Callable[..., BenchmarkTracker]

AWAY = MlflowException("API request to http://127.0.0.1:5000/api failed with exception: Connection refused")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.outbox.FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("tracking.outbox.LONGEST_PAUSE_SECONDS", 0.001)


@pytest.fixture
def finished(open_tracker: OpenTracker, tmp_path: Path) -> BenchmarkTracker:
    with open_tracker(small_config()) as tracker:
        for event in events_of(small_config().trials()[0], tmp_path / "spool"):
            tracker.handle(event)
    return tracker


@pytest.fixture
def away(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Have the next calls of a client's method fail, as when the server is not there."""

    def go(method: str, calls: int) -> None:
        answer = getattr(type(store.client), method)
        left = [AWAY] * calls

        def call(*args: object, **options: object) -> object:
            if left:
                raise left.pop()
            return answer(*args, **options)

        monkeypatch.setattr(type(store.client), method, call)

    return go


def test_what_is_read_comes_after_the_outage_and_what_is_wrong_at_once() -> None:
    errors: list[Exception] = [ConnectionError(), AWAY]

    def read() -> str:
        if errors:
            raise errors.pop()
        return "answer"

    assert through_outages(read) == "answer"
    errors.append(ValueError("it is wrong"))
    with pytest.raises(ValueError, match="it is wrong"):
        through_outages(read)


def test_a_store_that_stays_away_is_told_in_one_line() -> None:
    def read() -> None:
        raise AWAY

    with pytest.raises(UserError, match="has not answered for 0 seconds"):
        through_outages(read, patience_seconds=0.01)


@pytest.mark.parametrize("method", ["get_run", "search_runs", "list_artifacts", "download_artifacts"])
def test_a_benchmark_is_read_whole_through_an_outage(
    store: Store, finished: BenchmarkTracker, away, method: str
) -> None:
    away(method, 2)
    record = read_benchmark(store.client, finished.run_id)
    assert record.complete
    assert record.trials[0].failure is None


@pytest.mark.parametrize("method", ["search_runs", "list_artifacts", "list_logged_model_artifacts"])
def test_a_trial_whose_files_could_not_be_looked_for_is_not_taken_for_lost(
    store: Store, finished: BenchmarkTracker, away, method: str
) -> None:
    away(method, 2)
    assert len(whole_trials(store.client, store.experiment_id)) == 1


def test_a_store_that_is_away_is_not_taken_for_one_without_the_run_or_the_model(
    store: Store, finished: BenchmarkTracker, away
) -> None:
    away("get_run", 1)
    with pytest.raises(MlflowException, match="Connection refused"):
        find_benchmark(store.client, store.experiment_id, finished.run_id)
    away("list_logged_model_artifacts", 1)
    with pytest.raises(MlflowException, match="Connection refused"):
        model_is_stored(store.client, "m-1")


@pytest.mark.parametrize(
    "message",
    [
        '(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "dataset_pk"',
        "(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.experiment_id, datasets.name, datasets.digest",
    ],
)
def test_a_row_that_another_process_wrote_at_the_same_moment_is_looked_for_again(message: str) -> None:
    assert is_outage(RestException({"error_code": "BAD_REQUEST", "message": message}))


def test_a_refused_request_is_not_tried_again() -> None:
    assert not is_outage(RestException({"error_code": "BAD_REQUEST", "message": "the name is too long"}))

"""A benchmark read back from what MLflow stores, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.config import TrialConfig
from benchmark.errors import UserError
from benchmark.predictions_file import read_predictions
from benchmark.results import BenchmarkRecord, HardReview, Predictions, TrialRecord, TrialResult, TrialStatus
from benchmark.temporary import temporary_directory
from tracking.attempts import attempts
from tracking.benchmark_facts import HARD_REVIEWS_ARTIFACT
from tracking.benchmark_run import read_facts
from tracking.model_store import model_is_stored
from tracking.outages import is_outage, through_outages
from tracking.run_lookup import benchmark_run, find_run
from tracking.trial_runs import (
    FAILURE_TAG,
    FINGERPRINT_TAG,
    MODEL_TAG,
    PREDICTIONS_ARTIFACT,
    REGISTERED_TAG,
    RESULT_ARTIFACT,
    trial_config,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

STATUS: dict[str, TrialStatus] = {
    "RUNNING": "running",
    "SCHEDULED": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}
PREFERENCE: tuple[TrialStatus, ...] = ("finished", "running", "failed", "killed")


def read_benchmark(client: MlflowClient, run_id: str) -> BenchmarkRecord:
    """Read a benchmark with every trial that it planned; where the store is away for a while, it is waited for.

    Raises
    ------
    UserError
        If the run is not there or is not a benchmark run, or the store stays away.
    """
    return through_outages(lambda: _read_benchmark(client, run_id))


def _read_benchmark(client: MlflowClient, run_id: str) -> BenchmarkRecord:
    run = benchmark_run(client, run_id)
    run_id = run.info.run_id  # its first digits may have been given
    facts = read_facts(client, run_id)
    trial_runs = attempts(client, run.info.experiment_id, run_id, facts.taken_over)
    reader = _TrialReader(client)
    trials = _one_for_each(facts.config.trials(), [reader.read(trial_run) for trial_run in trial_runs])
    return BenchmarkRecord(
        run_id=run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name,
        status=STATUS[run.info.status],
        started_at=datetime.fromtimestamp(run.info.start_time / 1000, UTC).isoformat(timespec="seconds"),
        config=facts.config,
        corpus=facts.corpus,
        environment=facts.environment,
        trials=trials,
        command=facts.command,
        tracking_uri=client.tracking_uri,
        hard_reviews=_hard_reviews(client, run_id),
        executions=facts.executions,
        trusted_since_ms=facts.trusted_since_ms,
    )


def read_trial(client: MlflowClient, run_id: str) -> TrialRecord:
    """Read one trial run, whatever became of its benchmark.

    Raises
    ------
    UserError
        If the run is not there or is not a trial run.
    """
    run = find_run(client, run_id, "a trial run's id")
    if trial_config(run) is None:
        raise UserError(f"the run {run_id} is not a trial run")
    return _TrialReader(client).read(run)


def whole_trials(client: MlflowClient, experiment_id: str, since_ms: int | None = None) -> dict[str, str]:
    """Run id to fingerprint, of the finished trials whose model and predictions are really there, the oldest first.

    Parameters
    ----------
    since_ms : int or None
        Only of those that were begun then or later; in milliseconds since the epoch.

    Raises
    ------
    UserError
        If the store is away, and stays away.
    """
    return through_outages(lambda: _whole_trials(client, experiment_id, since_ms or 0))


def _whole_trials(client: MlflowClient, experiment_id: str, since_ms: int) -> dict[str, str]:
    finished = f"attributes.status = 'FINISHED' AND attributes.start_time >= {since_ms}"
    whole: dict[str, str] = {}
    token = None
    while True:
        page = client.search_runs(
            [experiment_id],
            f"{finished} AND tags.`{FINGERPRINT_TAG}` LIKE '%'",
            order_by=["attributes.start_time ASC"],
            page_token=token,
        )
        whole |= {run.info.run_id: run.data.tags[FINGERPRINT_TAG] for run in page if _is_whole(client, run)}
        token = page.token
        if not token:
            return whole


def _is_whole(client: MlflowClient, run: Run) -> bool:
    stored = {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    return {RESULT_ARTIFACT, PREDICTIONS_ARTIFACT} <= stored and model_is_stored(client, run.data.tags[MODEL_TAG])


def _one_for_each(planned: Iterable[TrialConfig], records: Iterable[TrialRecord]) -> tuple[TrialRecord, ...]:
    """Choose among the attempts at each trial: a finished one before any other, then the newest."""
    chosen: dict[TrialConfig, TrialRecord] = {}
    for record in records:
        earlier = chosen.get(record.config)
        if earlier is None or PREFERENCE.index(record.status) <= PREFERENCE.index(earlier.status):
            chosen[record.config] = record
    return tuple(chosen.get(trial, TrialRecord(trial, run_id="", status="planned")) for trial in planned)


class _TrialReader:
    """Reads trial runs; what all predictions have in common is kept in memory once."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self._shared: Predictions | None = None

    def read(self, run: Run) -> TrialRecord:
        tags, run_id, status = run.data.tags, run.info.run_id, STATUS[run.info.status]
        config = trial_config(run)
        assert config is not None, "only the runs of trials are read"
        if status != "finished":
            failure = tags.get(FAILURE_TAG) if status in ("failed", "killed") else None
            return TrialRecord(config, run_id, status, failure=failure)
        try:
            result, predictions = self._read_results(run_id)
        except (OSError, UserError, ValueError) as error:
            if is_outage(error):
                raise
            reason = str(error).splitlines()[0]
            return TrialRecord(config, run_id, "failed", failure=f"its results cannot be read: {reason}")
        return TrialRecord(
            result.config,
            run_id,
            status,
            result=result,
            predictions=predictions,
            model_uri=f"models:/{tags[MODEL_TAG]}",
            registered_version=" version ".join(tags[REGISTERED_TAG].rsplit("/", 1)),
        )

    def _read_results(self, run_id: str) -> tuple[TrialResult, Predictions]:
        from mlflow.exceptions import MlflowException

        with temporary_directory() as temporary:
            try:
                files = [
                    Path(self._client.download_artifacts(run_id, name, temporary))
                    for name in (RESULT_ARTIFACT, PREDICTIONS_ARTIFACT)
                ]
            except MlflowException as error:
                if is_outage(error):
                    raise
                raise UserError(str(error)) from None
            return TrialResult.model_validate_json(files[0].read_bytes()), self._share(read_predictions(files[1]))

    def _share(self, predictions: Predictions) -> Predictions:
        shared = self._shared
        if shared is None or not all(
            np.array_equal(getattr(shared, column), getattr(predictions, column))
            for column in ("review_id", "label", "words")
        ):
            self._shared = predictions
            return predictions
        return Predictions(shared.review_id, shared.label, predictions.probability, shared.words)


def _hard_reviews(client: MlflowClient, run_id: str) -> tuple[HardReview, ...]:
    if HARD_REVIEWS_ARTIFACT not in {artifact.path for artifact in client.list_artifacts(run_id)}:
        return ()
    with temporary_directory() as temporary:
        path = client.download_artifacts(run_id, HARD_REVIEWS_ARTIFACT, temporary)
        return tuple(HardReview(**review) for review in json.loads(Path(path).read_text(encoding="utf-8")))

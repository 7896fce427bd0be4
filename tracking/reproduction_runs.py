"""Runs of reproductions: each links to the run that it reproduces, and leaves its outcome as a tag there."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

from benchmark.errors import UserError
from benchmark.events import EpochFinished, TrialEvent, TrialFailed, TrialStarted, WorkerReady
from benchmark.reproduction import Reproduction, worst_outcome
from benchmark.results import EpochResult, TrialOutcome
from tracking.benchmark_facts import KIND_TAG, REPRODUCTION_KIND
from tracking.benchmark_run import NOTE_TAG, PROCESS_TAG, environment_tags
from tracking.outages import is_outage
from tracking.outbox import Outbox
from tracking.processes import this_process
from tracking.reproductions import REPRODUCES_TAG, Original
from tracking.store import Store
from tracking.trial_runs import (
    PARENT_TAG,
    PREDICTIONS_ARTIFACT,
    RESULT_ARTIFACT,
    fail_trial_run,
    kill_trial_run,
    log_epoch,
    set_tags,
)

REPRODUCED_TAG = "benchmark.reproduced"
OUTCOME_TAG = "benchmark.outcome"
REPRODUCTION_ARTIFACT = "reproduction.json"

PATIENCE_SECONDS = 600.0
PATIENCE_WHEN_KILLED_SECONDS = 10.0


class ReproductionTracker:
    """Logs one reproduction; a context manager that ends as FAILED or KILLED when an exception passes through.

    A trial is reproduced in one run; a benchmark in one run with another under it for each trial. Where the store goes
    away for a while, what is to be logged waits in memory.

    Attributes
    ----------
    run_id : str
    """

    def __init__(self, store: Store, original: Original) -> None:
        self._client = store.client
        self._original = original
        self._outbox = Outbox(is_outage)
        self._reproduced_run_ids = {trial.config.name: trial.run_id for trial in original.trials}
        self._running: dict[str, str] = {}
        self._judged: list[Reproduction] = []
        self._failures: list[str] = []
        self._ended = False
        what = "a benchmark" if original.is_benchmark else original.trials[0].config.name
        # under `mlflow run` the run is there already, and those below it belong beside it
        self._experiment_id = store.experiment_id if store.started_run_id else original.experiment_id
        self.run_id = store.started_run_id or self._create(f"reproduction of {what}", original.run_id, {})
        if store.started_run_id:
            self._client.update_run(self.run_id, name=f"reproduction of {what}")
            set_tags(self._client, self.run_id, _tags(original.run_id))
        if store.stranded_run_id:
            set_tags(self._client, store.stranded_run_id, {NOTE_TAG: f"The reproduction's run is {self.run_id}."})

    def handle(self, event: TrialEvent) -> None:
        """Log what an executor tells, but for the end of a trial that finishes: that is `log_outcome`'s.

        Raises
        ------
        UserError
            If the store takes nothing more: a full disk, a read-only folder, a refused request.
        """
        match event:
            case WorkerReady(environment):
                self._put(lambda: set_tags(self._client, self.run_id, environment_tags(environment)))
            case TrialStarted(trial):
                self._put(partial(self._start, trial.name, trial.model_dump()))
            case EpochFinished(trial, epoch):
                self._put(partial(self._epoch, trial.name, epoch, time.time_ns() // 1_000_000))
            case TrialFailed(trial, reason, traceback):
                self._failures.append(f"{trial.name}: {reason}")
                self._put(partial(self._fail, trial.name, reason, traceback))
            case _:
                self._put(None)  # progress: a chance to send what waits

    def log_outcome(self, reproduction: Reproduction, outcome: TrialOutcome) -> None:
        """Log a trial that was trained again, and tag the trial run that it reproduces."""
        self._judged.append(reproduction)
        self._put(partial(self._log, reproduction, outcome))

    def finish(self) -> None:
        """End the run: FINISHED where every trial was trained again, whatever came out.

        Raises
        ------
        UserError
            If the store stays away.
        """
        if self._original.is_benchmark and self._judged and not self._failures:
            self._put(self._conclude_benchmark)
        self._end("FAILED" if self._failures else "FINISHED", PATIENCE_SECONDS)

    def flush(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until all that was logged is stored.

        Raises
        ------
        UserError
            If the store stays away for longer.
        """
        self._outbox.flush(patience_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._ended:
            return
        if error is None:
            self.finish()
            return
        with suppress(UserError):  # the error that passes through tells more
            killed = isinstance(error, KeyboardInterrupt)
            self._end("KILLED" if killed else "FAILED", PATIENCE_WHEN_KILLED_SECONDS)

    def _end(self, status: str, patience_seconds: float) -> None:
        self._put(self._kill_running)
        self._put(lambda: self._client.set_terminated(self.run_id, status))
        self.flush(patience_seconds)
        self._ended = True

    def _put(self, task: Callable[[], None] | None) -> None:
        from mlflow.exceptions import MlflowException

        try:
            if task is None:
                self._outbox.send()
            else:
                self._outbox.put(task)
        except (OSError, MlflowException) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"the MLflow store {self._client.tracking_uri} takes no more results: {reason}") from error

    def _create(self, name: str, reproduced_run_id: str, more_tags: dict[str, str]) -> str:
        from mlflow.tracking.context.registry import resolve_tags

        tags = resolve_tags(_tags(reproduced_run_id) | more_tags)
        return self._client.create_run(self._experiment_id, tags=tags, run_name=name).info.run_id

    def _start(self, trial_name: str, settings: dict[str, object]) -> None:
        from mlflow.entities import Param

        if not self._original.is_benchmark:
            self._running[trial_name] = self.run_id
        elif trial_name not in self._running:
            more_tags = {PARENT_TAG: self.run_id}
            reproduced_run_id = self._reproduced_run_ids[trial_name]
            self._running[trial_name] = self._create(f"reproduction of {trial_name}", reproduced_run_id, more_tags)
        # under a name of their own: `mlflow run` has logged its own parameters, as they were typed
        params = [Param(f"trial.{name}", str(value)) for name, value in settings.items()]
        self._client.log_batch(self._running[trial_name], params=params)

    def _epoch(self, trial_name: str, epoch: EpochResult, timestamp_ms: int) -> None:
        log_epoch(self._client, self._running[trial_name], epoch, timestamp_ms)

    def _fail(self, trial_name: str, reason: str, traceback: str) -> None:
        fail_trial_run(self._client, self._running[trial_name], reason, traceback)
        del self._running[trial_name]

    def _log(self, reproduction: Reproduction, outcome: TrialOutcome) -> None:
        from mlflow.entities import Metric

        run_id = self._running[reproduction.trial]
        self._client.log_text(run_id, reproduction.model_dump_json(indent=2), REPRODUCTION_ARTIFACT)
        self._client.log_text(run_id, outcome.result.model_dump_json(indent=2), RESULT_ARTIFACT)
        self._client.log_artifact(run_id, str(outcome.directory / PREDICTIONS_ARTIFACT))
        now_ms = time.time_ns() // 1_000_000
        metrics = {
            "test_accuracy": reproduction.accuracy_now,
            "test_accuracy_before": reproduction.accuracy_before,
            "largest_probability_difference": reproduction.largest_probability_difference,
            "first_epoch_that_differs": reproduction.first_epoch_that_differs,
        }
        known = [Metric(name, value, now_ms, 0) for name, value in metrics.items() if value is not None]
        self._client.log_batch(run_id, metrics=known)
        tags = {
            OUTCOME_TAG: reproduction.outcome,
            NOTE_TAG: reproduction.sentence,
            "benchmark.weights_sha256": outcome.result.weights_sha256,
        }
        set_tags(self._client, run_id, tags)
        self._client.set_tag(reproduction.run_id, REPRODUCED_TAG, _outcome_with_run(reproduction.outcome, run_id))
        if run_id != self.run_id:
            self._client.set_terminated(run_id, "FINISHED")
        del self._running[reproduction.trial]

    def _conclude_benchmark(self) -> None:
        outcome = worst_outcome([one.outcome for one in self._judged])
        note = "\n\n".join(one.sentence for one in self._judged)
        set_tags(self._client, self.run_id, {OUTCOME_TAG: outcome, NOTE_TAG: note})
        self._client.set_tag(self._original.run_id, REPRODUCED_TAG, _outcome_with_run(outcome, self.run_id))

    def _kill_running(self) -> None:
        for run_id in self._running.values():
            kill_trial_run(self._client, run_id)


def _tags(reproduced_run_id: str) -> dict[str, str]:
    return {KIND_TAG: REPRODUCTION_KIND, REPRODUCES_TAG: reproduced_run_id, PROCESS_TAG: this_process()}


def _outcome_with_run(outcome: str, run_id: str) -> str:
    return f"{outcome} (run {run_id})"

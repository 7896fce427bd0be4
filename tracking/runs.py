"""A benchmark's run and the runs of its trials under it, written to as the executor's events come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.errors import UserError
from benchmark.events import EpochFinished, TrialEvent, TrialFailed, TrialFinished, TrialStarted, WorkerReady
from benchmark.results import CorpusFacts, HardReview, TrialOutcome
from tracking.attempts import supersede_own, without
from tracking.benchmark_facts import BENCHMARK_ARTIFACT, HARD_REVIEWS_ARTIFACT, BenchmarkFacts
from tracking.benchmark_run import environment_tags, open_benchmark_run
from tracking.outages import is_outage, through_outages
from tracking.outbox import Outbox
from tracking.running_trial import RunningTrial
from tracking.spool import SpoolLabel, label_outcome
from tracking.store import Store
from tracking.trial_runs import set_tags

EndStatus = Literal["finished", "failed", "killed"]

PATIENCE_SECONDS = {"finished": 600.0, "failed": 600.0, "killed": 10.0}


class BenchmarkTracker:
    """Logs one benchmark; used as a context manager, it ends as FAILED or KILLED when an exception passes through.

    Where the store goes away for a while, events wait in memory and finished trials on disk, and both are sent when it
    is back; nobody is kept waiting before `finish`.

    Attributes
    ----------
    run_id : str
        Of the benchmark run.
    has_ended : bool
        Whether its status is stored.
    """

    def __init__(self, store: Store, run_id: str, facts: BenchmarkFacts, vocabulary: Path) -> None:
        self.run_id = run_id
        self._store = store
        self._client = store.client
        self._facts = facts
        self._vocabulary = vocabulary
        self._outbox = Outbox(is_outage)
        self._running: dict[TrialConfig, RunningTrial] = {}
        self._a_trial_failed = False
        self._trains_elsewhere = False
        self.has_ended = False

    @classmethod
    def open(
        cls,
        store: Store,
        config: BenchmarkConfig,
        corpus: CorpusFacts,
        vocabulary: Path,
        command: str,
        resume_run_id: str | None = None,
    ) -> Self:
        """Start the benchmark run, take over the one that ``mlflow run`` started, or go on with `resume_run_id`.

        Parameters
        ----------
        vocabulary : Path
            File of `Vocabulary.save`; it travels with every registered model.
        command : str
            As the user could type it again.

        Raises
        ------
        UserError
            If the benchmark to go on with is still running, or the store takes nothing.
        """
        from mlflow.exceptions import MlflowException

        facts = BenchmarkFacts(config=config, corpus=corpus, command=command)
        try:
            run_id, facts = open_benchmark_run(store, facts, resume_run_id)
        except (OSError, MlflowException) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"the MLflow store {store.tracking_uri} takes no benchmark: {reason}") from error
        return cls(store, run_id, facts, vocabulary)

    def handle(self, event: TrialEvent) -> None:
        """Log what an executor tells; a finished trial is safe in MLflow, and its directory removed, on return.

        In an outage it is safe on disk instead, until the store is back.

        Raises
        ------
        UserError
            If the store takes nothing more: a full disk, a read-only folder, a refused request.
        """
        match event:
            case WorkerReady(environment, execution):
                self._trains_elsewhere = execution.on_cluster
                if environment != self._facts.environment:
                    self._put(lambda: set_tags(self._client, self.run_id, environment_tags(environment)))
                    self._update_facts(environment=environment)
                if execution not in self._facts.executions:
                    self._update_facts(executions=(*self._facts.executions, execution))
            case TrialStarted(trial):
                running = self._running[trial] = RunningTrial(self._store, self.run_id, trial)
                self._put(partial(running.start, sampled=not self._trains_elsewhere))
            case EpochFinished(trial, epoch):
                self._put(partial(self._running[trial].log_epoch, epoch, _now_ms()))
            case TrialFinished(trial, outcome):
                running = self._running[trial]
                label = self._label(outcome, running)
                running.stop_sampling()
                self._put(partial(running.send, outcome, label))
                del self._running[trial]  # no sooner: an interruption before it ends the trial's run
            case TrialFailed(trial, reason, traceback):
                self._a_trial_failed = True
                running = self._running[trial]
                running.stop_sampling()
                self._put(partial(running.fail, reason, traceback))
                del self._running[trial]
            case _:
                self._put(None)  # progress: a chance to send what waits

    def take_over(self, trial: TrialConfig, run_id: str) -> None:
        """Count a trial that another benchmark finished as one of this benchmark."""
        if self._facts.taken_over[-1:] != (run_id,):
            others = (other for other in self._facts.taken_over if other != run_id)
            self._update_facts(taken_over=(*others, run_id))  # last: of two for one trial, the later counts

    def distrust_what_is_there(self) -> None:
        """Let no trial that was begun before this moment be taken over, by this benchmark, whenever it is resumed."""
        self._update_facts(trusted_since_ms=_now_ms())

    def supersede(self, trials: Sequence[TrialConfig]) -> None:
        """Let earlier finished runs of these trials no longer count: they are trained again, whatever comes of that.

        Raises
        ------
        UserError
            If the store is away, and stays away.
        """
        again = set(trials)
        self._put(partial(supersede_own, self._client, self._store.experiment_id, self.run_id, again))
        before = self._facts.taken_over
        kept = through_outages(lambda: without(self._client, before, again))
        if kept != before:
            self._update_facts(taken_over=kept)

    def log_hard_reviews(self, reviews: Sequence[HardReview]) -> None:
        """Keep the texts that the report's error analysis may show."""
        text = json.dumps([asdict(review) for review in reviews], ensure_ascii=False, indent=2)
        self._put(lambda: self._client.log_text(self.run_id, text, HARD_REVIEWS_ARTIFACT))

    def log_summary(self, metrics: Mapping[str, float]) -> None:
        """Log metrics of the whole benchmark, such as ``cnn_lstm.accuracy_mean``."""
        from mlflow.entities import Metric

        now_ms = _now_ms()
        batch = [Metric(name, value, now_ms, 0) for name, value in metrics.items()]
        self._put(lambda: self._client.log_batch(self.run_id, metrics=batch))

    def log_report(self, directory: Path) -> None:
        """Log a report's folder as the artifact ``report/``."""
        self._put(lambda: self._client.log_artifacts(self.run_id, str(directory), "report"))

    def finish(self, status: EndStatus) -> None:
        """End the benchmark run; trials that still run end as killed.

        Raises
        ------
        UserError
            If the store stays away; the message says where finished trials wait.
        """
        for running in self._running.values():
            running.stop_sampling()
            self._put(running.kill)
        self._running.clear()
        self._put(lambda: self._client.set_terminated(self.run_id, status.upper()))
        self.flush(PATIENCE_SECONDS[status])
        self.has_ended = True

    def flush(self, patience_seconds: float = 600.0) -> None:
        """Wait until all that was logged is stored.

        Raises
        ------
        UserError
            If the store stays away for longer.
        """
        try:
            self._outbox.flush(patience_seconds)
        except UserError as error:
            raise UserError(
                f"{error}: {self._store.tracking_uri}; what is finished waits on this disk, and is sent with "
                "`python -m benchmark doctor --fix`"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.has_ended:
            return
        if error is None:
            self.finish("failed" if self._a_trial_failed else "finished")
        else:
            with suppress(UserError):  # the error that passes through tells more
                self.finish("killed" if isinstance(error, KeyboardInterrupt) else "failed")

    def _label(self, outcome: TrialOutcome, running: RunningTrial) -> SpoolLabel:
        label = SpoolLabel(
            tracking_uri=self._store.tracking_uri,
            experiment_id=self._store.experiment_id,
            benchmark_run_id=self.run_id,
            attempt=running.attempt,
            corpus=self._facts.corpus,
        )
        label_outcome(outcome.directory, label, self._vocabulary)
        return label

    def _put(self, task: Callable[[], None] | None) -> None:
        from mlflow.exceptions import MlflowException

        try:
            if task is None:
                self._outbox.send()
            else:
                self._outbox.put(task)
        except (OSError, MlflowException) as error:
            reason = str(error).splitlines()[0]
            raise UserError(
                f"the MLflow store {self._store.tracking_uri} takes no more results: {reason}; what is finished waits "
                f"on this disk; mend that, then `python -m benchmark run --resume {self.run_id}`"
            ) from error
        if self.has_ended:
            self.flush()

    def _update_facts(self, **changes: object) -> None:
        self._facts = self._facts.model_copy(update=changes)
        text = self._facts.model_dump_json(indent=2)
        self._put(lambda: self._client.log_text(self.run_id, text, BENCHMARK_ARTIFACT))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""One benchmark run: opened, taken over from ``mlflow run`` or resumed."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.errors import UserError
from benchmark.results import Environment, EpochResult, HardReview, PlannedTrial
from benchmark.signals import defer_signals
from tracking.pending import (
    VOCABULARY_FILE,
    benchmark_lock,
    discard,
    is_outage,
    lock_name,
    pending_folder,
    send,
    waiting_trials,
    write_manifest,
)
from tracking.plan import HARD_REVIEWS_FILE, PLAN_FILE, Plan
from tracking.reader import child_runs, read_plan
from tracking.store import NOTE_TAG, Store, display_uri, first_line, ui_link
from tracking.trial_log import (
    DIGEST_TAG,
    FAILURE_TAG,
    FINGERPRINT_TAG,
    KIND_TAG,
    LOCK_TAG,
    Manifest,
    create_trial_run,
    dataset_inputs,
    fail_trial_run,
    kill_run,
    log,
    log_epochs,
    now_ms,
    write_examples,
)

EndStatus = Literal["FINISHED", "FAILED", "KILLED"]

SECONDS_BETWEEN_TRIES = 15.0  # while the store is away
PATIENCE_SECONDS = 600.0  # at the end of a benchmark
LAST_PATIENCE_SECONDS = 10.0  # after an error or a signal

_log = logging.getLogger(__name__)


def open_session(
    store: Store,
    *,
    config: BenchmarkConfig,
    planned: Sequence[PlannedTrial],
    corpus: CorpusFacts,
    vocabulary_file: Path,
    environment: Environment | None,
    command: str,
    resume: str | None = None,
    text_of: Callable[[str], str | None] | None = None,
) -> Session:
    """Open the benchmark run and take its lock; trials left in ``pending/`` by a resumed benchmark are sent.

    Parameters
    ----------
    store : Store
        Opened with ``create=True``.
    planned : sequence of PlannedTrial
        All trials of the benchmark, those that a resumed benchmark has finished included.
    vocabulary_file : Path
        File of `Vocabulary.save`; it travels with every registered model.
    resume : str or None
        Id of the benchmark run to continue.
    text_of : callable or None
        Review id to its text, for the table of predictions (`Corpus.text`).

    Raises
    ------
    UserError
        If the benchmark to resume is still running, or the store refuses the run.
    """
    from mlflow.exceptions import MlflowException

    plan = Plan(config=config, planned=tuple(planned), corpus=corpus, environment=environment, command=command)
    with ExitStack() as stack:
        try:
            if resume is not None:
                _refuse_another_host(store, resume)
                plan = plan.model_copy(update={"looks": read_plan(store, resume).looks})
            with defer_signals():
                run_id = resume or store.started_run_id or _create_run(store, plan)
                stack.enter_context(benchmark_lock(run_id))
                session = Session(store, run_id, plan, stack, text_of)
                stack.push(session._end_after_error)
                shutil.copyfile(vocabulary_file, session.pending_folder / VOCABULARY_FILE)
                session._begin(resumed=resume is not None)
        except (OSError, MlflowException) as error:
            raise UserError(
                f"the MLflow store {display_uri(store.uri)} takes no benchmark: {first_line(error)}"
            ) from error
        session._stack = stack.pop_all()
    return session


class Session:
    """One benchmark that is being logged; a context manager that holds the benchmark's lock.

    Leaving it by an exception ends the run as FAILED (KILLED for a KeyboardInterrupt), unless `finish` was called.
    While the store is away nothing is raised before `finish`: finished trials wait in `pending_folder`.

    Attributes
    ----------
    run_id : str
        Of the benchmark run.
    url : str
        Of the benchmark run in the MLflow UI.
    pending_folder : Path
        Where trials train: hand it to the executor.
    """

    def __init__(
        self, store: Store, run_id: str, plan: Plan, stack: ExitStack, text_of: Callable[[str], str | None] | None
    ) -> None:
        self.run_id = run_id
        self.url = ui_link(store, run_id)
        self.pending_folder = pending_folder(run_id)
        self._store = store
        self._plan = plan
        self._stack = stack
        self._text_of = text_of
        self._manifests: dict[TrialConfig, Manifest] = {}
        self._running: dict[TrialConfig, str] = {}  # trials that train, and their runs
        self._epochs: dict[TrialConfig, list[EpochResult]] = {}
        self._monitors: dict[TrialConfig, Any] = {}
        self._unsent: list[Callable[[], object]] = []  # what is said of failed trials and the plan, in order
        self._next_try = 0.0
        self._last_error = ""
        self._has_ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: Any) -> None:
        self._stack.__exit__(kind, error, traceback)

    def finished_trials(self) -> set[TrialConfig]:
        """Return the planned trials that need no training: a FINISHED run has their fingerprint."""
        done = {
            run.data.tags.get(FINGERPRINT_TAG)
            for run in child_runs(self._store, self.run_id)
            if run.info.status == "FINISHED"
        }
        return {trial.config for trial in self._plan.planned if trial.fingerprint in done}

    def start_trial(self, trial: TrialConfig) -> None:
        """Create the trial's run as RUNNING; system metrics are sampled from now on."""
        manifest = Manifest(
            tracking_uri=display_uri(self._store.uri),
            experiment_id=str(self._store.experiment_id),
            benchmark_run_id=self.run_id,
            attempt=uuid.uuid4().hex,
            started_ms=now_ms(),
            lock=lock_name(self.run_id),
            trial=trial,
            corpus=self._plan.corpus,
        )
        try:
            write_manifest(manifest)
        except OSError as error:
            raise UserError(f"trials cannot be kept in {self.pending_folder}: {first_line(error)}") from None
        self._manifests[trial], self._epochs[trial] = manifest, []

        def create() -> None:
            self._running[trial] = create_trial_run(self._store.client, manifest)
            if self._plan.config.ray_address is None:  # a cluster's trials run on other machines
                self._monitors[trial] = _system_metrics(self._running[trial], self._store.uri)

        self._try(create)

    def log_epoch(self, trial: TrialConfig, epoch: EpochResult) -> None:
        """Log an epoch's metrics to the running trial."""
        self._epochs[trial].append(epoch)
        if trial in self._running:
            run_id, manifest, epochs = self._running[trial], self._manifests[trial], self._epochs[trial]
            self._try(lambda: log_epochs(self._store.client, run_id, manifest, epochs))

    def store_trial(self, trial: TrialConfig, folder: Path) -> bool:
        """Store a finished trial and remove its folder; False where the store does not take it now: it is pending."""
        self._stop_sampling(trial)
        if self._text_of is not None:
            with suppress(OSError, UserError, KeyError):  # the table is then written without texts
                write_examples(folder, self._plan.corpus.labels, self._text_of)
        self.send_pending()
        if all(waiting.trial != trial for waiting in waiting_trials(self.run_id)):
            return True
        _log.warning(
            "the MLflow store does not take %s now (%s); it is kept and sent later", trial.name, self._last_error
        )
        return False

    def fail_trial(self, trial: TrialConfig, reason: str, traceback: str) -> None:
        """End the trial's run as FAILED, with the reason as a tag and the traceback as an artifact."""
        self._stop_sampling(trial)
        self._running.pop(trial, None)
        manifest = self._manifests[trial]
        discard(manifest)
        self._put(lambda: fail_trial_run(self._store.client, manifest, reason, traceback))

    def extend_plan(self, planned: Iterable[PlannedTrial], look: int | None = None) -> None:
        """Add trials to the plan; `look` is the number of seeds at which the result was just looked at."""
        have = {trial.config for trial in self._plan.planned}
        added = tuple(trial for trial in planned if trial.config not in have)
        looks = self._plan.looks if look is None or look in self._plan.looks else (*self._plan.looks, look)
        self._plan = self._plan.model_copy(update={"planned": self._plan.planned + added, "looks": looks})
        self._put(self._log_plan)

    def log_hard_reviews(self, reviews: Sequence[HardReview]) -> None:
        """Keep the reviews that the report's error analysis shows."""
        rows = [asdict(review) for review in reviews]
        self._now(lambda: self._store.client.log_dict(self.run_id, {"reviews": rows}, HARD_REVIEWS_FILE))

    def log_report(self, folder: Path) -> None:
        """Log the report's files below ``report/``."""
        self._now(lambda: self._store.client.log_artifacts(self.run_id, str(folder), "report"))

    def describe(
        self,
        note_markdown: str,
        run_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Make the answer the run's description; metrics only what runs are sorted by."""
        from mlflow.entities import Metric

        found = [Metric(name, value, now_ms(), 0) for name, value in (metrics or {}).items()]
        self._now(
            lambda: log(self._store.client, self.run_id, metrics=found, tags={NOTE_TAG: note_markdown, **(tags or {})})
        )
        if run_name is not None:
            self._now(lambda: self._store.client.update_run(self.run_id, name=run_name))

    def send_pending(self, patience_seconds: float = 0.0) -> int:
        """Send what is pending, with retries for so long; return how many trials are still pending."""
        give_up, warned = time.monotonic() + patience_seconds, False
        if patience_seconds:
            self._next_try = 0.0
        while True:
            while self._unsent and self._try(self._unsent[0]):
                del self._unsent[0]
            for manifest in waiting_trials(self.run_id):
                if self._try(partial(send, self._store, manifest)):
                    self._running.pop(manifest.trial, None)
            left = len(waiting_trials(self.run_id)) + len(self._unsent)
            pause = min(self._next_try, give_up) - time.monotonic()
            if not left or pause <= 0:
                return left
            if not warned:
                _log.warning(
                    "the MLflow store does not answer (%s); waiting up to %.0f s", self._last_error, patience_seconds
                )
                warned = True
            time.sleep(pause)

    def finish(self, status: EndStatus, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Send what is pending and end the run.

        Raises
        ------
        UserError
            If the store is still away after `patience_seconds`; the line says how the trials are sent later.
        """
        for trial in list(self._monitors):
            self._stop_sampling(trial)
        left = self.send_pending(patience_seconds)
        for run_id in self._running.values():  # of trials that neither finished nor failed
            self._try(partial(kill_run, self._store.client, run_id))
        if left:
            raise UserError(
                f"the MLflow store {display_uri(self._store.uri)} does not take the results: {self._last_error}; "
                f"{left} of them wait in {self.pending_folder}, and the next run sends them: "
                f"python -m benchmark run --resume {self.run_id}"
            )
        self._now(lambda: self._store.client.set_terminated(self.run_id, status), patience_seconds)
        self._has_ended = True

    def _begin(self, resumed: bool) -> None:
        """Describe the benchmark; a resumed one first gets what was left pending, and its stale trials end."""
        client, plan = self._store.client, self._plan
        if resumed:
            self.send_pending()
            for run in child_runs(self._store, self.run_id):
                if run.info.status == "RUNNING":
                    kill_run(client, run.info.run_id)
            client.update_run(self.run_id, status="RUNNING")
            if FAILURE_TAG in client.get_run(self.run_id).data.tags:
                client.delete_tag(self.run_id, FAILURE_TAG)
        reason = plan.corpus.not_comparable_reason(plan.config.max_reviews)
        tags = {
            KIND_TAG: "benchmark",
            LOCK_TAG: lock_name(self.run_id),
            "benchmark.corpus": plan.corpus.name,
            DIGEST_TAG: plan.corpus.digest,
            "benchmark.planned_trials": str(len(plan.planned)),
            "benchmark.comparable_to_paper": "no" if reason else "yes",
            NOTE_TAG: f"In progress. Corpus: {plan.corpus.source}.\n\n`{plan.command}`",
        }
        if plan.environment is not None and plan.environment.git_commit is not None:
            tags["mlflow.source.git.commit"] = plan.environment.git_commit
        logged = client.get_run(self.run_id).data.params  # MLflow lets no parameter change
        params = {f"config.{name}": _as_text(value) for name, value in plan.config.model_dump().items()}
        self._log_plan()
        if not resumed:
            client.log_inputs(self.run_id, datasets=dataset_inputs(plan.corpus))
            client.update_run(self.run_id, name=_run_name(plan))
        log(client, self.run_id, {name: value for name, value in params.items() if name not in logged}, tags=tags)

    def _log_plan(self) -> None:
        self._store.client.log_text(self.run_id, self._plan.model_dump_json(indent=1), PLAN_FILE)

    def _put(self, call: Callable[[], object]) -> None:
        """Send something small in order, now or as soon as the store answers."""
        self._unsent.append(call)
        self.send_pending()

    def _try(self, call: Callable[[], object]) -> bool:
        """Call the store unless it has just been away; every error means that it is tried again later."""
        if time.monotonic() < self._next_try:
            return False
        try:
            with defer_signals():
                call()
        except Exception as error:
            self._last_error = first_line(error)
            if is_outage(error):
                self._next_try = time.monotonic() + SECONDS_BETWEEN_TRIES
            return False
        return True

    def _now(self, call: Callable[[], object], patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Call the store at once, and again while it is away.

        Raises
        ------
        UserError
            If it refuses, as it does where the benchmark's run was deleted.
        """
        give_up = time.monotonic() + patience_seconds
        while True:
            try:
                with defer_signals():
                    call()
                return
            except Exception as error:
                if not is_outage(error) or time.monotonic() > give_up:
                    raise UserError(self._refusal(error)) from error
                time.sleep(1.0)

    def _refusal(self, error: Exception) -> str:
        with suppress(Exception):
            if self._store.client.get_run(self.run_id).info.lifecycle_stage == "deleted":
                return (
                    f"the benchmark's run {self.run_id} was deleted while it ran; its trials are stored; restore it: "
                    f"mlflow runs restore --run-id {self.run_id}, then python -m benchmark run --resume {self.run_id}"
                )
        return (
            f"the MLflow store {display_uri(self._store.uri)} does not take the result: {first_line(error)}; "
            f"finish it later with python -m benchmark run --resume {self.run_id}"
        )

    def _stop_sampling(self, trial: TrialConfig) -> None:
        monitor = self._monitors.pop(trial, None)
        if monitor is not None:
            with suppress(Exception):  # its last sample is no result
                monitor.finish()

    def _end_after_error(self, kind: type[BaseException] | None, error: BaseException | None, traceback: Any) -> None:
        if self._has_ended:
            return
        status: EndStatus = "KILLED" if kind is not None and issubclass(kind, KeyboardInterrupt) else "FAILED"
        with suppress(UserError):  # the error that passes through says more
            self.finish(status, LAST_PATIENCE_SECONDS)


def _refuse_another_host(store: Store, run_id: str) -> None:
    run = store.client.get_run(run_id)
    host = run.data.tags.get(LOCK_TAG, "").partition(":")[0]
    if run.info.status == "RUNNING" and host not in ("", socket.gethostname()):
        raise UserError(
            f"--resume: the benchmark {run_id} is running on {host}, as far as the store shows; stop it there; "
            "where that machine is gone: "
            f"python -c \"import mlflow; mlflow.MlflowClient().set_terminated('{run_id}', 'KILLED')\""
        )


def _create_run(store: Store, plan: Plan) -> str:
    from mlflow.tracking.context.registry import resolve_tags

    return store.client.create_run(store.experiment_id, tags=resolve_tags(), run_name=_run_name(plan)).info.run_id


def _run_name(plan: Plan) -> str:
    names = sorted({trial.config.architecture for trial in plan.planned})
    what = ", ".join(names) if len(names) < 4 else f"{len(names)} architectures"
    count = len(plan.config.seeds)
    return f"{what}, {'1 seed' if count == 1 else f'{count} seeds'}"


def _as_text(value: object) -> str | None:
    return ",".join(map(str, value)) if isinstance(value, tuple) else None if value is None else str(value)


def _system_metrics(run_id: str, tracking_uri: str) -> Any:
    """Sample this machine's load every ten seconds, unless ``MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING`` is false."""
    if os.environ.get("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true").lower() in ("false", "0"):
        return None
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = SystemMetricsMonitor(run_id, tracking_uri=tracking_uri)
    monitor.start()
    return monitor

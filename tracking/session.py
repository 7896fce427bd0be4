"""One benchmark run: opened or resumed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from mlflow.tracking.context.registry import resolve_tags

from benchmark.config import TrialConfig
from benchmark.corpus.cache import writing
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import BenchmarkRecord
from benchmark.signals import defer_signals
from benchmark.wording import escape, plural
from tracking.model_log import pack_vocabulary
from tracking.pending import (
    benchmark_lock,
    check_pending_folder,
    has_ended,
    pending_folder,
    pending_trials,
    send,
)
from tracking.reader import PLAN_FILE, PLANNED_TAG, child_runs, read_benchmark
from tracking.store import NOTE_TAG, Store, display_uri, first_line, is_outage, store_errors
from tracking.trial_log import (
    KIND_TAG,
    ORIGIN_TAG,
    TRAINED,
    copy_trial,
    dataset_inputs,
    log,
    log_failure,
)

SECONDS_BETWEEN_TRIES = 10.0  # while the store is away
PATIENCE_SECONDS = 600.0  # at the end of a benchmark
LAST_PATIENCE_SECONDS = 10.0  # at its start, and after an error or a signal

T = TypeVar("T")
_log = logging.getLogger(__name__)


@contextmanager
def open_session(
    store: Store,
    plan: Plan,
    vocabulary_file: Path,
    *,
    resume: str | None = None,
) -> Iterator[Session]:
    """Open the benchmark run and hold its lock.

    A block that ends before `Session.finish` ends the run as FAILED, or as KILLED for a KeyboardInterrupt.

    Parameters
    ----------
    plan : Plan
        With all trials of the benchmark, those that a resumed benchmark has finished included.
    vocabulary_file : Path
        File of `Vocabulary.save`; it travels with every registered model.
    resume : str or None
        Id of the benchmark run to continue.

    Raises
    ------
    UserError
        If the benchmark to resume may still be running, or the store refuses the run.
    """
    if resume is not None:
        _check_ended(store, resume)
    check_pending_folder()  # before there is a run
    run_id = resume
    if run_id is None:
        name = run_name([trial.config for trial in plan.planned])
        run_id = store.client.create_run(store.experiment_id, run_name=name).info.run_id
    with benchmark_lock(run_id):
        session = Session(store, plan, run_id)
        status = "FAILED"
        try:
            session.retry(session.begin, vocabulary_file, resume is None, patience_seconds=LAST_PATIENCE_SECONDS)
            yield session
        except KeyboardInterrupt:
            status = "KILLED"
            raise
        finally:
            if not session.has_ended:
                with suppress(UserError):  # the error that passes through says more
                    session.finish(status, LAST_PATIENCE_SECONDS)


def run_name(trials: Sequence[TrialConfig], best: tuple[str, float] | None = None) -> str:
    """Name a benchmark run so that a list of runs, which cuts names, tells them apart: result, architectures, seeds."""
    names = {trial.architecture for trial in trials}
    seeds = {trial.seed for trial in trials} - {None}
    words = []
    if best is not None:
        winner, accuracy = best
        words.append(f"{100 * accuracy:.2f}% {winner}")
        names.discard(winner)
    if len(names) < 4:
        words += sorted(names)
    else:
        words.append(f"{len(names)} {'architectures' if best is None else 'others'}")
    if seeds:
        words.append(plural(len(seeds), "seed"))
    return ", ".join(words)


class Session:
    """One benchmark that is being logged, as `open_session` gives it.

    While the store is away nothing is raised before `read`: finished trials wait in `pending_folder`.

    Attributes
    ----------
    pending_folder : Path
        Where trials train: hand it to the executor.
    """

    def __init__(self, store: Store, plan: Plan, run_id: str) -> None:
        self._store = store
        self._client = store.client
        self._plan = plan
        self.run_id = run_id
        self.pending_folder = pending_folder(run_id)
        self.has_ended = False

    def begin(self, vocabulary_file: Path, is_new: bool) -> None:
        """Describe the benchmark."""
        client, plan = self._client, self._plan
        with writing(self.pending_folder):  # beside the trials
            pack_vocabulary(vocabulary_file, self.pending_folder)
        params = {}
        if is_new:
            client.log_inputs(self.run_id, datasets=dataset_inputs(plan.corpus))
            for setting, value in plan.config.model_dump().items():
                params[f"config.{setting}"] = value
        tags = {
            KIND_TAG: "benchmark",
            "benchmark.corpus": plan.corpus.name,
            NOTE_TAG: f"In progress. Corpus: {escape(plan.corpus.source)}.\n\n`{plan.config.command_line()}`",
        }
        if is_new or plan.to_train:
            tags = resolve_tags(tags)  # with the commit
        log(client, self.run_id, params, tags=tags)
        client.update_run(self.run_id, status="RUNNING")  # with the lock of this process
        self.log_plan(plan)  # a run with a plan can be resumed

    def store_trial(self, folder: Path) -> None:
        """Store a finished trial and remove its folder; where the store does not take it, `read` sends it."""
        trial = pending_trials(self.run_id, self._plan)[folder]
        with self._once(trial):
            send(self._store, folder, trial, self._plan.corpus)

    def fail_trial(self, trial: TrialConfig, reason: str, traceback: str) -> None:
        """Store a failed trial, with the reason as a tag and the traceback as an artifact, unless the store is away."""
        with self._once(trial):
            log_failure(self._store, self.run_id, trial, f"{reason}\n\n{traceback}")

    def log_plan(self, plan: Plan) -> None:
        """Store the plan, or replace it by one with more trials; each trial from the store gets a run."""
        self._plan = plan
        self._client.log_text(self.run_id, plan.model_dump_json(indent=1), PLAN_FILE)
        self._client.set_tag(self.run_id, PLANNED_TAG, str(len(plan.planned)))

        # A run for each trial from the store, unless it has one
        there: set[str] = set()
        for run in child_runs(self._store, self.run_id):
            origin = run.data.tags.get(ORIGIN_TAG, TRAINED)
            if run.info.status == "FINISHED":
                there.update((run.info.run_id, origin))
            elif origin != TRAINED:  # a copy that was cut short
                self._client.delete_run(run.info.run_id)
        for planned in plan.planned:
            if planned.stored_as and planned.stored_as not in there:
                copy_trial(self._store, planned.stored_as, self.run_id)

    def publish(self, report_folder: Path, tags: Mapping[str, str], metrics: Mapping[str, float]) -> None:
        """Log the report, and describe the run by its answer; metrics are only what runs are sorted by."""
        from mlflow.entities import Metric

        self.retry(self._client.log_artifacts, self.run_id, str(report_folder), "report")
        now_ms = round(1000 * time.time())
        points = [Metric(name, value, now_ms, 0) for name, value in metrics.items()]
        self.retry(log, self._client, self.run_id, {}, points, tags)

    def read(self) -> BenchmarkRecord:
        """Send what is still pending, then read the benchmark as the store has it.

        Raises
        ------
        UserError
            If the store stays away; the line says how the trials are sent later.
        """
        for folder, trial in pending_trials(self.run_id, self._plan).items():
            self.retry(send, self._store, folder, trial, self._plan.corpus)
        return self.retry(read_benchmark, self._store, self.run_id)

    def finish(self, status: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """End the run as FINISHED, FAILED or KILLED."""
        self.has_ended = True  # first, so that a signal meanwhile does not end it again as KILLED
        self.retry(self._client.set_terminated, self.run_id, status, patience_seconds=patience_seconds)

    @contextmanager
    def _once(self, trial: TrialConfig) -> Iterator[None]:
        """Warn where the store does not take what the block sends."""
        try:
            with defer_signals():
                yield
        except store_errors() as error:
            _log.warning("%s: the MLflow store does not take it now: %s", trial.name, first_line(error))

    def retry(self, call: Callable[..., T], *arguments: Any, patience_seconds: float = PATIENCE_SECONDS) -> T:
        """Call the store, again while it is away.

        Raises
        ------
        UserError
            If it stays away or refuses, as it does where the benchmark's run was deleted.
        """
        give_up = time.monotonic() + patience_seconds
        while True:
            try:
                with defer_signals():
                    return call(*arguments)
            except store_errors() as error:
                reason = first_line(error)
                left = give_up - time.monotonic()
                if left <= 0 or not is_outage(error):
                    raise UserError(
                        f"the MLflow store {display_uri(self._store.uri)} does not take the results: {reason}; what is "
                        f"finished waits on the disk; finish it: python -m benchmark run --resume {self.run_id}"
                    ) from error
            _log.warning("the MLflow store does not answer (%s); trying again for %.0f s", reason, left)
            time.sleep(min(SECONDS_BETWEEN_TRIES, left))


def _check_ended(store: Store, run_id: str) -> None:
    """Refuse to resume a benchmark whose process may still run, here or where it cannot be seen."""
    status = store.client.get_run(run_id).info.status
    if status == "RUNNING" and not has_ended(run_id):
        raise UserError(
            f"the benchmark {run_id} is running in another process, or was started on another machine; wait or stop "
            'it; where it is gone for sure: python -c "from mlflow import MlflowClient as C; '
            f"C({display_uri(store.uri)!r}).set_terminated('{run_id}', 'KILLED')\""
        )

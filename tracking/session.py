"""One benchmark run: opened, taken over from ``mlflow run`` or resumed."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Self

from mlflow.tracking.context.registry import resolve_tags
from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT

from benchmark.config import TrialConfig
from benchmark.corpus.cache import writing
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import BenchmarkRecord, EpochResult
from benchmark.signals import defer_signals
from benchmark.wording import escape, plural
from tracking.model_log import pack_vocabulary
from tracking.pending import (
    LOCK_TAG,
    benchmark_lock,
    check_pending_folder,
    discard,
    has_ended,
    is_outage,
    kill_running_trials,
    lock_name,
    pending_folder,
    send,
    store_errors,
    waiting_trials,
    write_manifest,
)
from tracking.promotion import Promotion, promote
from tracking.reader import PLAN_FILE, PLANNED_TAG, child_runs, read_benchmark
from tracking.store import NEWEST_FIRST, NOTE_TAG, Store, display_uri, first_line, later_ms, without_surrogates
from tracking.trial_log import (
    KIND_TAG,
    NOTHING,
    TRAINED_AS_TAG,
    Manifest,
    copy_trial,
    create_run,
    dataset_inputs,
    log,
    log_epochs,
)
from tracking.trial_page import TextOf, no_text

SECONDS_BETWEEN_TRIES = 10.0  # while the store is away
PATIENCE_SECONDS = 600.0  # at the end of a benchmark
LAST_PATIENCE_SECONDS = 10.0  # after an error or a signal

_log = logging.getLogger(__name__)


def open_session(
    store: Store,
    plan: Plan,
    vocabulary_file: Path | None,
    *,
    resume: str | None = None,
    text_of: TextOf = no_text,
) -> Session:
    """Open the benchmark run and take its lock; trials left in ``pending/`` by a resumed benchmark are sent.

    Parameters
    ----------
    plan : Plan
        With all trials of the benchmark, those that a resumed benchmark has finished included.
    vocabulary_file : Path or None
        File of `Vocabulary.save`; it travels with every registered model.
    resume : str or None
        Id of the benchmark run to continue.

    Raises
    ------
    UserError
        If the benchmark to resume may still be running, or the store refuses the run.
    """
    from mlflow.exceptions import MlflowException

    try:
        with ExitStack() as on_error:
            with defer_signals():
                if resume is not None:
                    _check_ended(store, resume)
                session = Session(store, plan, text_of, resume or store.started_run_id)
                on_error.push(session)
                if vocabulary_file is not None:  # beside the trials
                    with writing(session.pending_folder):
                        pack_vocabulary(vocabulary_file, session.pending_folder)
                session._begin(resumed=resume is not None)
            on_error.pop_all()
    except (OSError, MlflowException) as error:
        raise UserError(f"the MLflow store {display_uri(store.uri)} takes no benchmark: {first_line(error)}") from error
    return session


def run_name(trials: Sequence[TrialConfig], best: tuple[str, float] | None = None) -> str:
    """Name a benchmark run so that a list of runs, which cuts names, tells them apart: result, architectures, seeds."""
    names = {trial.architecture for trial in trials}
    seeds = Counter(trial.architecture for trial in trials if trial.seed is not None)
    words = []
    other = ""
    if best is not None:
        winner, accuracy = best
        words.append(f"{100 * accuracy:.2f}% {winner}")
        names.discard(winner)
        other = "other "
    if len(names) < 4:
        words += sorted(names)
    else:
        words.append(f"{len(names)} {other}architectures")
    if seeds:
        fewest = min(seeds.values())
        most = max(seeds.values())
        several = f"{fewest} to " if fewest < most else ""
        words.append(several + plural(most, "seed"))
    return ", ".join(words)


class Session:
    """One benchmark that is being logged; a context manager that holds the benchmark's lock.

    Leaving it by an exception ends the run as FAILED (KILLED for a KeyboardInterrupt), unless `finish` was called.
    While the store is away nothing is raised before `finish`: finished and failed trials wait in `pending_folder`.

    Attributes
    ----------
    pending_folder : Path
        Where trials train: hand it to the executor.
    """

    def __init__(
        self,
        store: Store,
        plan: Plan,
        text_of: TextOf,
        run_id: str | None,
    ) -> None:
        from mlflow.tracking.context.registry import resolve_tags

        self._store = store
        self._client = store.client
        self._plan = plan
        self._text_of = text_of
        self._start_ms = _start_ms(store)
        self._opened = time.monotonic()
        self._running: dict[TrialConfig, Manifest] = {}
        self._next_try = 0.0
        self._last_error = ""
        self._has_ended = False
        self._lock = ExitStack()
        check_pending_folder()  # before there is a run
        if run_id is None:
            run = self._client.create_run(store.experiment_id, self._start_ms, resolve_tags())
            run_id = run.info.run_id
        self.run_id = run_id
        self.pending_folder = pending_folder(run_id)
        self._lock.enter_context(benchmark_lock(run_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        with self._lock:
            if self._has_ended:
                return
            status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
            with suppress(UserError):  # the error that passes through says more
                self._end(status, LAST_PATIENCE_SECONDS)

    def start_trial(self, trial: TrialConfig) -> None:
        """Create the trial's run as RUNNING."""
        manifest = Manifest(
            tracking_uri=display_uri(self._store.uri),
            experiment_id=str(self._store.experiment_id),
            benchmark_run_id=self.run_id,
            started_ms=self._now_ms(),
            trial=trial,
            corpus=self._plan.corpus,
        )
        write_manifest(manifest)  # before there is a run, so that a crash at any moment loses nothing
        self._running[trial] = manifest
        self._try(partial(self._follow, trial))

    def log_epoch(self, trial: TrialConfig, epoch: EpochResult) -> None:
        """Log the running trial's metrics up to this epoch."""
        manifest = self._running[trial]
        epochs = (*manifest.epochs, epoch)
        self._running[trial] = manifest.model_copy(update={"epochs": epochs})
        self._try(partial(self._follow, trial))

    def store_trial(self, trial: TrialConfig, folder: Path) -> None:
        """Store a finished trial and remove its folder; it is pending where the store does not take it now."""
        self._stop(trial)
        self._send_pending()
        if folder.exists():
            _log.warning(
                "the MLflow store does not take %s now (%s); it is kept and sent later", trial.name, self._last_error
            )

    def fail_trial(self, trial: TrialConfig, reason: str, traceback: str) -> None:
        """End the trial's run as FAILED, with the reason as a tag and the traceback as an artifact."""
        manifest = self._stop(trial)
        failure = without_surrogates(f"{reason}\n\n{traceback}")
        discard(manifest)
        write_manifest(manifest.model_copy(update={"failure": failure}))
        self._send_pending()

    def log_plan(self, plan: Plan) -> None:
        """Replace the plan by one with more trials."""
        self._plan = plan
        self._require(self._log_plan)

    def log_report(self, folder: Path) -> None:
        """Log the report's files below ``report/``."""
        self._require(partial(self._client.log_artifacts, self.run_id, str(folder), "report"))

    def describe(
        self,
        note_markdown: str,
        run_name: str,
        tags: Mapping[str, str] = NOTHING,
        metrics: Mapping[str, float] = NOTHING,
    ) -> None:
        """Make the answer the run's description; metrics only what runs are sorted by."""
        from mlflow.entities import Metric

        points = []
        for name, value in metrics.items():
            points.append(Metric(name, value, self._now_ms(), 0))
        all_tags = {**tags, NOTE_TAG: note_markdown, "mlflow.runName": run_name}
        self._require(partial(log, self._client, self.run_id, metrics=points, tags=all_tags))

    def promote(self, record: BenchmarkRecord) -> Promotion:
        """Move the champions, again while the store is away."""
        promotions: list[Promotion] = []
        self._require(lambda: promotions.append(promote(self._store, record)))
        return promotions[0]

    def read(self) -> BenchmarkRecord:
        """Send what is still pending, then read the benchmark as the store has it.

        Raises
        ------
        UserError
            If the store stays away; the line says how the trials are sent later.
        """
        self._send_all(PATIENCE_SECONDS)
        return read_benchmark(self._store, self.run_id)

    def read_so_far(self) -> BenchmarkRecord | None:
        """Read what is stored at this moment; None while the store is away."""
        records: list[BenchmarkRecord] = []
        self._try(lambda: records.append(read_benchmark(self._store, self.run_id)))
        return records[0] if records else None

    def finish(self, status: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Send what is pending and end the run.

        Parameters
        ----------
        status : {"FINISHED", "FAILED", "KILLED"}

        Raises
        ------
        UserError
            If the store is still away after `patience_seconds`; the line says how the trials are sent later.
        """
        self._running.clear()
        self._send_all(patience_seconds)
        self._end(status, patience_seconds)

    def _begin(self, resumed: bool) -> None:
        """Describe the benchmark; a resumed one first gets what was left pending, and its stale trials end."""
        client, plan = self._client, self._plan
        if resumed:
            self._send_pending()
            kill_running_trials(self._store, self.run_id)
        else:
            client.log_inputs(self.run_id, datasets=dataset_inputs(plan.corpus))
            name = run_name([trial.config for trial in plan.planned])
            client.update_run(self.run_id, name=name)
            params = {}
            for setting, value in plan.config.model_dump().items():
                params[f"config.{setting}"] = value
            log(client, self.run_id, params)
        tags = {
            KIND_TAG: "benchmark",
            LOCK_TAG: lock_name(self.run_id),
            "benchmark.corpus": plan.corpus.name,
            NOTE_TAG: f"In progress. Corpus: {escape(plan.corpus.source)}.\n\n`{plan.command}`",
        }
        if commit := resolve_tags().get(MLFLOW_GIT_COMMIT):
            tags[MLFLOW_GIT_COMMIT] = commit
        log(client, self.run_id, tags=tags)
        client.update_run(self.run_id, status="RUNNING")  # with the lock of this process
        self._log_plan()  # a run with a plan can be resumed

    def _log_plan(self) -> None:
        plan = self._plan
        self._client.log_text(self.run_id, plan.model_dump_json(indent=1), PLAN_FILE)
        self._client.set_tag(self.run_id, PLANNED_TAG, str(len(plan.planned)))
        self._copy_stored_trials()

    def _copy_stored_trials(self) -> None:
        """Give each trial from the store a run below this benchmark, unless it has one."""
        there = set()
        for run in child_runs(self._store, self.run_id):
            trained_as = run.data.tags.get(TRAINED_AS_TAG, run.info.run_id)
            if run.info.status == "FINISHED":
                there.add(trained_as)
            elif trained_as != run.info.run_id:  # a copy that was cut short
                self._client.delete_run(run.info.run_id)
        for planned in self._plan.planned:
            if planned.stored_as and planned.stored_as not in there:
                copy_trial(self._store, planned.stored_as, self.run_id)

    def _follow(self, trial: TrialConfig) -> None:
        """Show a running trial as it is now."""
        manifest = self._running[trial]
        if manifest.run_id is None:
            run = create_run(self._client, manifest)
            manifest = manifest.model_copy(update={"run_id": run.info.run_id})
            write_manifest(manifest)
            self._running[trial] = manifest
        if manifest.epochs:
            log_epochs(self._client, manifest)

    def _end(self, status: str, patience_seconds: float) -> None:
        def end() -> None:
            kill_running_trials(self._store, self.run_id)
            self._client.set_terminated(self.run_id, status, self._now_ms())

        self._require(end, patience_seconds)
        self._has_ended = True

    def _now_ms(self) -> int:
        """Return the time by a clock that nothing sets back."""
        elapsed = time.monotonic() - self._opened
        return self._start_ms + round(1000 * elapsed)

    def _stop(self, trial: TrialConfig) -> Manifest:
        if trial not in self._running:  # its node of the cluster was lost before it said that it starts
            self.start_trial(trial)
        return self._running.pop(trial)

    def _send_pending(self, patience_seconds: float = 0.0) -> int:
        """Send what is pending, with retries for so long; return how many trials are still pending."""
        give_up = time.monotonic() + patience_seconds
        for manifest in waiting_trials(self.run_id):
            if manifest.trial not in self._running:  # else its worker finished it, and this is not reported yet
                left = give_up - time.monotonic()
                self._try(partial(send, self._store, manifest, self._text_of), left)
        return len(waiting_trials(self.run_id))

    def _send_all(self, patience_seconds: float) -> None:
        if left := self._send_pending(patience_seconds):
            raise self._refusal(f"{left} of them wait in {self.pending_folder}, and the next run sends them")

    def _require(self, call: Callable[[], object], patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Call the store, again while it is away.

        Raises
        ------
        UserError
            If it stays away or refuses, as it does where the benchmark's run was deleted.
        """
        if not self._try(call, patience_seconds):
            restore = f"restore its run: mlflow runs restore --run-id {self.run_id}; then"
            raise self._refusal(restore if "deleted" in self._last_error else "finish it later")

    def _try(self, call: Callable[[], object], patience_seconds: float = 0.0) -> bool:
        """Call the store, again for so long while it is away; False where it did not take the call."""
        give_up = time.monotonic() + patience_seconds
        while True:
            # While it is away it is asked every ten seconds only, whatever the call
            if time.monotonic() >= self._next_try:
                try:
                    with defer_signals():
                        call()
                    return True
                except store_errors() as error:
                    self._last_error = first_line(error)
                    if not is_outage(error):
                        return False
                    self._next_try = time.monotonic() + SECONDS_BETWEEN_TRIES

            # Wait, unless it is to be given up before the next try
            now = time.monotonic()
            pause = min(self._next_try, give_up) - now
            if pause <= 0:
                return False
            _log.warning(
                "the MLflow store does not answer (%s); trying again for %.0f s", self._last_error, give_up - now
            )
            time.sleep(pause)

    def _refusal(self, hint: str) -> UserError:
        return UserError(
            f"the MLflow store {display_uri(self._store.uri)} does not take the results: {self._last_error}; {hint}: "
            f"python -m benchmark run --resume {self.run_id}"
        )


def _start_ms(store: Store) -> int:
    """Return when a benchmark starts: after every run of its experiment, since runs are sorted by it."""
    newest_ms = 0
    for run in store.client.search_runs(store.experiment_ids, order_by=NEWEST_FIRST, max_results=1):
        newest_ms = run.info.start_time
    return later_ms(newest_ms)


def _check_ended(store: Store, run_id: str) -> None:
    """Refuse to resume a benchmark whose process may still run, here or where it cannot be seen."""
    run = store.client.get_run(run_id)
    lock = run.data.tags.get(LOCK_TAG, "")
    if run.info.status == "RUNNING" and not has_ended(lock):
        raise UserError(
            f"the benchmark {run_id} is running in another process, on {lock}; wait or stop it; where it is gone for "
            f'sure: python -c "from mlflow import MlflowClient as C; '
            f"C({display_uri(store.uri)!r}).set_terminated('{run_id}', 'KILLED')\""
        )

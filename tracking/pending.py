"""Trials that the store does not have yet.

``<cache>/pending/<benchmark run>/`` is the only queue: a folder for each trial that trains or waits, and the
vocabulary. They belong to the store that has this run. A lock on ``<benchmark run>.lock`` means "this benchmark runs".
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmark.corpus.cache import cache_folder, writing
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.signals import defer_signals
from benchmark.trial_folder import RESULT_FILE
from tracking.model_log import delete_models
from tracking.reader import read_plan
from tracking.store import Store, first_line, store_errors
from tracking.trial_log import KIND_TAG, PARENT_TAG, PendingTrial, log_failure, log_trial


def pending_folder(run_id: str) -> Path:
    """Return the folder in which the trials of a benchmark run train and wait: ``<cache>/pending/<run_id>``."""
    return cache_folder() / "pending" / run_id


def check_pending_folder() -> None:
    """Refuse a cache folder in which no trial can be kept."""
    folder = cache_folder() / "pending"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


@contextmanager
def benchmark_lock(run_id: str) -> Iterator[None]:
    """Hold the lock that means "this benchmark runs"; the system releases it with the process.

    At the end the folder is removed, unless a trial is pending.

    Raises
    ------
    UserError
        If another process holds it, or the cache folder cannot be written or has no locks.
    """
    folder = pending_folder(run_id)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock_file(run_id).open("w")  # never removed: free, it shows the end
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"the benchmark {run_id} is running in another process; wait or stop it") from None
        folder.mkdir(exist_ok=True)  # the process that held the lock may have removed it
        try:
            yield
        finally:
            if not _trial_folders(folder):
                shutil.rmtree(folder, ignore_errors=True)


def has_ended(run_id: str) -> bool:
    """Whether the process of a benchmark is known to be gone: its lock is here, this user's, and free."""
    try:
        with _lock_file(run_id).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or of another user, machine or container
        return False
    return True


def pending_trials(run_id: str, experiment_id: str | None, plan: Plan) -> list[PendingTrial]:
    """Return the finished trials of a benchmark that are not stored yet."""
    configs = {planned.config.folder_name: planned.config for planned in plan.planned}
    waiting = []
    for path in _trial_folders(pending_folder(run_id)):
        if path.name in configs:
            waiting.append(PendingTrial(path, configs[path.name], plan.corpus, str(experiment_id)))
    return waiting


def send(store: Store, trial: PendingTrial) -> None:
    """Store one finished trial and remove its folder; safe to repeat, whatever stopped it before.

    A run that has a part of it is deleted, and the trial stored in a new one. A trial whose files are damaged is
    stored as failed.
    """
    client = store.client
    with defer_signals():
        started_ms, _ = trial.times_ms()
        of_trial = (
            f"tags.`{PARENT_TAG}` = '{trial.benchmark_run_id}' AND attributes.run_name = '{trial.config.name}' "
            f"AND attributes.start_time = {started_ms}"
        )
        runs = client.search_runs([trial.experiment_id], of_trial)
        parts = [run for run in runs if run.info.status == "RUNNING"]
        for run in parts:
            delete_models(client, run)
            client.delete_run(run.info.run_id)
        if len(runs) == len(parts):  # else the process was killed before it removed the folder
            try:
                log_trial(client, trial)
            except UserError as error:
                failure = f"it cannot be stored: {error}"
                log_failure(client, trial.experiment_id, trial.benchmark_run_id, trial.config, failure)
        shutil.rmtree(trial.folder, ignore_errors=True)


def send_all_pending(store: Store) -> list[str]:
    """Send what earlier processes left for this store; return one line for each trial, for the user."""
    lines = []
    for folder in sorted((cache_folder() / "pending").glob("*/")):
        if not _trial_folders(folder):
            continue
        run_id = folder.name
        # another store does not have the run; a benchmark that runs sends its trials itself
        with suppress(UserError, *store_errors()), benchmark_lock(run_id):
            experiment_id = store.client.get_run(run_id).info.experiment_id
            for trial in pending_trials(run_id, experiment_id, read_plan(store, run_id)):
                name = f"{trial.config.name} of the benchmark {run_id[:8]}"
                try:
                    send(store, trial)
                    lines.append(f"{name}, which was pending, is stored now")
                except store_errors() as error:
                    lines.append(f"{name} is still pending: {first_line(error)}")
    return lines


def mark_stale_runs_killed(store: Store) -> list[str]:
    """End benchmarks as KILLED whose process is gone; return one line for each, for the user."""
    lines = []
    for run in store.search(f"attributes.status = 'RUNNING' AND tags.`{KIND_TAG}` = 'benchmark'"):
        run_id = run.info.run_id
        if not has_ended(run_id):
            continue
        if store.client.get_run(run_id).info.status == "RUNNING":  # it did not finish since the search
            store.client.set_terminated(run_id, "KILLED")
            lines.append(f"the interrupted benchmark {run_id[:8]} marked as KILLED")
    return lines


def _trial_folders(folder: Path) -> list[Path]:
    """Return the folders of finished trials; their last file is there."""
    return sorted(path.parent for path in folder.glob(f"*/{RESULT_FILE}"))


def _lock_file(run_id: str) -> Path:
    return pending_folder(run_id).with_suffix(".lock")

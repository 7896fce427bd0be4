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
from dataclasses import replace
from pathlib import Path

from benchmark.config import TrialConfig
from benchmark.corpus.cache import cache_folder, writing
from benchmark.corpus.facts import CorpusFacts
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.signals import defer_signals
from benchmark.trial_folder import RESULT_FILE
from tracking.model_log import delete_models
from tracking.reader import read_plan
from tracking.store import Store, first_line, store_errors
from tracking.trial_log import KIND_TAG, PARENT_TAG, end_of_trial_ms, log_failure, log_trial

FINISHED = f"*/{RESULT_FILE}"  # the last file of a trial


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
            if not any(folder.glob(FINISHED)):
                shutil.rmtree(folder, ignore_errors=True)


def has_ended(run_id: str) -> bool:
    """Whether the process of a benchmark is known to be gone: its lock is here, this user's, and free."""
    try:
        with _lock_file(run_id).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or of another user, machine or container
        return False
    return True


def pending_trials(run_id: str, plan: Plan) -> dict[Path, TrialConfig]:
    """Return the finished trials of a benchmark that are not stored yet, by their folders."""
    waiting = {}
    for planned in plan.planned:
        folder = pending_folder(run_id) / planned.config.folder_name
        if (folder / RESULT_FILE).exists():
            waiting[folder] = planned.config
    return waiting


def send(store: Store, folder: Path, config: TrialConfig, corpus: CorpusFacts) -> None:
    """Store one finished trial and remove its folder; safe to repeat, whatever stopped it before.

    A run that has a part of it is deleted, and the trial stored in a new one. A trial whose files are damaged is
    stored as failed.
    """
    run_id = folder.parent.name
    is_stored = False
    with defer_signals():
        for run in store.search(f"tags.`{PARENT_TAG}` = '{run_id}' AND attributes.run_name = '{config.name}'"):
            if run.info.status == "RUNNING":
                delete_models(store.client, run)
                store.client.delete_run(run.info.run_id)
            elif run.info.end_time == end_of_trial_ms(folder):  # the process was killed before it removed the folder
                is_stored = True
        if not is_stored:
            try:
                log_trial(store, folder, config, corpus)
            except UserError as error:
                log_failure(store, run_id, config, f"it cannot be stored: {error}")
        shutil.rmtree(folder, ignore_errors=True)


def send_all_pending(store: Store) -> list[str]:
    """Send what earlier processes left for this store; return one line for each trial, for the user."""
    lines = []
    for run_id in sorted({path.parts[-3] for path in (cache_folder() / "pending").glob(f"*/{FINISHED}")}):
        # another store does not have the run; a benchmark that runs sends its trials itself
        with suppress(UserError, *store_errors()), benchmark_lock(run_id):
            store = replace(store, experiment_id=store.client.get_run(run_id).info.experiment_id)
            plan = read_plan(store, run_id)
            for folder, trial in pending_trials(run_id, plan).items():
                name = f"{trial.name} of the benchmark {run_id[:8]}"
                try:
                    send(store, folder, trial, plan.corpus)
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


def _lock_file(run_id: str) -> Path:
    return pending_folder(run_id).with_suffix(".lock")

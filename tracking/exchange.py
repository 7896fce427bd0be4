"""Benchmarks as folders that another store imports."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from benchmark.corpus.facts import CorpusFacts
from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import BenchmarkRecord, PlannedTrial
from benchmark.training.fingerprint import fingerprint
from benchmark.trial_folder import PREDICTIONS_FILE, RESULT_FILE, read_trial_folder, write_trial
from tracking.reader import HARD_REVIEWS_FILE, PLAN_FILE, HardReviews, read_benchmark, read_plan
from tracking.session import Session, open_session
from tracking.store import Store, first_line

SUMS_FILE = "SHA256SUMS"  # as `sha256sum --check` reads it
IMPORTED_TAG = "benchmark.imported_from"


def export_benchmark(store: Store, run_id: str, folder: Path) -> None:
    """Write a benchmark's plan, results, predictions and hardest reviews, with their digests; no model.

    Raises
    ------
    UserError
        If the folder exists and is not empty, or no trial finished.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"--output: {folder} is there already; give a new folder")
    record = read_benchmark(store, run_id)
    if not record.finished:
        raise UserError(f"the benchmark {run_id} has no finished trial to export")
    folder.mkdir(parents=True, exist_ok=True)

    # Trials
    for trial in record.finished:
        assert trial.result
        assert trial.predictions
        trial_folder = folder / trial.config.folder_name
        trial_folder.mkdir()
        write_trial(trial_folder, trial.result, trial.predictions)

    # The plan, without the runs of this store
    plan = read_plan(store, run_id)
    update = {
        "started_at": datetime.fromisoformat(record.started_at),
        "planned": tuple(replace(trial, stored_as=None) for trial in plan.planned),
    }
    contents = {
        PLAN_FILE: plan.model_copy(update=update),
        HARD_REVIEWS_FILE: HardReviews(reviews=record.hard_reviews),
    }
    for name, content in contents.items():
        (folder / name).write_text(content.model_dump_json(indent=1), encoding="utf-8")
    (folder / SUMS_FILE).write_text("\n".join(_digests(folder)) + "\n", encoding="utf-8")


def import_benchmark(
    store: Store,
    folder: Path,
    publish: Callable[[Session, BenchmarkRecord], object],
) -> str:
    """Store an exported benchmark as a new benchmark run and return its id; nothing in it is executed.

    Parameters
    ----------
    publish : callable
        Called when all trials are stored.

    Raises
    ------
    UserError
        If a digest, a fingerprint or a score does not fit, or the store has this benchmark already.
    """
    # All that is in the folder is checked before anything is stored
    if not (folder / SUMS_FILE).is_file():
        raise UserError(f"{folder} is no exported benchmark: {SUMS_FILE} is missing")
    try:
        sums = (folder / SUMS_FILE).read_bytes()
        for line in set(sums.decode().splitlines()).symmetric_difference(_digests(folder)):
            _, _, name = line.partition("  ")
            raise UserError(f"{folder}: {name} was changed, removed or added since the export; get the folder again")
        plan = Plan.model_validate_json((folder / PLAN_FILE).read_bytes())
        hard_reviews = HardReviews.model_validate_json((folder / HARD_REVIEWS_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} is no exported benchmark: {first_line(error)}") from None
    names = {path.name for path in folder.iterdir()}  # a name in a plan may be a path to anywhere
    trial_folders = {}
    for trial in plan.planned:
        if trial.config.folder_name in names:
            trial_folder = folder / trial.config.folder_name
            _check_trial(trial_folder, trial, plan.corpus)
            trial_folders[trial.config] = trial_folder
    origin = hashlib.sha256(sums).hexdigest()
    for run in store.search(f"tags.`{IMPORTED_TAG}` = '{origin}'"):
        raise UserError(f"{folder} is in this store already, as the benchmark {run.info.run_id}")

    # The trials go the way of those that were trained here
    with open_session(store, plan, vocabulary_file=None) as session:  # only models need a vocabulary
        for config, trial_folder in trial_folders.items():
            session.start_trial(config)
            waiting = shutil.copytree(trial_folder, session.pending_folder / config.folder_name)
            session.store_trial(config, waiting)
        session.log_hard_reviews(hard_reviews.reviews)
        record = session.read()
        publish(session, record)
        store.client.set_tag(session.run_id, IMPORTED_TAG, origin)
        session.finish("FINISHED" if record.complete else "FAILED")
    return session.run_id


def _digests(folder: Path) -> list[str]:
    """Return the lines of `SUMS_FILE`: SHA-256 and name of every other file; a folder that is a link has none."""
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != SUMS_FILE:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{digest}  {name}")
    return lines


def _check_trial(folder: Path, planned: PlannedTrial, corpus: CorpusFacts) -> None:
    names = {path.name for path in folder.iterdir()}
    if names != {PREDICTIONS_FILE, RESULT_FILE}:
        raise UserError(f"{folder} holds more than a result and predictions; it cannot be imported")
    try:
        result, _ = read_trial_folder(folder, planned.config, corpus)
    except UserError as error:
        raise UserError(f"{folder}: {error}") from None
    if result.fingerprint != fingerprint(result.fingerprint_parts) or result.fingerprint != planned.fingerprint:
        raise UserError(f"{folder}: the fingerprint is not that of the planned trial")

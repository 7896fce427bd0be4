"""Benchmarks as folders that another store imports."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from benchmark.errors import UserError
from benchmark.plan import Plan
from benchmark.results import BenchmarkRecord, PlannedTrial
from benchmark.statistics.scores import scores
from benchmark.training.fingerprint import fingerprint
from benchmark.trial_folder import PREDICTIONS_FILE, read_predictions, read_result, write_trial
from tracking.reader import HARD_REVIEWS, HARD_REVIEWS_FILE, PLAN_FILE, read_benchmark, read_plan
from tracking.session import Session, open_session
from tracking.store import Store, first_line

SUMS_FILE = "SHA256SUMS"  # as `sha256sum --check` reads it
IMPORTED_TAG = "benchmark.imported_from"
SCORE_TOLERANCE = 1e-5


def export_benchmark(store: Store, run_id: str, folder: Path) -> None:
    """Write a benchmark's plan, results, predictions and hardest reviews, with their digests; no model.

    Raises
    ------
    UserError
        If the folder exists and is not empty, or no trial finished.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"--output: {folder} is there already; give a new folder")
    record, plan = read_benchmark(store, run_id), read_plan(store, run_id)
    if not record.finished:
        raise UserError(f"the benchmark {run_id} has no finished trial to export")
    folder.mkdir(parents=True, exist_ok=True)
    for trial in record.finished:
        assert trial.result is not None
        assert trial.predictions is not None
        own = folder / trial.config.folder_name
        own.mkdir()
        write_trial(own, trial.result, trial.predictions)
    started_at = datetime.fromisoformat(record.started_at)
    planned = tuple(replace(trial, stored_as=None) for trial in plan.planned)  # the other store has other runs
    plan = plan.model_copy(update={"started_at": started_at, "planned": planned})
    (folder / PLAN_FILE).write_text(plan.model_dump_json(indent=1), encoding="utf-8")
    (folder / HARD_REVIEWS_FILE).write_bytes(HARD_REVIEWS.dump_json({"reviews": record.hard_reviews}, indent=1))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")


def import_benchmark(store: Store, folder: Path, publish: Callable[[Session, BenchmarkRecord], object]) -> str:
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
    sums = _check_digests(folder)
    try:
        plan = Plan.model_validate_json((folder / PLAN_FILE).read_bytes())
        hard_reviews = HARD_REVIEWS.validate_json((folder / HARD_REVIEWS_FILE).read_bytes())["reviews"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{folder} is no exported benchmark: {first_line(error)}") from None
    names = {path.name for path in folder.iterdir()}
    trials = [trial for trial in plan.planned if trial.config.folder_name in names]
    for trial in trials:
        _check_trial(folder / trial.config.folder_name, trial, plan.corpus.digest)
    origin = hashlib.sha256(sums).hexdigest()
    there = store.client.search_runs(store.experiment_ids, f"tags.`{IMPORTED_TAG}` = '{origin}'", max_results=1)
    if there:
        raise UserError(f"{folder} is in this store already, as the benchmark {there[0].info.run_id}")
    # in place of a vocabulary: only models need one, and there are none
    with open_session(store, plan, vocabulary_file=folder / PLAN_FILE) as session:
        for trial in trials:
            session.start_trial(trial.config)
            own = session.pending_folder / trial.config.folder_name
            shutil.copytree(folder / trial.config.folder_name, own)
            session.store_trial(trial.config, own)
        session.log_hard_reviews(hard_reviews)
        store.client.set_tag(session.run_id, IMPORTED_TAG, origin)
        publish(session, read_benchmark(store, session.run_id))
        session.finish("FINISHED" if len(trials) == len(plan.planned) else "FAILED")
    return session.run_id


def _check_digests(folder: Path) -> bytes:
    """Return the list of digests, once every file has the one that is listed, and every file is listed."""
    try:
        content = (folder / SUMS_FILE).read_bytes()
        pairs = [line.split("  ", 1) for line in content.decode().splitlines()]
        listed = {name: digest for digest, name in pairs}
    except (OSError, ValueError) as error:
        raise UserError(f"{folder} is no exported benchmark: {SUMS_FILE}: {first_line(error)}") from None
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS_FILE}
    for name in sorted(present ^ listed.keys()):
        raise UserError(f"{folder}: {name} is {'missing' if name in listed else 'not in ' + SUMS_FILE}")
    for name, digest in listed.items():
        if (folder / name).is_symlink() or _sha256(folder / name) != digest:
            raise UserError(f"{folder}: {name} is not the file that was exported; get the folder again")
    return content


def _check_trial(folder: Path, planned: PlannedTrial, corpus_digest: str) -> None:
    result, predictions = read_result(folder), read_predictions(folder / PREDICTIONS_FILE)
    if sorted(path.name for path in folder.iterdir()) != sorted([PREDICTIONS_FILE, "result.json"]):
        raise UserError(f"{folder} holds more than a result and predictions; it cannot be imported")
    if result.fingerprint != fingerprint(result.fingerprint_parts) or result.fingerprint != planned.fingerprint:
        raise UserError(f"{folder}: the fingerprint is not that of the planned trial")
    if result.config != planned.config or result.corpus_digest != corpus_digest:
        raise UserError(f"{folder}: its settings or its corpus are not those of the benchmark")
    found = scores(predictions.label, predictions.probability)
    for name, stored in result.scores.model_dump().items():
        if not np.isclose(found[name], stored, rtol=0, atol=SCORE_TOLERANCE, equal_nan=True):
            raise UserError(f"{folder}: its {name} is {stored:.4f}, and that of its predictions {found[name]:.4f}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

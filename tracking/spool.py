"""Finished trials on this machine's disk until the tracking store has them.

A trial's directory below the spool is removed once everything in it is stored, so what is found there was left behind.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from benchmark.errors import UserError
from benchmark.results import CorpusFacts, TrialOutcome, TrialResult
from tracking.store import connect
from tracking.trial_runs import finish_trial_run, start_trial_run

if TYPE_CHECKING:
    from mlflow import MlflowClient

LABEL_FILE = "run.json"
RESULT_FILE = "result.json"
VOCABULARY_FILE = "vocabulary.txt"


class SpoolLabel(BaseModel):
    """Where a finished trial belongs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tracking_uri: str
    experiment_id: str
    benchmark_run_id: str
    attempt: str
    corpus: CorpusFacts


def label_outcome(directory: Path, label: SpoolLabel, vocabulary_file: Path) -> None:
    """Complete a finished trial's directory, so that it can be sent without anything else."""
    vocabulary = directory / VOCABULARY_FILE
    if not vocabulary.exists():
        try:
            os.link(vocabulary_file, vocabulary)
        except OSError:  # another file system
            shutil.copyfile(vocabulary_file, vocabulary)
    unfinished = directory / f"{LABEL_FILE}.part"
    unfinished.write_text(label.model_dump_json(indent=2), encoding="utf-8")
    os.replace(unfinished, directory / LABEL_FILE)


def spooled_trials(spool_directory: Path) -> list[Path]:
    """Directories of finished trials that the store does not have yet."""
    return sorted(path.parent for path in spool_directory.glob(f"**/{LABEL_FILE}"))


def send_spooled(directory: Path) -> str:
    """Send one of `spooled_trials` to the store that it belongs to, remove the directory, and give the run's id.

    Raises
    ------
    UserError
        If the store is not there, or the directory is not whole.
    """
    try:
        label = SpoolLabel.model_validate_json((directory / LABEL_FILE).read_bytes())
        result = TrialResult.model_validate_json((directory / RESULT_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"the spooled trial {directory} is not whole, and can be removed: {reason}") from None
    return send_outcome(connect(label.tracking_uri), TrialOutcome(result, directory), label)


def send_outcome(client: MlflowClient, outcome: TrialOutcome, label: SpoolLabel) -> str:
    """Store all of a labelled outcome, then remove its directory; gives the trial run's id. Safe to repeat."""
    place = (client, label.experiment_id)
    run_id = start_trial_run(*place, label.benchmark_run_id, outcome.result.config, label.attempt)
    vocabulary_file = outcome.directory / VOCABULARY_FILE
    finish_trial_run(*place, run_id, outcome, label.corpus, vocabulary_file, label.benchmark_run_id)
    shutil.rmtree(outcome.directory)
    return run_id

"""The alias ``champion`` of registered models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, TrialRecord
from tracking.store import Store, first_line
from tracking.trial_log import ensure_registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
SENTIMENT = "imdb-sentiment"  # its champion is the best architecture's


@dataclass(frozen=True)
class Promotion:
    """The aliases that moved, `SENTIMENT`'s last, and one sentence: what moved, or why nothing did."""

    moved: tuple[str, ...]
    reason: str


def promote(store: Store, record: BenchmarkRecord) -> Promotion:
    """Point the aliases at the median trials of a complete benchmark.

    ``champion`` of each architecture's model is its median trial by test accuracy. ``imdb-sentiment@champion`` is that
    of the best architecture of a benchmark that compares several, or beats the standing champion. No alias moves to a
    trial below a standing champion of the same corpus, or not above the majority class.

    Raises
    ------
    UserError
        If the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    if not record.complete:
        return Promotion((), f"No alias moved: {len(record.finished)} of {len(record.trials)} trials finished.")
    if record.corpus.kind == "synthetic" or record.config.max_reviews is not None:
        reason = record.not_comparable_reason or f"only {record.config.max_reviews:,} reviews of each split were used"
        return Promotion((), f"No alias moved: {reason}.")
    try:
        return _promote(store.client, record)
    except (OSError, MlflowException) as error:
        raise UserError(f"the aliases cannot be moved: {first_line(error)}") from error


def _promote(client: MlflowClient, record: BenchmarkRecord) -> Promotion:
    # Each architecture's model
    medians = record.median_trials
    moved = []
    kept = 0
    for trial in medians:
        name = f"{record.corpus.name}-{trial.config.architecture}"
        if _move(client, record, trial, name) is None:
            moved.append(f"models:/{name}@{CHAMPION}")
        else:
            kept += 1

    # The best of all
    reason = record.not_comparable_reason or _move(client, record, medians[0], SENTIMENT, alone=len(medians) == 1)
    if reason is None:
        moved.append(f"models:/{SENTIMENT}@{CHAMPION}")

    aliases = "aliases" if len(moved) > 1 else "alias"
    sentence = f"{len(moved) or 'No'} champion {aliases} moved"
    if kept:
        sentence += f", {kept} stayed with an equal or better version"
    if reason is not None:
        sentence += f"; {SENTIMENT}@{CHAMPION} did not move: {reason}"
    return Promotion(tuple(moved), f"{sentence}.")


def _move(
    client: MlflowClient, record: BenchmarkRecord, trial: TrialRecord, name: str, alone: bool = False
) -> str | None:
    """Point ``name@champion`` at a trial's version, or return why it stays where it is."""
    versions = {}
    for version in client.search_model_versions(f"run_id = '{trial.run_id}'"):
        versions[version.name] = version
    own = versions.get(f"{record.corpus.name}-{trial.config.architecture}")
    if own is None:
        return f"the model of {trial.config.name} is not registered any more"
    standing = _standing(client, name, record.corpus.digest)
    if standing is not None and standing.run_id == trial.run_id:
        return f"{trial.config.name} is its champion already"

    # Is it good enough?
    assert trial.predictions is not None
    positive = float(trial.predictions.label.mean())
    if name == SENTIMENT and trial.accuracy <= max(positive, 1 - positive):
        return f"{trial.config.name} is not better than the majority class"
    if standing is not None:
        to_beat = float(standing.tags.get("test_accuracy", 0))
        if to_beat >= trial.accuracy:
            return f"its champion of {to_beat:.2%} is better than {trial.config.name}"
    elif alone:
        return "one architecture alone does not decide which is best"

    if name not in versions:
        ensure_registered_model(client, name, "The best architecture's median trial of the best complete benchmark.")
        versions[name] = client.create_model_version(
            name,
            own.source,
            run_id=own.run_id,
            tags=own.tags,
            description=own.description,
            model_id=own.source.removeprefix("models:/"),
        )
    client.set_registered_model_alias(name, CHAMPION, versions[name].version)
    return None


def _standing(client: MlflowClient, name: str, corpus_digest: str) -> ModelVersion | None:
    """Return the version that is the champion now, if it was tested on the same reviews."""
    from mlflow.exceptions import MlflowException

    try:
        version = client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        return None
    return version if version.tags.get("corpus_digest") == corpus_digest else None

"""The alias ``champion`` of registered models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.results import BenchmarkRecord, TrialRecord
from tracking.store import Store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
SENTIMENT = "imdb-sentiment"  # its champion is the best architecture's


def promote(store: Store, record: BenchmarkRecord) -> tuple[list[str], str]:
    """Point the aliases at the median trials of a complete benchmark, unless its test reviews are held out.

    ``champion`` of each architecture's model is its median trial by test accuracy, and ``imdb-sentiment@champion`` that
    of the best architecture on IMDB. A standing champion of the same corpus stays, unless the new one was trained on
    more reviews, or on as many with a higher test accuracy.

    Returns
    -------
    moved : list of str
        The aliases that moved, that of `SENTIMENT` last.
    reason : str
        One sentence: what moved, or why nothing did.
    """
    if record.corpus.held_out:
        return [], "No alias moved: the test reviews are held out of the training split."
    if not record.complete:
        return [], f"No alias moved: {len(record.finished)} of {len(record.trials)} trials finished."
    corpus = record.corpus
    candidates = {f"{corpus.name}-{trial.config.architecture}": trial for trial in record.median_trials}
    if corpus.kind == "imdb" and record.best:
        candidates[SENTIMENT] = candidates[f"{corpus.name}-{record.best[0]}"]
    moved = []
    kept = []
    for name, trial in candidates.items():
        reason = _move(store.client, trial, name)
        if reason is None:
            moved.append(f"models:/{name}@{CHAMPION}")
        else:
            kept.append(f"{name} {reason}")
    sentence = f"Champions: {len(moved)} moved"
    if kept:
        sentence += f", {len(kept)} stayed: {kept[-1]}"
    return moved, f"{sentence}."


def _move(client: MlflowClient, trial: TrialRecord, name: str) -> str | None:
    """Point ``name@champion`` at a trial's version, or return why it stays where it is."""
    from mlflow import register_model

    versions = {version.name: version for version in client.search_model_versions(f"run_id = '{trial.run_id}'")}
    if not versions:
        return "has no version of this benchmark"
    own = next(iter(versions.values()))  # all of a trial have one source and the same tags
    for model in client.search_registered_models(f"name = '{name}'"):
        if CHAMPION not in model.aliases:
            continue
        standing = client.get_model_version(name, model.aliases[CHAMPION])
        if standing.tags.get("corpus_digest") == own.tags["corpus_digest"] and _rank(standing) >= _rank(own):
            reviews, accuracy = _rank(standing)
            return f"keeps version {standing.version}, of {reviews:,} training reviews and {accuracy:.2%}"
    if name not in versions:
        versions[name] = register_model(own.source, name, tags=own.tags)
        client.update_model_version(name, versions[name].version, own.description)
        client.update_registered_model(name, "The best architecture's median trial of the best complete benchmark.")
    client.set_registered_model_alias(name, CHAMPION, versions[name].version)
    return None


def _rank(version: ModelVersion) -> tuple[int, float]:
    """Return training reviews and test accuracy of a version."""
    return int(version.tags["train_reviews"]), float(version.tags["test_accuracy"])

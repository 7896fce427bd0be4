"""Whether a benchmark deserves that aliases move, and if not, why: one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark.config import BenchmarkConfig
from benchmark.corpus import Corpus
from benchmark.errors import UserError
from benchmark.median_trials import median_trials
from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from tracking.aliases import CHAMPION, is_missing, version_at, version_under
from tracking.benchmark_run import read_facts
from tracking.model_store import SENTIMENT, registered_name
from tracking.outages import through_outages
from tracking.store import Store
from tracking.verify_model import predict_again

if TYPE_CHECKING:
    from mlflow import MlflowClient

SAMPLE_REVIEWS = 200
TOLERANCE = {"cpu": 1e-6, "gpu": 1e-3}  # a GPU's matrix products may be rounded to 10 bits
SIZES = ("epochs", "vocabulary_size", "review_length")


def why_no_alias_moves(store: Store, record: BenchmarkRecord, corpus: Corpus) -> str | None:
    """Say why the benchmark deserves none, or None; where the store is away for a while, it is waited for.

    Raises
    ------
    UserError
        If the store stays away.
    """
    client = store.client
    return (
        _why_none_is_deserved(record)
        or through_outages(lambda: _why_a_standing_champion_stays(client, record))
        or through_outages(lambda: _why_versions_are_missing(client, record))
        or through_outages(lambda: _why_models_cannot_be_trusted(store, record, corpus))
    )


def champions(record: BenchmarkRecord) -> dict[str, TrialRecord]:
    """Median trial of each architecture, the best first."""
    medians = median_trials(record)
    return dict(sorted(medians.items(), key=lambda median: -result_of(median[1]).test_accuracy))


def sample_size(record: BenchmarkRecord) -> int:
    """How many test reviews the models predict again."""
    return min(SAMPLE_REVIEWS, record.corpus.test_reviews)


def result_of(trial: TrialRecord) -> TrialResult:
    """Of a trial that has finished."""
    assert trial.result is not None
    return trial.result


def _why_none_is_deserved(record: BenchmarkRecord) -> str | None:
    if record.not_comparable_reason is not None:
        return f"no alias moves: {record.not_comparable_reason}"
    if not record.complete:
        planned = len(record.config.trials())
        return f"no alias moves: {len(record.finished)} of {planned} trials finished"
    return _why_smaller(record.config, BenchmarkConfig(), "the tutorial's settings")


def _why_smaller(config: BenchmarkConfig, other: BenchmarkConfig, called: str) -> str | None:
    if len(config.seeds) < len(other.seeds):
        return f"no alias moves: {len(config.seeds)} seeds are fewer than the {len(other.seeds)} of {called}"
    for name in SIZES:
        if getattr(config, name) < getattr(other, name):
            return f"no alias moves: {name} {getattr(config, name)} is less than the {getattr(other, name)} of {called}"
    return None


def _why_a_standing_champion_stays(client: MlflowClient, record: BenchmarkRecord) -> str | None:
    """Compare with the benchmarks that the aliases come from: a newer or larger one keeps them."""
    from mlflow.exceptions import MlflowException

    started_ms = client.get_run(record.run_id).info.start_time
    names = [registered_name(record.corpus.kind, architecture) for architecture in record.config.architectures]
    for name in [SENTIMENT, *names]:
        standing = version_at(client, name, CHAMPION)
        run_id = standing.tags.get("benchmark_run") if standing else None
        if run_id is None or run_id == record.run_id:
            continue
        try:
            run, facts = client.get_run(run_id), read_facts(client, run_id)
        except UserError:
            continue  # its files are gone: nothing to compare with
        except MlflowException as error:
            if not is_missing(error):
                raise
            continue  # its run is gone
        if run.info.start_time > started_ms:
            return f"no alias moves: {name}@{CHAMPION} comes from the newer benchmark {run_id}"
        missing = set(facts.config.architectures) - set(record.config.architectures)
        if name == SENTIMENT and missing:
            return f"no alias moves: it leaves out {', '.join(sorted(missing))} of the champion's benchmark {run_id}"
        smaller = _why_smaller(record.config, facts.config, f"the champion's benchmark {run_id}")
        if smaller is not None:
            return smaller
    return None


def _why_versions_are_missing(client: MlflowClient, record: BenchmarkRecord) -> str | None:
    for architecture, trial in champions(record).items():
        name = registered_name(record.corpus.kind, architecture)
        if version_under(client, trial, name) is None:
            return f"no alias moves: the model of {trial.config.name} is not registered as {name} any more"
    return None


def _why_models_cannot_be_trusted(store: Store, record: BenchmarkRecord, corpus: Corpus) -> str | None:
    if corpus.facts.digest != record.corpus.digest:
        return "no alias moves: the corpus here is not the one that the benchmark ran on"
    medians = list(champions(record).values())
    predictions = _predictions(medians[0])
    sample = np.unique(np.linspace(0, len(predictions.review_id) - 1, SAMPLE_REVIEWS).astype(int))
    found = [corpus.text(review_id) for review_id in predictions.review_id[sample].tolist()]
    texts = [text for text in found if text is not None]
    ids = None
    if len(texts) < len(found):
        ids = corpus.encode(record.config.vocabulary_size, record.config.review_length).x_test[sample]
    uris = [str(trial.model_uri) for trial in medians]
    try:
        again = predict_again(store.tracking_uri, uris, texts if ids is None else None, ids)
    except RuntimeError as error:
        return f"no alias moves: a model could not be loaded back from the store: {error}"
    for trial, probability in zip(medians, again, strict=True):
        difference = float(np.abs(probability - _predictions(trial).probability[sample]).max())
        if not difference <= TOLERANCE[result_of(trial).environment.device_kind]:
            return (
                f"no alias moves: loaded back from the store, the model of {trial.config.name} gives probabilities "
                f"that differ from the saved ones by up to {difference:.1e}"
            )
    return None


def _predictions(trial: TrialRecord) -> Predictions:
    assert trial.predictions is not None
    return trial.predictions

"""Which registered versions the aliases point to: an alias moves only when the benchmark deserves it.

``champion`` of ``imdb-<architecture>`` is the trial of median accuracy of the newest complete benchmark.
``imdb-sentiment@champion`` is the champion of the architecture whose median is highest, ``imdb-sentiment@challenger``
that of the next one whose weights differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmark.config import BenchmarkConfig
from benchmark.corpus import Corpus
from benchmark.errors import UserError
from benchmark.median_trials import median_trials
from benchmark.results import BenchmarkRecord, Predictions, TrialRecord, TrialResult
from tracking.benchmark_run import read_facts
from tracking.model_store import SENTIMENT, ensure_registered_model, registered_name
from tracking.outages import is_outage, through_outages
from tracking.store import Store
from tracking.trial_runs import set_tags
from tracking.verify_model import predict_again

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.exceptions import MlflowException

CHAMPION = "champion"
CHALLENGER = "challenger"
PROMOTION_TAG = "benchmark.promotion"

SAMPLE_REVIEWS = 200
TOLERANCE = {"cpu": 1e-6, "gpu": 1e-3}  # a GPU's matrix products may be rounded to 10 bits
MISSING_CODES = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}  # no such run or model; no such alias
SIZES = ("epochs", "vocabulary_size", "review_length")


@dataclass(frozen=True)
class Move:
    """An alias that points to another version than before."""

    name: str
    alias: str
    version: str
    before: str | None

    def __str__(self) -> str:
        return f"{self.name}@{self.alias} is version {self.version} (was {self.before or 'none'})"


@dataclass(frozen=True)
class Promotion:
    """What moved, and one sentence that says why, or why not."""

    moves: tuple[Move, ...]
    reason: str

    @property
    def model_uri(self) -> str | None:
        """The served model where this benchmark decided it."""
        return f"models:/{SENTIMENT}@{CHAMPION}" if any(move.name == SENTIMENT for move in self.moves) else None


def promote(store: Store, record: BenchmarkRecord, corpus: Corpus) -> Promotion:
    """Move the aliases that this benchmark deserves, once its models have given their predictions again.

    Where the store is away for a while, it is waited for.

    Parameters
    ----------
    corpus : Corpus
        That the benchmark ran on; some of its test reviews are predicted again.

    Raises
    ------
    UserError
        If the store stays away.
    """
    client = store.client
    refusal = (
        _why_none_is_deserved(record)
        or through_outages(lambda: _why_a_standing_champion_stays(client, record))
        or through_outages(lambda: _why_versions_are_missing(client, record))
        or through_outages(lambda: _why_models_cannot_be_trusted(store, record, corpus))
    )
    moves = () if refusal else tuple(_move_all(client, record))
    reason = refusal or (
        f"every trial finished on the whole corpus, and the models gave their predictions of "
        f"{_sample_size(record)} reviews again"
    )
    tags = {PROMOTION_TAG: "; ".join([*map(str, moves), reason])}
    through_outages(lambda: set_tags(client, record.run_id, tags))
    return Promotion(moves, reason)


def _champions(record: BenchmarkRecord) -> dict[str, TrialRecord]:
    """Median trial of each architecture, the best first."""
    medians = median_trials(record)
    return dict(sorted(medians.items(), key=lambda median: -_result(median[1]).test_accuracy))


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
        standing = _version_of(client, name, CHAMPION)
        run_id = standing.tags.get("benchmark_run") if standing else None
        if run_id is None or run_id == record.run_id:
            continue
        try:
            run, facts = client.get_run(run_id), read_facts(client, run_id)
        except UserError:
            continue  # its files are gone: nothing to compare with
        except MlflowException as error:
            if not _is_missing(error):
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
    for architecture, trial in _champions(record).items():
        name = registered_name(record.corpus.kind, architecture)
        if _version_under(client, trial, name) is None:
            return f"no alias moves: the model of {trial.config.name} is not registered as {name} any more"
    return None


def _why_models_cannot_be_trusted(store: Store, record: BenchmarkRecord, corpus: Corpus) -> str | None:
    if corpus.facts.digest != record.corpus.digest:
        return "no alias moves: the corpus here is not the one that the benchmark ran on"
    champions = list(_champions(record).values())
    predictions = _predictions(champions[0])
    sample = np.unique(np.linspace(0, len(predictions.review_id) - 1, SAMPLE_REVIEWS).astype(int))
    found = [corpus.text(review_id) for review_id in predictions.review_id[sample].tolist()]
    texts = [text for text in found if text is not None]
    ids = None
    if len(texts) < len(found):
        ids = corpus.encode(record.config.vocabulary_size, record.config.review_length).x_test[sample]
    uris = [str(trial.model_uri) for trial in champions]
    try:
        again = predict_again(store.tracking_uri, uris, texts if ids is None else None, ids)
    except RuntimeError as error:
        return f"no alias moves: a model could not be loaded back from the store: {error}"
    for trial, probability in zip(champions, again, strict=True):
        difference = float(np.abs(probability - _predictions(trial).probability[sample]).max())
        if not difference <= TOLERANCE[_result(trial).environment.device_kind]:
            return (
                f"no alias moves: loaded back from the store, the model of {trial.config.name} gives probabilities "
                f"that differ from the saved ones by up to {difference:.1e}"
            )
    return None


def _move_all(client: MlflowClient, record: BenchmarkRecord) -> list[Move]:
    champions = _champions(record)
    versions = through_outages(
        lambda: {
            architecture: _registered(client, trial, registered_name(record.corpus.kind, architecture))
            for architecture, trial in champions.items()
        }
    )
    moves = [_point(client, CHAMPION, version) for version in versions.values()]
    best, *others = champions.values()
    rivals = [trial for trial in others if _result(trial).weights_sha256 != _result(best).weights_sha256]
    for alias, trial in zip((CHAMPION, CHALLENGER), [best, *rivals], strict=False):
        own = versions[trial.config.architecture]
        moves.append(_point(client, alias, through_outages(partial(_as_sentiment, client, trial, own))))
    return [move for move in moves if move.version != move.before]


def _registered(client: MlflowClient, trial: TrialRecord, name: str) -> ModelVersion:
    version = _version_under(client, trial, name)
    assert version is not None, "it was there a moment ago"
    return version


def _version_under(client: MlflowClient, trial: TrialRecord, name: str) -> ModelVersion | None:
    """Give a trial's version of a registered model; of several the first, which the benchmark itself registered."""
    found = [version for version in client.search_model_versions(f"run_id = '{trial.run_id}'") if version.name == name]
    return min(found, key=lambda version: int(version.version), default=None)


def _as_sentiment(client: MlflowClient, trial: TrialRecord, own: ModelVersion) -> ModelVersion:
    """Register a trial's model under the common name as well, once."""
    there = _version_under(client, trial, SENTIMENT)
    if there is not None:
        return there
    ensure_registered_model(client, SENTIMENT, "The best architecture's median trial of the newest complete benchmark.")
    return client.create_model_version(
        SENTIMENT,
        own.source,
        run_id=trial.run_id,
        tags=own.tags,
        description=own.description,
        model_id=own.source.removeprefix("models:/"),
    )


def _point(client: MlflowClient, alias: str, version: ModelVersion) -> Move:
    before = through_outages(lambda: _version_of(client, version.name, alias))
    through_outages(lambda: client.set_registered_model_alias(version.name, alias, version.version))
    return Move(version.name, alias, str(version.version), None if before is None else str(before.version))


def _version_of(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if not _is_missing(error):
            raise
        return None


def _is_missing(error: MlflowException) -> bool:
    """Whether the store says that it has no such thing; an outage says nothing of the kind."""
    return error.error_code in MISSING_CODES and not is_outage(error)


def _sample_size(record: BenchmarkRecord) -> int:
    return min(SAMPLE_REVIEWS, record.corpus.test_reviews)


def _result(trial: TrialRecord) -> TrialResult:
    assert trial.result is not None
    return trial.result


def _predictions(trial: TrialRecord) -> Predictions:
    assert trial.predictions is not None
    return trial.predictions

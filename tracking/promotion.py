"""Which registered versions the aliases point to: an alias moves only when the benchmark deserves it.

``champion`` of ``imdb-<architecture>`` is the trial of median accuracy of the newest complete benchmark.
``imdb-sentiment@champion`` is the champion of the architecture whose median is highest, ``imdb-sentiment@challenger``
that of the next one whose weights differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmark.corpus import Corpus
from benchmark.results import BenchmarkRecord, TrialRecord
from tracking.aliases import CHALLENGER, CHAMPION, version_at, version_under
from tracking.model_store import SENTIMENT, ensure_registered_model, registered_name
from tracking.outages import through_outages
from tracking.promotion_rules import champions, result_of, sample_size, why_no_alias_moves
from tracking.store import Store
from tracking.trial_runs import set_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

PROMOTION_TAG = "benchmark.promotion"


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
    refusal = why_no_alias_moves(store, record, corpus)
    moves = () if refusal else tuple(_move_all(client, record))
    reason = refusal or (
        f"every trial finished on the whole corpus, and the models gave their predictions of "
        f"{sample_size(record)} reviews again"
    )
    tags = {PROMOTION_TAG: "; ".join([*map(str, moves), reason])}
    through_outages(lambda: set_tags(client, record.run_id, tags))
    return Promotion(moves, reason)


def _move_all(client: MlflowClient, record: BenchmarkRecord) -> list[Move]:
    medians = champions(record)
    versions = through_outages(
        lambda: {
            architecture: _registered(client, trial, registered_name(record.corpus.kind, architecture))
            for architecture, trial in medians.items()
        }
    )
    moves = [_point(client, CHAMPION, version) for version in versions.values()]
    best, *others = medians.values()
    rivals = [trial for trial in others if result_of(trial).weights_sha256 != result_of(best).weights_sha256]
    for alias, trial in zip((CHAMPION, CHALLENGER), [best, *rivals], strict=False):
        own = versions[trial.config.architecture]
        moves.append(_point(client, alias, through_outages(partial(_as_sentiment, client, trial, own))))
    return [move for move in moves if move.version != move.before]


def _registered(client: MlflowClient, trial: TrialRecord, name: str) -> ModelVersion:
    version = version_under(client, trial, name)
    assert version is not None, "it was there a moment ago"
    return version


def _as_sentiment(client: MlflowClient, trial: TrialRecord, own: ModelVersion) -> ModelVersion:
    """Register a trial's model under the common name as well, once."""
    there = version_under(client, trial, SENTIMENT)
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
    before = through_outages(lambda: version_at(client, version.name, alias))
    through_outages(lambda: client.set_registered_model_alias(version.name, alias, version.version))
    return Move(version.name, alias, str(version.version), None if before is None else str(before.version))

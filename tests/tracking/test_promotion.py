"""An alias moves only when it is deserved, and says why."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mlflow.exceptions import MlflowException

from benchmark.config import BenchmarkConfig
from benchmark.results import BenchmarkRecord, TrialRecord
from tests.support.records import make_corpus_facts, make_record
from tests.tracking.conftest import TinyBenchmark
from tracking import promotion_rules
from tracking.model_store import ensure_registered_model
from tracking.promotion import Promotion, promote
from tracking.runs import BenchmarkTracker
from tracking.store import Store
from tracking.verify_model import predict_again

OpenTracker = Callable[..., BenchmarkTracker]

FULL = BenchmarkConfig(architectures=("lstm", "cnn_lstm"), seeds=(7, 8, 9))
ACCURACIES = {("lstm", 7): 0.70, ("lstm", 8): 0.85, ("lstm", 9): 0.80, ("cnn_lstm", 7): 0.90} | {
    ("cnn_lstm", 8): 0.875,
    ("cnn_lstm", 9): 0.95,
}


def changed(**settings: object) -> BenchmarkConfig:
    return FULL.model_copy(update=settings)


class FakeCorpus:
    def __init__(self, kind: str = "imdb", has_texts: bool = True) -> None:
        self.facts = make_corpus_facts(kind)
        self._has_texts = has_texts

    def text(self, review_id: str) -> str | None:
        return review_id if self._has_texts else None

    def encode(self, vocabulary_size: int, review_length: int) -> SimpleNamespace:
        return SimpleNamespace(x_test=np.arange(40)[:, None])


@pytest.fixture
def benchmark_of(store: Store, open_tracker: OpenTracker) -> Callable[..., BenchmarkRecord]:
    """Make a benchmark whose runs and versions are in the store, but no files: nothing here reads them."""

    def benchmark(config: BenchmarkConfig = FULL, kind: str = "imdb", failed: Sequence[int] = ()) -> BenchmarkRecord:
        settings = config.model_dump(exclude={"architectures", "seeds"})
        lost = [(trial.architecture, trial.seed) for trial in config.trials() if trial.seed in failed]
        record = make_record(
            config.architectures,
            config.seeds,
            accuracies=ACCURACIES,
            failed=lost,
            reviews=40,
            corpus_kind=kind,
            **settings,
        )
        tracker = open_tracker(config, record.corpus)
        trials = [
            register(store, tracker.run_id, trial) if trial.status == "finished" else trial for trial in record.trials
        ]
        return replace(record, run_id=tracker.run_id, trials=tuple(trials), tracking_uri=store.tracking_uri)

    return benchmark


def register(store: Store, benchmark_run_id: str, trial: TrialRecord) -> TrialRecord:
    client, name = store.client, f"imdb-{trial.config.architecture}"
    run_id = client.create_run(store.experiment_id).info.run_id
    logged = client.create_logged_model(store.experiment_id, source_run_id=run_id)
    ensure_registered_model(client, name, "")
    tags = {
        "architecture": trial.config.architecture,
        "seed": str(trial.config.seed),
        "benchmark_run": benchmark_run_id,
    }
    client.create_model_version(name, f"models:/{logged.model_id}", run_id=run_id, tags=tags)
    return replace(trial, run_id=run_id, model_uri=f"models:/{logged.model_id}")


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Models that give again what was saved; `error` makes the last differ, `asked` tells what they were asked."""
    control = SimpleNamespace(error=0.0, asked=[], saved={})

    def answer(tracking_uri: str, model_uris: Sequence[str], texts: object, ids: object) -> np.ndarray:
        control.asked.append((list(model_uris), texts, ids))
        answers = np.stack([control.saved[uri] for uri in model_uris])
        answers[-1, 3] += control.error
        return answers

    monkeypatch.setattr("tracking.promotion_rules.predict_again", answer)
    return control


def aliases(store: Store) -> dict[str, tuple[str, str]]:
    """``name@alias`` to the seed and architecture of the version that it points to."""
    found = {}
    for model in store.client.search_registered_models():
        for alias, version in store.client.get_registered_model(model.name).aliases.items():
            tags = store.client.get_model_version(model.name, version).tags
            found[f"{model.name}@{alias}"] = (tags["architecture"], tags["seed"])
    return found


CHAMPIONS = {
    "imdb-lstm@champion": ("lstm", "9"),
    "imdb-cnn_lstm@champion": ("cnn_lstm", "7"),
    "imdb-sentiment@champion": ("cnn_lstm", "7"),
    "imdb-sentiment@challenger": ("lstm", "9"),
}


@pytest.fixture
def promoted(store: Store, models: SimpleNamespace) -> Callable[..., Promotion]:
    """Promote a benchmark on a corpus, with `models` in the place of the loaded ones."""

    def promoted_(record: BenchmarkRecord, **corpus: object) -> Promotion:
        models.saved |= {trial.model_uri: trial.predictions.probability for trial in record.finished}
        return promote(store, record, FakeCorpus(**corpus))  # type: ignore[arg-type]

    return promoted_


def test_the_median_trials_of_a_complete_benchmark_become_champions(store: Store, benchmark_of, promoted) -> None:
    record = benchmark_of()
    promotion = promoted(record)
    assert aliases(store) == CHAMPIONS
    assert promotion.model_uri == "models:/imdb-sentiment@champion"
    assert promotion.reason.startswith("every trial finished on the whole corpus")
    assert "imdb-lstm@champion is version 3 (was none)" in map(str, promotion.moves)
    assert promotion.reason in store.client.get_run(record.run_id).data.tags["benchmark.promotion"]


def test_promoting_twice_moves_nothing_more_and_registers_nothing_twice(store: Store, benchmark_of, promoted) -> None:
    record = benchmark_of()
    promoted(record)
    assert promoted(record).moves == ()
    assert len(store.client.search_model_versions("name = 'imdb-sentiment'")) == 2
    assert aliases(store) == CHAMPIONS


@pytest.mark.parametrize(
    ("settings", "kind", "failed", "reason"),
    [
        ({}, "generated", (), "it was trained and tested on the generated corpus, not on IMDB"),
        ({}, "custom", (), "its corpus is not known to be the whole of IMDB"),
        ({"limit": 40}, "imdb", (), "limited to the first 40 reviews"),
        ({}, "imdb", (8,), "4 of 6 trials finished"),
        ({"seeds": (7, 8)}, "imdb", (), "2 seeds are fewer than the 3 of the tutorial's settings"),
        ({"epochs": 1}, "imdb", (), "epochs 1 is less than the 3"),
        ({"review_length": 100}, "imdb", (), "review_length 100 is less than the 500"),
    ],
)
def test_less_than_a_complete_benchmark_moves_nothing(
    store: Store, benchmark_of, settings: dict, kind: str, failed: tuple[int, ...], reason: str, promoted
) -> None:
    config = changed(**settings)
    promotion = promoted(benchmark_of(config, kind, failed), kind=kind)
    assert promotion.moves == ()
    assert promotion.model_uri is None
    assert promotion.reason.startswith("no alias moves: ")
    assert reason in promotion.reason
    assert aliases(store) == {}


def test_a_model_that_does_not_give_its_predictions_again_moves_nothing(
    benchmark_of, promoted, models: SimpleNamespace
) -> None:
    models.error = 2e-6
    promotion = promoted(benchmark_of())
    assert promotion.moves == ()
    assert promotion.reason.endswith(
        "the model of lstm seed 9 gives probabilities that differ from the saved ones by up to 2.0e-06"
    )


def test_a_probability_that_is_no_number_moves_nothing(benchmark_of, promoted, models: SimpleNamespace) -> None:
    models.error = np.nan
    assert promoted(benchmark_of()).moves == ()


def test_a_model_that_cannot_be_loaded_moves_nothing(benchmark_of, monkeypatch: pytest.MonkeyPatch, promoted) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("model.keras is not the one that was registered")

    monkeypatch.setattr("tracking.promotion_rules.predict_again", fail)
    assert "model.keras is not the one" in promoted(benchmark_of()).reason


def test_models_are_asked_with_raw_text_where_the_corpus_has_it(
    benchmark_of, promoted, models: SimpleNamespace
) -> None:
    record = benchmark_of()
    promoted(record)
    ((uris, texts, ids),) = models.asked
    assert len(uris) == 2
    assert texts == record.trials[0].predictions.review_id.tolist()
    assert ids is None


def test_models_are_asked_with_ids_where_the_corpus_has_no_text(
    benchmark_of, promoted, models: SimpleNamespace
) -> None:
    promoted(benchmark_of(), has_texts=False)
    ((_, texts, ids),) = models.asked
    assert texts is None
    assert ids.tolist() == [[row] for row in range(40)]


def test_another_corpus_than_the_benchmarks_moves_nothing(benchmark_of, promoted) -> None:
    assert "not the one that the benchmark ran on" in promoted(benchmark_of(), kind="custom").reason


def test_a_newer_complete_benchmark_takes_the_aliases_over_even_where_it_is_worse(
    store: Store, benchmark_of, promoted
) -> None:
    first, second = benchmark_of(), benchmark_of()
    promoted(first)
    promotion = promoted(second)
    assert "imdb-lstm@champion is version 6 (was 3)" in map(str, promotion.moves)
    assert aliases(store) == CHAMPIONS


def test_an_older_benchmark_takes_nothing_from_a_newer_one(benchmark_of, promoted) -> None:
    first, second = benchmark_of(), benchmark_of()
    promoted(second)
    promotion = promoted(first)
    assert promotion.moves == ()
    assert f"comes from the newer benchmark {second.run_id}" in promotion.reason


def test_a_smaller_benchmark_takes_nothing_from_a_larger_one(benchmark_of, promoted) -> None:
    promoted(benchmark_of(changed(seeds=(7, 8, 9, 10, 11))))
    assert "3 seeds are fewer than the 5 of the champion's benchmark" in promoted(benchmark_of()).reason
    fewer_architectures = changed(architectures=("lstm",), seeds=(1, 2, 3, 4, 5))
    assert "it leaves out cnn_lstm" in promoted(benchmark_of(fewer_architectures)).reason


def test_a_champion_whose_benchmark_lost_its_files_gives_way(
    store: Store, benchmark_of, promoted, database: Path
) -> None:
    larger = benchmark_of(changed(seeds=(7, 8, 9, 10, 11)))
    promoted(larger)
    (facts,) = database.parent.glob(f"mlruns/**/{larger.run_id}/**/benchmark.json")
    facts.unlink()
    assert promoted(benchmark_of()).moves


@pytest.fixture
def away(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Have the next two calls of a client's method fail; gives the list of those that are left to fail."""
    monkeypatch.setattr("tracking.outbox.FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("tracking.outbox.LONGEST_PAUSE_SECONDS", 0.001)

    def go(method: str) -> list[str]:
        answer = getattr(type(store.client), method)
        left = [method] * 2

        def call(*arguments: object, **options: object) -> object:
            if left:
                left.pop()
                raise MlflowException("API request to http://127.0.0.1:5000/api failed with exception: refused")
            return answer(*arguments, **options)

        monkeypatch.setattr(type(store.client), method, call)
        return left

    return go


@pytest.mark.parametrize("method", ["get_model_version_by_alias", "get_run"])
def test_an_outage_is_not_taken_for_a_champion_that_is_gone(
    benchmark_of, promoted, away: Callable[[str], list[str]], method: str
) -> None:
    promoted(benchmark_of(changed(seeds=(7, 8, 9, 10, 11))))
    smaller = benchmark_of()
    left = away(method)
    assert "fewer than the 5 of the champion's benchmark" in promoted(smaller).reason
    assert not left


@pytest.mark.parametrize(
    "method",
    [
        "get_run",
        "get_model_version_by_alias",
        "search_model_versions",
        "create_registered_model",
        "create_model_version",
        "set_registered_model_alias",
        "log_batch",
    ],
)
def test_a_server_that_is_away_for_a_while_is_waited_for(
    store: Store, benchmark_of, promoted, away: Callable[[str], list[str]], method: str
) -> None:
    record = benchmark_of()
    left = away(method)
    promotion = promoted(record)
    assert not left
    assert aliases(store) == CHAMPIONS
    assert {move.before for move in promotion.moves} == {None}
    assert len(promotion.moves) == 4


def test_models_that_could_not_be_fetched_in_an_outage_are_fetched_again(
    store: Store, benchmark_of, promoted, away: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, outages = promotion_rules.predict_again, [ConnectionError("the server is away")]

    def predict(*arguments: object) -> object:
        if outages:
            raise outages.pop()
        return answer(*arguments)

    monkeypatch.setattr(promotion_rules, "predict_again", predict)
    assert promoted(benchmark_of()).moves


def test_a_champion_whose_run_was_deleted_for_good_gives_way(store: Store, benchmark_of, promoted) -> None:
    larger = benchmark_of(changed(seeds=(7, 8, 9, 10, 11)))
    promoted(larger)
    for model in store.client.search_registered_models():
        for version in store.client.search_model_versions(f"name = '{model.name}'"):
            if "benchmark_run" in version.tags:
                store.client.set_model_version_tag(model.name, version.version, "benchmark_run", "0" * 32)
    assert promoted(benchmark_of()).moves


def test_a_model_that_the_user_registered_under_another_name_too_is_promoted_all_the_same(
    store: Store, benchmark_of, promoted
) -> None:
    record = benchmark_of()
    ensure_registered_model(store.client, "mine", "")
    for trial in record.finished:
        store.client.create_model_version("mine", trial.model_uri, run_id=trial.run_id)
    promoted(record)
    assert aliases(store) == CHAMPIONS


def test_a_version_that_was_deleted_is_told_and_nothing_moves(store: Store, benchmark_of, promoted) -> None:
    record = benchmark_of()
    store.client.delete_model_version("imdb-lstm", "3")
    assert promoted(record).reason == (
        "no alias moves: the model of lstm seed 9 is not registered as imdb-lstm any more"
    )
    assert aliases(store) == {}


def test_the_challenger_is_not_the_champions_twin(store: Store, benchmark_of, promoted) -> None:
    twins = benchmark_of(changed(architectures=("cnn_lstm", "cnn_lstm_tensorboard")))
    same = {
        trial.config.seed: trial.result.weights_sha256
        for trial in twins.trials
        if trial.config.architecture == "cnn_lstm"
    }
    assert all(trial.result.weights_sha256 == same[trial.config.seed] for trial in twins.trials)
    by_seed = [
        replace(trial, result=trial.result.model_copy(update={"test_accuracy": trial.config.seed / 10}))
        for trial in twins.trials
    ]
    promoted(replace(twins, trials=tuple(by_seed)))
    assert "imdb-sentiment@champion" in aliases(store)
    assert "imdb-sentiment@challenger" not in aliases(store)


@pytest.mark.slow
def test_models_loaded_back_in_a_process_of_their_own_give_the_saved_predictions(
    tiny_benchmark: TinyBenchmark, tmp_path: Path
) -> None:
    saved = tiny_benchmark.trial.predictions
    texts = [tiny_benchmark.corpus.text(name) for name in saved.review_id.tolist()]
    uri = str(tiny_benchmark.trial.model_uri)
    (again,) = predict_again(tiny_benchmark.tracking_uri, [uri], texts, None)
    np.testing.assert_allclose(again, saved.probability, rtol=0, atol=1e-6)
    ids = tiny_benchmark.corpus.encode(5000, 60, limit=128).x_test
    (again,) = predict_again(tiny_benchmark.tracking_uri, [uri], None, ids)
    np.testing.assert_allclose(again, saved.probability, rtol=0, atol=1e-6)
    with pytest.raises(RuntimeError, match="m-nonsense"):
        predict_again(tiny_benchmark.tracking_uri, ["models:/m-nonsense"], texts, None)
    with pytest.raises(ConnectionError, match="no MLflow store answers"):
        predict_again("http://127.0.0.1:1", [uri], texts, None)

"""Only a median trial of a complete benchmark becomes champion, and never after fewer reviews than the one before."""

import pytest

from tests.support.records import corpus_facts, trial_config
from tracking.promotion import promote
from tracking.reader import find_run, read_benchmark

SEEDS = (7, 8, 9)
CNN = [trial_config("cnn_lstm", seed) for seed in SEEDS]
LSTM = trial_config("lstm", 7)
PAIR = [CNN[0], LSTM]


def promoted_of(store, run_id: str) -> tuple[list[str], str]:
    return promote(store, read_benchmark(store, run_id))


@pytest.fixture
def promoted(run_benchmark, store):
    """Run a benchmark of these trials and promote it."""

    def run(trials, accuracies, **options):
        return promoted_of(store, run_benchmark(trials, accuracies, **options))

    return run


def accuracy(store, name: str) -> float | None:
    """Test accuracy of the champion of a registered model."""
    models = {model.name: model for model in store.client.search_registered_models()}
    if name not in models or "champion" not in models[name].aliases:
        return None
    return float(store.client.get_model_version_by_alias(name, "champion").tags["test_accuracy"])


def test_the_champion_is_the_median_trial_and_imdb_sentiment_the_best_architectures(promoted, store) -> None:
    moved, reason = promoted([*CNN, LSTM], [0.9, 0.8, 0.85, 0.7])
    assert accuracy(store, "imdb-cnn_lstm") == accuracy(store, "imdb-sentiment") == 0.85
    assert accuracy(store, "imdb-lstm") == 0.7
    assert moved == [f"models:/imdb-{name}@champion" for name in ("cnn_lstm", "lstm", "sentiment")]
    assert reason == "Champions: 3 moved."
    moved, reason = promoted_of(store, find_run(store, "latest"))
    assert moved == []
    assert reason.startswith("Champions: 0 moved, 3 stayed: imdb-sentiment keeps version 1, of 400 training")
    assert len(store.client.search_model_versions("name = 'imdb-sentiment'")) == 1


def test_a_standing_champion_stays_unless_it_is_beaten(promoted, store) -> None:
    promoted(PAIR, [0.85, 0.7])
    moved, reason = promoted(PAIR, [0.8, 0.75])
    assert accuracy(store, "imdb-cnn_lstm") == accuracy(store, "imdb-sentiment") == 0.85
    assert moved == ["models:/imdb-lstm@champion"]
    assert reason.endswith("imdb-sentiment keeps version 1, of 400 training reviews and 85.00%.")
    promoted([LSTM], [0.9])
    assert accuracy(store, "imdb-sentiment") == 0.9


def test_more_training_reviews_count_before_accuracy(promoted, store) -> None:
    small = LSTM.model_copy(update={"max_reviews": 200})
    promoted([small], [0.95])
    assert accuracy(store, "imdb-sentiment") == 0.95
    promoted([LSTM], [0.85])
    assert accuracy(store, "imdb-sentiment") == accuracy(store, "imdb-lstm") == 0.85
    moved, _ = promoted([small], [0.96])
    assert moved == []
    assert accuracy(store, "imdb-sentiment") == 0.85


def test_an_incomplete_benchmark_moves_nothing(begin, train, store) -> None:
    with begin(CNN) as session:
        session.store_trial(train(session, CNN[0]))
        session.finish("FAILED")
    moved, reason = promoted_of(store, session.run_id)
    assert moved == []
    assert reason == "No alias moved: 1 of 3 trials finished."


def test_another_corpus_has_champions_of_its_own_and_no_imdb_sentiment(promoted, store) -> None:
    moved, _ = promoted([LSTM], [0.9], corpus=corpus_facts("custom"))
    assert moved == ["models:/my-reviews-lstm@champion"]
    assert accuracy(store, "imdb-sentiment") is None
    promoted([LSTM], [0.8], corpus=corpus_facts("custom", digest="0" * 64))  # a champion of other reviews
    assert accuracy(store, "my-reviews-lstm") == 0.8

"""Where there is no such model, the ones that exist are named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from tests.support.outcomes import events_of, small_config
from tracking.model_lookup import check_model, load_model
from tracking.runs import BenchmarkTracker
from tracking.store import Store


@pytest.fixture
def registered(store: Store, open_tracker: Callable[..., BenchmarkTracker], tmp_path: Path) -> Store:
    """Two models with two versions each; one has an alias."""
    config = small_config(architectures=("lstm", "cnn_lstm"), seeds=(7, 8))
    with open_tracker(config) as tracker:
        for trial in config.trials():
            for event in events_of(trial, tmp_path / "spool"):
                tracker.handle(event)
    store.client.set_registered_model_alias("imdb-lstm", "champion", "2")
    return store


@pytest.mark.parametrize("uri", ["models:/imdb-lstm@champion", "models:/imdb-lstm/1", "models:/imdb-cnn_lstm/2"])
def test_what_exists_is_found(registered: Store, uri: str) -> None:
    check_model(registered.client, uri)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        (
            "models:/imdb-cnn-lstm@champion",
            "no model 'imdb-cnn-lstm' (did you mean 'imdb-cnn_lstm'?); registered are imdb-cnn_lstm, imdb-lstm",
        ),
        (
            "models:/imdb-lstm@champoin",
            "'imdb-lstm' has no alias 'champoin' (did you mean 'champion'?); it has champion, and versions 1 to 2",
        ),
        ("models:/imdb-cnn_lstm@champion", "has no alias 'champion'; it has none, and versions 1 to 2"),
        ("models:/imdb-lstm/12", "'imdb-lstm' has no version 12; it has versions 1 to 2"),
        ("imdb-lstm", "'imdb-lstm' is no model; give models:/NAME@ALIAS or models:/NAME/VERSION"),
        ("models:/imdb-lstm", "is no model; give models:/NAME@ALIAS"),
        ("models:/imdb-lstm/latest", "is no model; give models:/NAME@ALIAS"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(registered: Store, uri: str, message: str) -> None:
    with pytest.raises(UserError) as refusal:
        check_model(registered.client, uri)
    assert str(refusal.value).startswith("--model: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_where_nothing_is_registered_it_says_where_it_looked(store: Store) -> None:
    with pytest.raises(UserError, match=r"no model is registered in sqlite:.*run a benchmark first"):
        check_model(store.client, "models:/imdb-lstm@champion")


def test_a_model_whose_files_are_gone_is_refused(registered: Store, database: Path) -> None:
    shutil.rmtree(database.parent / "mlruns" / "test" / "models")
    with pytest.raises(UserError, match="the model models:/imdb-lstm/1 cannot be loaded: ") as refusal:
        load_model(registered.client, "models:/imdb-lstm/1")
    assert "\n" not in str(refusal.value)

"""A model is found by any name that a user may give, and refused in one line where it is missing or damaged."""

import hashlib
import pickle
from pathlib import Path
from urllib.parse import urlsplit

import mlflow.pyfunc
import mlflow.sklearn
import pytest
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from benchmark.__main__ import main
from benchmark.errors import UserError
from tests.support.records import trial_config
from tracking.models import check_model_uri, load_text_model


@pytest.fixture
def registered(run_benchmark, store):
    """A store with a model that tests may change."""
    run_benchmark([trial_config("bag_of_words_svm")])
    return store


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        ("models:/imdb-cnn_lstm@champion", "models:/imdb-cnn_lstm/1"),
        ("models:/imdb-cnn_lstm/2", "models:/imdb-cnn_lstm/2"),
        ("imdb-cnn_lstm", "models:/imdb-cnn_lstm/1"),
        ("imdb-cnn_lstm/2", "models:/imdb-cnn_lstm/2"),
        ("bag_of_words_svm", "models:/imdb-bag_of_words_svm/1"),
    ],
)
def test_a_model_has_a_long_and_a_short_name(finished, given: str, uri: str) -> None:
    assert check_model_uri(finished, given) == uri


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("models:/imdb-cnn_lstn", "there is no model 'imdb-cnn_lstn'; registered are imdb-bag_of_words_svm, imdb-cnn"),
        ("models:/imdb-cnn_lstm@best", "list models shows what is there"),
        ("models:/imdb-bag_of_words_svm/2", "list models shows what is there"),
        ("imdb-sentiment", "yet: it comes with a complete benchmark on IMDB; registered are imdb-bag"),
        ("runs:/1/model", "is no model; give models:/NAME@ALIAS"),
        ("", "is no model"),
    ],
)
def test_a_model_that_is_not_there_is_refused_with_those_that_are(finished, given: str, reason: str) -> None:
    with pytest.raises(UserError) as refusal:
        check_model_uri(finished, given)
    assert reason in str(refusal.value)


def folder_of_model(store, name: str) -> Path:
    source = store.client.get_model_version(name, "1").source
    return Path(urlsplit(store.client.get_logged_model(source.removeprefix("models:/")).artifact_location).path)


def test_a_damaged_model_is_one_line(registered) -> None:
    with pytest.raises(UserError, match="imdb-bag_of_words_svm/1 cannot be loaded: ") as refusal:
        load_text_model("models:/imdb-bag_of_words_svm/1")  # the factories' model file is no model
    assert "\n" not in str(refusal.value)
    folder = folder_of_model(registered, "imdb-bag_of_words_svm")
    (folder / "artifacts" / "baseline.skops").write_bytes(b"changed")
    with pytest.raises(UserError, match=r"baseline\.skops is not the one that was registered"):
        load_text_model("models:/imdb-bag_of_words_svm/1")


class Payload:
    """What writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


def test_a_model_of_another_program_is_refused_before_anything_of_it_is_loaded(store, tmp_path, capsys) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(pickle.dumps(Payload(tmp_path / "loaded")))
    sklearn = {"pickled_model": "model.pkl", "serialization_format": "pickle"}
    pyfunc = {"loader_module": "mlflow.sklearn", "model_path": "model.pkl", "python_version": "3.11.0"}
    Model(flavors={"sklearn": sklearn, "python_function": pyfunc}).save(folder / "MLmodel")
    store.client.create_registered_model("foreign")
    store.client.create_model_version("foreign", str(folder))
    store.client.set_registered_model_alias("foreign", "champion", "1")
    for words in (["predict", "--model", "foreign", "a film"], ["list", "models"]):
        main([*words, "--tracking-uri", store.uri])
    shown = capsys.readouterr()
    assert shown.err.endswith("is no model of this project, but of the flavour python_function, sklearn\n")
    assert "foreign" not in shown.out
    assert not (tmp_path / "loaded").exists()
    mlflow.sklearn.load_model(str(folder))
    assert (tmp_path / "loaded").exists()


def test_no_code_and_no_pickle_that_a_model_of_ours_carries_is_executed(registered, tmp_path) -> None:
    folder = folder_of_model(registered, "imdb-bag_of_words_svm")
    executed = tmp_path / "executed"
    code = f"open({str(executed)!r}, 'w')\n"
    (folder / "text_model.py").write_text(code)
    (folder / "artifacts" / "vocabulary.py").write_text(code)
    forged = pickle.dumps(Payload(executed))
    (folder / "artifacts" / "baseline.skops").write_bytes(forged)
    described = Model.load(str(folder))
    described.flavors["python_function"]["config"]["sha256"]["model"] = hashlib.sha256(forged).hexdigest()
    described.save(folder / "MLmodel")
    with pytest.raises(UserError, match="imdb-bag_of_words_svm/1 cannot be loaded: "):
        load_text_model("models:/imdb-bag_of_words_svm/1")
    assert not executed.exists()
    with pytest.raises(MlflowException, match=r"vocabulary\.py is not the one that was registered"):
        mlflow.pyfunc.load_model(str(folder))
    assert executed.exists()

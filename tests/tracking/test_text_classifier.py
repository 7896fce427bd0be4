"""The registered model takes any text, and says the same of it as the trial did."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mlflow.exceptions import MlflowException

from benchmark.corpus.vocabulary import PADDING_ID, START_ID
from tests.tracking.conftest import TinyBenchmark
from tracking.store import connect

pytestmark = pytest.mark.slow

MODEL = "models:/generated-cnn_lstm/1"


@pytest.fixture(scope="module")
def model(tiny_benchmark: TinyBenchmark):
    connect(tiny_benchmark.tracking_uri)
    return mlflow_pyfunc().load_model(MODEL)


def mlflow_pyfunc():
    import mlflow.pyfunc

    return mlflow.pyfunc


@pytest.fixture(scope="module")
def probability(model) -> Callable[[str], float]:
    return lambda text: float(model.predict([text]).probability[0])


def test_raw_texts_give_the_probabilities_that_the_trial_saved(model, tiny_benchmark: TinyBenchmark) -> None:
    saved = tiny_benchmark.trial.predictions
    texts = [tiny_benchmark.corpus.text(review_id) for review_id in saved.review_id.tolist()]
    np.testing.assert_allclose(model.predict(texts).probability, saved.probability, rtol=0, atol=1e-6)


def test_the_label_is_positive_where_the_probability_is_over_one_half(model, tiny_benchmark: TinyBenchmark) -> None:
    answers = model.predict([tiny_benchmark.corpus.text(name) for name in tiny_benchmark.trial.predictions.review_id])
    assert ((answers.label == "positive") == (answers.probability > 0.5)).all()
    assert set(answers.label) <= {"positive", "negative"}


def test_answers_do_not_depend_on_the_texts_beside_them(model, tiny_benchmark: TinyBenchmark) -> None:
    texts = [tiny_benchmark.corpus.text(name) for name in tiny_benchmark.trial.predictions.review_id[:20]]
    together = model.predict(texts).probability
    alone = [model.predict([text]).probability[0] for text in texts]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)


def test_upper_case_and_punctuation_change_nothing(probability) -> None:
    assert probability("THE FILM, THE ACTORS!!! (and) the *plot*") == probability("the film the actors and the plot")


def test_an_html_line_break_counts_as_the_word_br_as_in_the_corpus(model, probability) -> None:
    assert probability("the film<br /><br />the plot") == probability("the film br br the plot")
    encode = model.unwrap_python_model().vocabulary.split
    assert encode("film<br />plot") == ["film", "br", "plot"]


def test_letters_beyond_ascii_keep_their_case_as_in_the_corpus(model) -> None:
    assert model.unwrap_python_model().vocabulary.split("CAFÉ Über") == ["cafÉ", "Über"]


@pytest.mark.parametrize("text", ["", "   ", "\n", "!!!", "xqzzv wwqx", "😀", "日本語"])
def test_a_text_without_a_known_word_is_answered_like_an_empty_one(model, probability, text: str) -> None:
    (ids,) = model.unwrap_python_model().encode([text])
    assert ids.tolist() == [PADDING_ID] * 59 + [START_ID]
    assert probability(text) == probability("")
    assert 0 <= probability(text) <= 1


def test_emoji_apart_from_words_are_dropped_and_on_a_word_hide_it(probability) -> None:
    assert probability("the film 😀 the plot") == probability("the film the plot")
    assert probability("the film😀 the plot") == probability("the the plot")


def test_one_word_is_enough(probability) -> None:
    assert 0 <= probability("film") <= 1


def test_of_ten_thousand_words_the_last_ones_count(probability, tiny_benchmark: TinyBenchmark) -> None:
    words = tiny_benchmark.corpus.vocabulary.words[:50] * 200
    assert len(words) == 10_000
    assert probability(" ".join(words)) == probability(" ".join(words[-60:]))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("a text", "Expected list, but got str"),
        ([1, 2], "type hint `list.str.`.*Expected type str, but got int"),
        (["a", None], "Expected type str, but got NoneType"),
        ([], "there is no text; expected is a list of one or more texts"),
    ],
)
def test_anything_but_a_list_of_texts_is_refused_with_what_is_expected(model, wrong: object, reason: str) -> None:
    with pytest.raises(MlflowException, match=reason):
        model.predict(wrong)


def test_the_model_says_what_it_takes_and_gives_and_where_it_comes_from(model, tiny_benchmark: TinyBenchmark) -> None:
    assert model.metadata.signature.inputs.to_dict() == [{"type": "string", "required": True}]
    assert [column["name"] for column in model.metadata.signature.outputs.to_dict()] == ["label", "probability"]
    metadata = model.metadata.metadata
    assert metadata["architecture"] == "cnn_lstm"
    assert metadata["corpus_digest"] == tiny_benchmark.corpus.facts.digest
    assert metadata["test_accuracy"] == tiny_benchmark.trial.result.test_accuracy
    assert (metadata["vocabulary_size"], metadata["review_length"]) == (5000, 60)


def test_the_plain_keras_model_can_be_trained_on(tiny_benchmark: TinyBenchmark) -> None:
    import mlflow.keras

    connect(tiny_benchmark.tracking_uri)
    keras_model = mlflow.keras.load_model(MODEL)
    encoded = tiny_benchmark.corpus.encode(5000, 60, limit=128)
    before = keras_model.predict(encoded.x_test, verbose=0)[:, 0]
    np.testing.assert_allclose(before, tiny_benchmark.trial.predictions.probability, rtol=0, atol=1e-6)
    history = keras_model.fit(encoded.x_train, encoded.y_train, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def files_of(tiny_benchmark: TinyBenchmark) -> Path:
    client = connect(tiny_benchmark.tracking_uri)
    version = client.get_model_version("generated-cnn_lstm", "1")
    return Path(
        client.get_logged_model(version.source.removeprefix("models:/")).artifact_location.removeprefix("file://")
    )


def test_it_holds_no_pickle_no_path_of_this_machine_and_pins_what_it_needs(tiny_benchmark: TinyBenchmark) -> None:
    folder = files_of(tiny_benchmark)
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle", ".h5")]
    for path in (folder / "MLmodel", folder / "conda.yaml", folder / "artifacts" / "encoding.json"):
        assert "/home" not in path.read_text()
        assert str(Path(__file__).parents[2]) not in path.read_text()
    requirements = (folder / "requirements.txt").read_text().split()
    assert [requirement.split("==")[0] for requirement in requirements] == [
        "tensorflow",
        "keras",
        "numpy",
        "mlflow",
        "pandas",
    ]
    assert all("==" in requirement for requirement in requirements)


def test_a_file_that_was_changed_since_is_refused(tiny_benchmark: TinyBenchmark, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(files_of(tiny_benchmark), tmp_path / "model")
    with (tmp_path / "model" / "artifacts" / "vocabulary.txt").open("a") as file:
        file.write("added\n")
    with pytest.raises(MlflowException, match=r"vocabulary\.txt is not the one that was registered"):
        mlflow_pyfunc().load_model(str(tmp_path / "model"))


def test_a_fresh_process_needs_no_repository_and_its_own_modules_of_the_same_names_are_left_alone(
    tiny_benchmark: TinyBenchmark, tmp_path: Path
) -> None:
    for name in ("benchmark", "models", "tracking", "vocabulary", "prediction"):
        (tmp_path / f"{name}.py").write_text("mine = True\n")
    script = f"""
import benchmark, models, mlflow, sys
model = mlflow.pyfunc.load_model({MODEL!r})
other = mlflow.pyfunc.load_model({MODEL!r})
import tracking, vocabulary, prediction
assert all(sys.modules[name].mine for name in ("benchmark", "models", "tracking", "vocabulary", "prediction"))
print(model.predict(["a wonderful film"]).to_dict("records"))
"""
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=tmp_path,
        env=tiny_benchmark.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("[{'label': '")

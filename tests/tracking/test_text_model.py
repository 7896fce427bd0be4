"""A registered model takes raw text anywhere, without this project and without pickle."""

import ast
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
import skops.io
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server

from benchmark.corpus.vocabulary import Vocabulary
from benchmark.trial_folder import BASELINE_FILE
from models.baselines import BagOfWordsSvm, NaiveBayesLogistic, probability_of
from tests.support.records import corpus_facts, trial_config, trial_result
from tests.support.tracking_server import mlflow_server
from tracking.model_log import pack_vocabulary, save_model
from tracking.models import load_text_model, predict
from tracking.trial_page import USE

GOOD = "The wonderful film: WONDERFUL actors, a plot that moves (never awful)!"
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
TEXTS = [GOOD, "an awful awful plot", "", "xqzzv", "the film 😀 the plot", "word " * 3000 + "awful"]
TRAIN = ["a wonderful film", "an awful film", "a plot that is wonderful", "an awful plot"] * 8
LABELS = np.array([1, 0, 1, 0] * 8)
VOCABULARY = Vocabulary(["the", "a", "film", "plot", "an", "wonderful", "awful", "that", "is", "actors", "never"])


def saved(folder: Path, estimator: object, **changes: object) -> Path:
    """Save a fitted baseline as a model of this project; returns its folder."""
    VOCABULARY.save(folder / "words.txt")
    pack_vocabulary(folder / "words.txt", folder)
    (folder / "trial").mkdir()
    skops.io.dump(estimator, folder / "trial" / BASELINE_FILE)
    result = trial_result(trial_config("bag_of_words_svm"), **changes)
    save_model(str(folder / "model"), None, result, corpus_facts("custom", labels=("bad", "good")), folder / "trial")
    return folder / "model"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory) -> Path:
    return saved(tmp_path_factory.mktemp("baseline"), NaiveBayesLogistic().fit(TRAIN, LABELS))


@pytest.fixture(scope="module")
def loaded(baseline):
    return mlflow.pyfunc.load_model(str(baseline))


@pytest.fixture(scope="module")
def text_model(loaded):
    return loaded.unwrap_python_model()


@pytest.mark.parametrize(
    ("make", "words"),
    [(NaiveBayesLogistic, None), (NaiveBayesLogistic, 7), (BagOfWordsSvm, None)],
    ids=["probability", "few words", "decision value"],
)
def test_a_baseline_gives_the_probabilities_of_its_estimator(tmp_path, make, words: int | None) -> None:
    texts = [f"{text} {' '.join(f'w{i}' for i in range(60))}" for text in TRAIN]
    fitted = make().fit(texts, LABELS)
    model = load_text_model(str(saved(tmp_path, fitted, hyperparameters={"words": words})))
    answers = predict(model, TEXTS)
    expected = probability_of(fitted, [VOCABULARY.words_of(text, words) for text in TEXTS])
    np.testing.assert_array_equal(answers.probability, expected)
    assert ((answers.label == "good") == (expected > 0.5)).all()
    assert set(answers.label) <= {"bad", "good"}


ONE = '{"dataframe_split": {"columns": ["text"], "data": [["a wonderful film"]]}}'


def serve(model, body: str):
    return scoring_server.invocations(body, "application/json", model, model.metadata.get_input_schema())


@pytest.mark.parametrize(
    "body",
    [
        '{"inputs": ["a wonderful film"]}',
        '{"inputs": "a wonderful film"}',
        '{"instances": ["a wonderful film"]}',
        ONE,
        '{"dataframe_split": {"data": [["a wonderful film"]]}}',
        '{"dataframe_records": [{"text": "a wonderful film"}]}',
    ],
)
def test_a_server_takes_every_json_form(loaded, body: str) -> None:
    answer = serve(loaded, body)
    (prediction,) = json.loads(answer.response)["predictions"]
    assert (answer.status, prediction["label"], prediction["known_words"]) == (200, "good", 3)


def test_an_answer_says_how_many_words_of_the_text_training_saw(loaded) -> None:
    assert loaded.predict(["", "xqzzv", "Ein schöner Film", "a wonderful xqzzv"]).known_words.tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(
    "body",
    [
        '{"dataframe_records": [{"review": "a wonderful film"}]}',
        '{"dataframe_split": {"columns": ["id", "text"], "data": [["7", "a wonderful film"]]}}',
        '{"dataframe_records": [{"text": null}]}',
    ],
)
def test_a_server_refuses_another_column_in_one_line_with_the_form_that_works(loaded, body: str) -> None:
    with pytest.raises(MlflowException) as refusal:
        serve(loaded, body)
    assert ONE.replace("a wonderful film", "a text") in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_texts_may_come_as_a_list_a_series_or_a_column(loaded) -> None:
    expected = loaded.predict([GOOD, "awful"]).probability.tolist()
    series = pd.Series([GOOD, "awful"], index=[5, 3])
    assert loaded.predict(series).probability.tolist() == expected
    assert loaded.predict(pd.DataFrame({"text": series, "id": [1, 2]})).probability.tolist() == expected


@pytest.mark.filterwarnings("ignore")
def test_mlflow_evaluates_it_as_its_page_says(baseline, store) -> None:
    (snippet,) = PYTHON.findall(USE)
    *statements, evaluation = ast.parse(snippet.replace("models:/NAME/VERSION", str(baseline))).body
    names: dict = {"reviews": pd.DataFrame({"text": [GOOD, "awful"], "label": ["good", "bad"]})}
    exec(compile(ast.Module(statements, []), "snippet", "exec"), names)
    scores = eval(compile(ast.Expression(evaluation.value), "snippet", "eval"), names).metrics
    assert (scores["example_count"], scores["accuracy_score"]) == (2, 1)


@pytest.mark.slow
def test_mlflow_serves_it(baseline, tmp_path) -> None:
    words = ("models", "serve", "-m", str(baseline), "--env-manager", "local")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # it starts uvicorn by its name
    with mlflow_server(tmp_path, os.environ | {"PATH": path}, *words) as address:
        request = urllib.request.Request(f"{address}/invocations", ONE.encode(), {"Content-Type": "application/json"})
        assert b"good" in urllib.request.urlopen(request, timeout=60).read()

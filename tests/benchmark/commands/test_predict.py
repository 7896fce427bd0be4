"""Texts from the command line and from files, and how their labels are printed."""

import json
import warnings

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmark.commands.predict import effects_of_words, read_texts, show_answers
from benchmark.corpus.vocabulary import Vocabulary
from tracking.models import predict


@pytest.fixture(scope="module")
def model():
    """A model for which "good" is a sign of spam, and "bad" of ham."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from tracking.text_model import TextModel
    model = TextModel()
    model.kind, model.labels, model.words = "baseline", ("ham", "spam"), None
    model.vocabulary = Vocabulary(["good", "bad", "film"])
    model.model = make_pipeline(CountVectorizer(), LogisticRegression(C=100))
    model.model.fit(["good film", "bad film"] * 4, [1, 0] * 4)
    return model


def _json(model, capsys, *texts: str, explain: bool = False) -> list[dict]:
    show_answers(model, texts, "json", explain, "")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _shown(model, capsys, *texts: str, explain: bool = False) -> str:
    show_answers(model, texts, "table", explain, "by a/1")
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("texts.txt", "a good one\n\na bad one\n"),
        ("texts.csv", 'label,text\n1,a good one\n0,"a bad one"\n'),
        ("texts.csv", "\ufefftext\r\na good one\r\na bad one\r\n"),
        ("TEXTS.CSV", "text\na good one\na bad one\n"),
        ("texts.jsonl", '{"text": "a good one"}\n{"text": "a bad one", "label": 0}\n'),
    ],
)
def test_texts_come_from_a_file(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    assert read_texts(tmp_path / name) == ["a good one", "a bad one"]


def test_the_probability_is_that_of_the_second_label_and_a_long_text_is_shortened_in_the_table_only(model, capsys):
    text = "a bad film " + "and long " * 100
    (row,) = _json(model, capsys, text)
    assert (row["text"], row["label"]) == (text, "ham")
    assert row["probability"] < 0.1
    table = _shown(model, capsys, text)
    assert "probability of spam" in table
    assert f"{row['probability']:.1%}" in table
    assert "and ...\n" in table
    assert table.count("by a/1\n") == 1


def test_the_effect_of_a_word_is_the_change_of_the_log_odds_when_it_is_left_out(model):
    effects = effects_of_words(model, "A good, unknown film")
    assert [word for word, _ in effects] == ["a", "good", "unknown", "film"]
    whole, without_good = predict(model, ["good film", "film"]).probability
    expected = np.log(whole / (1 - whole)) - np.log(without_good / (1 - without_good))
    assert dict(effects)["good"] == pytest.approx(expected, abs=1e-5)
    assert dict(effects)["unknown"] == 0
    assert effects_of_words(model, "") == []


def test_a_text_without_a_known_word_is_named(model, capsys):
    assert _shown(model, capsys, "good", "xyzzy").count("Training saw no word of") == 1

"""Texts from the command line and from files, and how their labels are printed."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from benchmark.__main__ import main
from benchmark.commands import predict

EFFECTS = {"good": 1.5, "bad": -2.0}


@pytest.fixture(autouse=True)
def stub_model(monkeypatch):
    """A model that counts good and bad words; what is stored is tested with real models elsewhere."""

    def probability(text: str) -> float:
        return min(1.0, max(0.0, 0.5 + 0.2 * sum(EFFECTS.get(word, 0.0) for word in text.split())))

    def classify(model, texts):
        probabilities = [probability(text) for text in texts]
        return pd.DataFrame(
            {
                "label": ["spam" if one > 0.5 else "ham" for one in probabilities],
                "probability": probabilities,
                "known_words": [0 if text == "xyzzy" else len(text.split()) for text in texts],
            }
        )

    model = SimpleNamespace(labels=("ham", "spam"))
    monkeypatch.setattr(predict, "open_store", lambda uri: None)
    monkeypatch.setattr(predict, "check_model_uri", lambda store, uri: uri)
    monkeypatch.setattr(predict, "load_text_model", lambda uri: model)
    monkeypatch.setattr(predict, "origin_of", lambda store, uri: "Words that count")
    monkeypatch.setattr(predict, "predict", classify)
    monkeypatch.setattr(
        predict, "effects_of_words", lambda model, text: [(word, EFFECTS.get(word, 0.0)) for word in text.split()]
    )


def _json(capsys, *words: str) -> list[dict]:
    assert main(["predict", "--format", "json", *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("texts.txt", "a good one\n\na bad one\n"),
        ("texts.csv", 'label,text\n1,a good one\n0,"a bad one"\n'),
        ("texts.csv", "\ufefftext\r\na good one\r\na bad one\r\n"),
        ("texts.jsonl", '{"text": "a good one"}\n{"text": "a bad one", "label": 0}\n'),
    ],
)
def test_texts_come_from_a_file(capsys, tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    rows = _json(capsys, "--input", str(tmp_path / name))
    assert [(row["text"], row["label"]) for row in rows] == [("a good one", "spam"), ("a bad one", "ham")]


def test_the_probability_is_that_of_the_second_label_and_a_long_text_is_shortened_in_the_table_only(capsys):
    text = "a bad film " + "and long " * 100
    assert _json(capsys, text) == [{"text": text, "label": "ham", "probability": 0.1}]
    assert main(["predict", text]) == 0
    table = capsys.readouterr().out
    assert "probability of spam" in table
    assert "10.0%" in table
    assert "and ...\n" in table


def test_an_explanation_names_the_words_that_decided(capsys):
    assert main(["predict", "--explain", "--model", "a/1", "a good but bad bad good bad good film", "good"]) == 0
    shown = capsys.readouterr().out
    assert "ham, with a probability of 80.0%" in shown
    assert "towards spam: good 4.50\n" in shown  # once, though it stands three times
    assert "towards ham: bad 6.00\n" in shown
    assert shown.count("by a/1, Words that count\n") == 1
    (row,) = _json(capsys, "--explain", "good film")
    assert row["words"] == [["good", 1.5], ["film", 0.0]]


def test_a_text_without_a_known_word_is_named(capsys):
    assert main(["predict", "good", "xyzzy"]) == 0
    assert capsys.readouterr().out.count("Training saw no word of") == 1


def test_a_text_cannot_drive_the_terminal(capsys):
    assert main(["predict", "good \x1b[31m[bold]film \udcff"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[31m" not in shown
    assert "[bold]film" in shown


def test_an_empty_text_of_mlflow_run_counts_as_none(capsys, tmp_path):
    (tmp_path / "texts.txt").write_text("a good one\n")
    assert len(_json(capsys, "--input", str(tmp_path / "texts.txt"), "--", "")) == 1

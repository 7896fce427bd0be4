"""Texts go through a model in batches, in order, and come out as a table, CSV or JSON lines."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.errors import UserError
from tests.support.fake_classifier import FakeClassifier
from tracking.predict import Prediction, predict_stream, read_lines, write_csv, write_json_lines, write_table

MODEL_WORDS = {"the": 0.0, "good": 0.25, "bad": -0.25}


def test_every_text_is_answered_in_its_order() -> None:
    answers = predict_stream(FakeClassifier(MODEL_WORDS), ["good", "", "bad bad", "the"])
    assert list(answers) == [
        Prediction("positive", 0.75, "good"),
        Prediction("negative", 0.5, ""),
        Prediction("negative", 0.0, "bad bad"),
        Prediction("negative", 0.5, "the"),
    ]


def test_texts_are_read_a_batch_at_a_time_and_no_earlier_than_needed() -> None:
    read: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(1_000_000):
            read.append(number)
            yield "good"

    model = FakeClassifier(MODEL_WORDS)
    answers = predict_stream(model, texts(), batch_size=10)
    for _ in range(11):
        next(answers)
    assert (len(read), model.batches) == (20, [10, 10])


def test_no_text_gives_no_answer_and_asks_no_model() -> None:
    model = FakeClassifier(MODEL_WORDS)
    assert list(predict_stream(model, [])) == []
    assert model.batches == []


ANSWERS = [Prediction("positive", 0.9834, 'a "fine", film\twith\n<br />'), Prediction("negative", 0.25, "schön 😀")]


def test_csv_is_read_back_as_it_was_written() -> None:
    out = io.StringIO()
    write_csv(ANSWERS, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [Prediction(row["label"], float(row["probability"]), row["text"]) for row in rows] == ANSWERS


def test_json_lines_are_read_back_as_they_were_written() -> None:
    out = io.StringIO()
    write_json_lines(ANSWERS, out)
    assert [Prediction(**json.loads(line)) for line in out.getvalue().splitlines()] == ANSWERS


def test_the_table_shows_the_probability_of_positive_and_how_the_text_begins() -> None:
    out = io.StringIO()
    write_table([*ANSWERS, Prediction("positive", 1.0, "word " * 50)], out)
    head, first, second, third = out.getvalue().splitlines()
    assert head == "label     positive  text"
    assert first == 'positive     98.3%  a "fine", film with <br />'
    assert second == "negative     25.0%  schön 😀"
    assert third.endswith("wo…")
    assert len(third) < 80


def test_lines_lose_their_ends_only(tmp_path: Path) -> None:
    (tmp_path / "texts").write_bytes(b"one \r\n\n three\x85\xc2\x85\nlast".replace(b"\x85\xc2", b"\xc2"))
    assert list(read_lines(tmp_path / "texts")) == ["one ", "", " three\x85", "last"]


def test_standard_input_is_read_where_no_file_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    assert list(read_lines(None)) == ["one", "two"]


def test_a_line_that_is_no_text_is_refused_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "texts").write_bytes(b"fine\n\xff\xfe\n")
    with pytest.raises(UserError, match=r"line 2 of .*texts is not UTF-8 text"):
        list(read_lines(tmp_path / "texts"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        list(read_lines(tmp_path / "texts"))

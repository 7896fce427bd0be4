"""``predict`` around its model: what it refuses before one is loaded, and what it leaves behind."""

import io
import sys
from pathlib import Path

import pytest

from benchmark.commands import predict
from benchmark.errors import UserError
from tests.support.fake_classifier import FakeClassifier


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that were loaded."""
    loaded: list[str] = []

    def load(client: object, uri: str) -> FakeClassifier:
        loaded.append(uri)
        return FakeClassifier({"good": 0.25, "bad": -0.25})

    monkeypatch.setattr(predict, "connect", lambda uri: None)
    monkeypatch.setattr(predict, "load_model", load)
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    return loaded


def run_predict(*texts: str, **options: object) -> None:
    given = {"model": "models:/imdb-sentiment@champion", "input": None, "output": None, "format": "csv"}
    more = {"batch_size": "2048", "explain": False, "tracking_uri": None}
    assert predict.predict_command(texts=texts, **(given | more | options)) == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"input": "nowhere.txt"}, "nowhere.txt cannot be read: No such file"),
        ({"output": "nowhere/out.csv"}, "--output: nowhere/out.csv cannot be written: No such file"),
        ({"output": "."}, r"--output: \. cannot be written: Is a directory"),
        ({"model": "imdb-lstm"}, "--model: 'imdb-lstm' is no model"),
        ({"batch_size": "0"}, "--batch-size: '0' is not possible"),
        ({"explain": True, "format": "jsonl"}, "--format: jsonl is not possible with --explain"),
        ({"explain": True, "format": "table", "batch_size": "9"}, "--batch-size: it has no meaning with --explain"),
    ],
)
def test_bad_input_is_refused_before_a_model_is_loaded(loads, tmp_path, monkeypatch, options, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=told):
        run_predict(*(() if "input" in options else ("good",)), **options)
    assert (loads, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("texts", [("good", "bad"), ()])
def test_a_page_explains_exactly_one_text_and_is_not_written_for_others(loads, tmp_path, monkeypatch, texts):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(UserError, match="--output: a page explains one text"):
        run_predict(*texts, explain=True, format="table", output=str(tmp_path / "why.html"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("loads")
def test_an_error_in_the_middle_leaves_neither_a_result_nor_half_of_one(tmp_path):
    (tmp_path / "texts").write_bytes(b"good\n\xff\n")
    with pytest.raises(UserError, match="line 2"):
        run_predict(input=str(tmp_path / "texts"), output=str(tmp_path / "out.csv"), batch_size="1")
    assert [path.name for path in tmp_path.iterdir()] == ["texts"]


@pytest.mark.usefixtures("loads")
def test_an_error_that_is_not_of_the_output_is_not_told_as_one(tmp_path, monkeypatch):
    def fails(*_: object) -> None:
        raise OSError(5, "the model's disk is broken")

    monkeypatch.setattr(predict, "predict_stream", fails)
    with pytest.raises(OSError, match="the model's disk is broken"):
        run_predict("good", output=str(tmp_path / "out.csv"))


@pytest.mark.usefixtures("loads")
def test_a_result_takes_the_place_of_an_older_one(tmp_path):
    (tmp_path / "out.csv").write_text("older")
    run_predict("good", output=str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text() == "label,probability,text\npositive,0.75,good\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.usefixtures("loads")
def test_a_device_is_written_to_and_stays_a_device():
    run_predict("good", output="/dev/null")
    assert not Path("/dev/null").is_file()


@pytest.mark.usefixtures("loads")
def test_an_empty_text_is_answered(capsys):
    run_predict("")
    assert capsys.readouterr().out.splitlines()[1:] == ["negative,0.5,"]


@pytest.mark.usefixtures("loads")
def test_the_empty_text_of_mlflow_run_is_none_and_no_text_at_all_is_said(capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    run_predict("")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("label,probability,text\n", "there was no text\n")

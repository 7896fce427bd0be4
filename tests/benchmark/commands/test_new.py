"""The file that `new` writes."""

from pathlib import Path

import pytest

from benchmark.__main__ import main
from models.registry import lookup


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("more", [[], ["--baseline"]])
def test_the_file_explains_the_contract_and_is_never_overwritten(capsys, more):
    assert main(["new", "my_model", *more]) == 0
    text = Path("my_model.py").read_text()
    compile(text, "my_model.py", "exec")
    assert "The contract:" in text
    assert "python -m benchmark check my_model.py:my_model" in capsys.readouterr().out
    assert main(["new", "my_model"]) == 2
    assert "my_model.py" in capsys.readouterr().err
    assert Path("my_model.py").read_text() == text


def test_the_baseline_runs_as_it_stands():
    main(["new", "my_words", "--baseline"])
    architecture = lookup("my_words.py:my_words")
    assert (architecture.name, architecture.title, architecture.kind) == ("my_words", "My words", "baseline")
    estimator = architecture.build()
    estimator.fit(["a good film", "a bad film"] * 3, [1, 0] * 3)
    assert estimator.predict(["good"]).tolist() == [1]

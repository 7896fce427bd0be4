"""The file that `new` writes."""

from pathlib import Path

import pytest

from benchmark.__main__ import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("more", [[], ["--baseline"]])
def test_the_file_explains_the_contract_and_names_the_next_commands(capsys, more):
    assert main(["new", "my_model", *more]) == 0
    text = Path("my_model.py").read_text()
    compile(text, "my_model.py", "exec")
    assert "The contract:" in text
    assert "python -m benchmark check my_model.py:my_model" in text
    assert "python -m benchmark check my_model.py:my_model" in capsys.readouterr().out
    assert all(len(line) <= 120 for line in text.splitlines())


def test_the_baseline_runs_as_it_stands():
    from models.registry import lookup

    main(["new", "my_words", "--baseline"])
    architecture = lookup("my_words.py:my_words")
    assert (architecture.name, architecture.title, architecture.kind) == ("my_words", "My words", "baseline")
    estimator = architecture.build()
    estimator.fit(["a good film", "a bad film"] * 3, [1, 0] * 3)
    assert estimator.predict(["good"]).tolist() == [1]


def test_a_file_that_is_there_stays(capsys):
    Path("my_net.py").write_text("mine")
    assert main(["new", "my_net"]) == 2
    assert "my_net.py" in capsys.readouterr().err
    assert Path("my_net.py").read_text() == "mine"

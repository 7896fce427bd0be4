"""The file that `new` writes."""

from pathlib import Path

import pytest

from benchmark.__main__ import main
from benchmark.training.network import build_and_compile, seed_network
from benchmark.training.runtime import prepare_runtime
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


@pytest.mark.slow
@pytest.mark.real_corpus
def test_the_network_learns_from_2000_reviews_in_its_3_epochs(real_corpus):
    main(["new", "learns"])
    architecture = lookup("learns.py:learns")
    data = real_corpus.encode(5000, 500, 2000)
    prepare_runtime("cpu", 1)
    seed_network(7)
    network = build_and_compile(architecture, 5000, 500)
    network.fit(data.x_train, data.y_train, architecture.batch_size, epochs=3, verbose=0)
    assert network.evaluate(data.x_test, data.y_test, verbose=0)[1] > 0.8

"""Every bad option is one line and exit code 2, before TensorFlow is imported and before anything is written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.__main__ import main

ROOT = Path(__file__).parents[3]
RUN_ID = "0123456789abcdef0123456789abcdef"

# words of the command line, and what the line must name
REFUSALS = [
    ("run --seeds x", "7,8,9"),
    ("run --architectures LSTM", "did you mean 'lstm'?"),
    ("run --architectures lstm,lstm", "twice"),
    ("run --architectures lstm,lstm[lstm_units=100] --data synthetic", "twice"),
    ("run --architectures lstm[lstm_unit=50]", "did you mean 'lstm_units'?"),
    ("run --architectures lstm[epochs=3,8] --epochs 5", "--epochs: lstm[epochs=3] has its own"),
    ("run --architectures two.py:first[units=8] --data synthetic", "there is no setting 'units'"),
    ("run --architectures lstm@9-0", "9-0"),
    ("run --architectures nowhere.py:net", "nowhere.py"),
    ("run --architectures file.py", "give file.py:FUNCTION"),
    ("run --architectures two.py:frist,lstm", "did you mean 'first'?"),
    ("run --architectures os.path:not-a-name", "not-a-name"),
    ("run --architectures two.py:first", "two.py:first is not possible: it returns a NoneType"),
    ("run --epochs 0", "1<=x<=1000"),
    ("run --train-reviews 1000;5000", "give whole numbers like 1000,5000,25000"),
    ("run --train-reviews 100 --max-reviews 200", "--max-reviews cuts the test split too"),
    ("run --train-reviews 100 --until-decided", "--until-decided adds no seeds with --train-reviews"),
    ("run --equivalence-margin-points nan", "'nan' is not a number"),
    ("run --seed 7", "--seeds"),
    ("run --gpus-per-trial 0.5 --device cpu", "--gpus-per-trial: 0.5 is not possible with --device cpu"),
    ("run --gpus-per-trial 0.5 --data synthetic", "--gpus-per-trial: needs a Ray cluster"),
    ("run --data nowhere.csv", "--data"),
    ("run --data \udcff.csv", "is not UTF-8"),
    ("run --data synthetic --columns id=x", "--columns is for a table"),
    ("run --data synthetic --output file.txt", "--output"),
    ("run --tracking-uri nonsense://somewhere", "nonsense"),
    ("run --resume latest", "run"),
    ("rnu", "Did you mean 'run'?"),
    ("report", "run"),
    (f"report {RUN_ID}", "run"),
    ("compare a b c", "see python -m benchmark compare --help"),
    ("predict", "text"),
    ("predict a_text", "run"),
    ("predict a wonderful film", 'a text needs quotes: "a wonderful film"'),
    ("predict text --input file.txt", "--input"),
    ("predict --input latin1.txt", "UTF-8"),
    ("predict --input no_text.csv", "text"),
    ("predict --input bad.jsonl", "a text in each row"),
    ("new", "'NAME'; see python -m benchmark new --help"),
    ("new my-net", "my-net"),
    ("new lstm", "lstm"),
    ("new file", "file.py"),
    ("new keras", "keras.py would hide the Python module"),
    ("check", "FILE.py:FUNCTION"),
    ("check nowhere.py:net", "nowhere.py"),
    ("check broken.py:net", "(broken.py, line 1)"),
]

FILES = {
    "file.txt": b"a text\n",
    "file.py": b"",
    "two.py": b"def first(): ...\ndef _helper(): ...\ndef second(): ...\n",
    "broken.py": b"def net(",
    "latin1.txt": b"caf\xe9\n",
    "no_text.csv": b"review,label\ngood,1\n",
    "bad.jsonl": b'{"text": "good"}\n{"review": "bad"}\n',
}

EVERY_CASE = """
import contextlib, io, json, os, sys
from benchmark.__main__ import main
environment = dict(os.environ)
results = []
for words in json.load(sys.stdin):
    os.environ.update(environment)  # MLflow keeps the address that it was given there
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = main(words)
        except BaseException as error:
            code = repr(error)
    results.append([code, output.getvalue(), errors.getvalue()])
print(json.dumps({"results": results, "tensorflow": "tensorflow" in sys.modules}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("refusals")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def refused(folder, cache) -> dict:
    """What every case came to, all in one process that starts without TensorFlow."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment |= {"PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
    ended = subprocess.run(
        [sys.executable, "-c", EVERY_CASE],
        input=json.dumps([words.split() for words, _ in REFUSALS]),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.parametrize("case", range(len(REFUSALS)), ids=lambda case: REFUSALS[case][0][:60])
def test_a_refusal_is_one_line_that_names_what_to_change(case, refused):
    _, named = REFUSALS[case]
    code, output, errors = refused["results"][case]
    assert code == 2, (code, output, errors)
    assert output == ""
    assert errors.startswith("error: ")
    assert len(errors.strip().splitlines()) == 1
    assert len(errors) < 700
    assert named in errors


def test_no_refusal_writes_anything_or_imports_tensorflow(folder, refused):
    assert {path.name for path in folder.rglob("*")} == FILES.keys()
    assert refused["tensorflow"] is False


def test_an_error_of_this_program_is_a_traceback_and_no_exit_code_of_a_refusal_or_a_regression(monkeypatch, capsys):
    monkeypatch.setattr("benchmark.commands.list.open_store", lambda *_: 1 / 0)
    assert main(["list"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_no_command_at_all_shows_the_help(capsys):
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err

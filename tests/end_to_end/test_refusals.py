"""Bad input is one line and exit code 2, before TensorFlow is imported and before anything is stored."""

import pytest


@pytest.fixture
def without_tensorflow(workspace):
    """An environment in which an import of TensorFlow ends the process."""
    folder = workspace.folder.parent / f"{workspace.folder.name}_modules"
    folder.mkdir()
    (folder / "tensorflow.py").write_text("import os; os._exit(99)")
    return {"PYTHONPATH": f"{folder}:{workspace.project}"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--epochs", "0"), "--epochs"),
        (("--seeds", "7,7"), "--seeds"),
        (("--architectures", "lstn"), "lstm"),
        (("--architectures", "lstm@9-0"), "9-0"),
        (("--architectures", "nowhere.py:net"), "nowhere.py"),
        (("--data", "nowhere.tar.gz"), "--data"),
        (("--max-minutes-per-trial", "1000000"), "--max-minutes-per-trial"),
        (("--no-such-option",), "--no-such-option"),
        (("--tracking-uri", "nonsense://somewhere"), "nonsense"),
        (("--resume", "latest"), "mlflow.db"),
    ],
    ids=lambda value: value[0].strip("-") + "=" + value[-1] if isinstance(value, tuple) else "",
)
def test_bad_input_to_run(workspace, without_tensorflow, words, named):
    ended = workspace.run("run", *words, **without_tensorflow)
    assert ended.exit_code == 2, ended.all_output
    assert named in ended.errors
    assert len(ended.errors.strip().splitlines()) == 1
    assert "Traceback" not in ended.output + ended.errors
    assert list(workspace.folder.iterdir()) == []


def test_a_dry_run_stores_nothing(workspace):
    names = "lstm,bag_of_words_svm,networks@0-9"
    ended = workspace.run("run", "--data", "synthetic", "--dry-run", "--architectures", names)
    assert ended.exit_code == 0, ended.all_output
    assert "synthetic" in ended.output
    assert "34 trials" in ended.output  # 3 of the LSTM, 1 of the SVM, 10 of each network
    assert list(workspace.folder.iterdir()) == []

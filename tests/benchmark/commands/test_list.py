"""What the list of benchmarks shows."""

import pytest

from benchmark.__main__ import main
from benchmark.commands.list import result


@pytest.mark.parametrize(
    ("status", "verdict", "shown"),
    [
        ("finished", "above", "above"),
        ("finished", "undecided", "undecided"),
        ("finished", "", "finished"),
        ("finished", None, "finished"),
        ("finished", "LSTM 87.20%, above 88.89%", "finished"),  # of an earlier version
        ("failed", "above", "failed"),
    ],
)
def test_the_result_is_the_verdict_of_a_finished_benchmark(status, verdict, shown):
    assert result(status, verdict) == shown


@pytest.mark.slow
def test_a_package_that_does_not_import_is_named_and_passed_over(tmp_path, monkeypatch, capsys):
    (tmp_path / "their.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.feature_extraction.text import CountVectorizer\n"
        "from sklearn.pipeline import make_pipeline\n"
        "def words(): return make_pipeline(CountVectorizer(), LogisticRegression())\n"
    )
    (tmp_path / "their-1.dist-info").mkdir()
    (tmp_path / "their-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: their\nVersion: 1\n")
    (tmp_path / "their-1.dist-info" / "entry_points.txt").write_text(
        "[imdb_benchmark.architectures]\nbroken_net = no_such_package:net\ntheir_words = their:words\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert main(["list", "architectures"]) == 0
    shown = capsys.readouterr()
    assert "their_words" in shown.out.split()
    assert "broken_net" not in shown.out.split()
    assert "no_such_package cannot be imported" in shown.err

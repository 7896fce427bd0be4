"""Every command in a terminal of 80 columns: no traceback, no line broken in a word, no name cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.terminal import layout_faults, run_in_terminal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BASELINES = ("majority_class", "bag_of_words_svm", "naive_bayes_logistic_5000")
TINY = ("--architectures", ",".join(BASELINES), "--data", "synthetic", "--max-reviews", "300")


@dataclass(frozen=True)
class Screen:
    """A folder with a store, and a terminal in which commands are run."""

    folder: Path
    cache: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "IMDB_"))}
        return kept | {
            "IMDB_BENCHMARK_CACHE": str(self.cache),
            "MLFLOW_TRACKING_URI": f"sqlite:///{self.folder}/mlflow.db",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONPATH": str(ROOT),
            "BROWSER": "true",  # the program `true` instead of a browser
        }

    def show(self, *words: str, exit_code: int = 0) -> str:
        """Run a command in the terminal, check its layout, and return what it printed."""
        command = [sys.executable, "-m", "benchmark", *words]
        code, text = run_in_terminal(command, self.folder, self.environment)
        assert code == exit_code, text
        assert layout_faults(text) == [], text
        return text

    def json(self, *words: str):
        command = [sys.executable, "-m", "benchmark", *words]
        ended = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory, cache) -> tuple[Screen, str]:
    screen = Screen(tmp_path_factory.mktemp("terminal"), cache)
    return screen, screen.show("run", *TINY)


@pytest.fixture(scope="module")
def screen(first_run) -> Screen:
    """Two finished benchmarks of three baselines on 300 synthetic reviews."""
    screen = first_run[0]
    screen.show("run", *TINY)
    return screen


@pytest.fixture(scope="module")
def rows(screen) -> list[dict]:
    """What `list --json` gives, the newest benchmark first."""
    return screen.json("list", "--json")


def test_run_shows_plan_progress_answer_and_next_steps(first_run):
    screen, text = first_run
    places = [text.index(words) for words in ("Plan: 3 trials", "[1/3]", "[3/3]", "95% interval", "report.html")]
    assert places == sorted(places)
    for name in BASELINES:
        assert name in text.split()
    assert "NOT IMDB" in " ".join(text.split())
    link = next(word for word in text.split() if "/#/experiments/" in word)
    assert link.startswith("http")
    command = next(line for line in text.splitlines() if "python -m benchmark predict" in line)
    assert "models:/synthetic-" in command
    page = next(word for word in text.split() if word.endswith("report.html"))
    assert (screen.folder / page).is_file()


def test_a_dry_run_shows_the_plan_and_trains_nothing(screen, rows):
    text = screen.show("run", *TINY, "--dry-run")
    assert "Plan: 3 trials" in text
    assert "from earlier trials on this machine" in " ".join(text.split())
    assert "[1/" not in text
    assert screen.json("list", "--json") == rows


def test_list_names_what_other_commands_take(screen, rows):
    text = screen.show("list")
    assert len(rows) == 2
    for row in rows:
        assert row["run_id"][:8] in text.split()
        assert row["finished"] == row["planned"] == 3
    assert {"3/3", "started", "result", *rows[0]["verdict"].split()} <= set(text.split())
    for name in BASELINES:
        assert name in text.replace(",", " ").split()


def test_list_architectures_and_models(screen):
    text = screen.show("list", "architectures")
    assert {"lstm", "cnn_lstm_tensorboard", *BASELINES} <= set(text.split())
    text = screen.show("list", "models")
    for row in screen.json("list", "models", "--json"):
        assert row["uri"] in text.split()


def test_report_by_the_first_characters_of_an_id(screen, rows):
    oldest = rows[-1]["run_id"]
    text = screen.show("report", oldest[:8], "--output", "again", "--open")
    assert "95% interval" in text
    assert (screen.folder / "again" / f"benchmark-{oldest[:8]}" / "report.html").is_file()


def test_report_of_all_benchmarks(screen):
    text = screen.show("report", "--all", "--output", "again")
    assert "95% interval" in text
    assert (screen.folder / "again" / "leaderboard" / "leaderboard.html").is_file()


def test_compare_ends_well_without_a_change(screen):
    text = screen.show("compare", "--max-slowdown", "1000", "--output", "again")
    assert "before" in text
    assert "same" in text.split()
    assert list((screen.folder / "again").glob("comparison-*/comparison.html"))


def test_predict_with_the_model_that_run_named(first_run):
    screen, run = first_run
    model = next(word for word in run.split() if word.startswith("models:/synthetic-"))
    text = screen.show("predict", "--model", model, "a wonderful film", "a waste of time " * 20)
    assert "probability of positive" in text
    assert "a wonderful film" in text
    explained = screen.show("predict", "--model", model, "--explain", "a wonderful film, [bold]not[/bold] a dull one")
    assert "towards positive:" in explained
    assert "towards negative:" in explained


def test_reproduce_a_trial_bit_for_bit(screen):
    text = screen.show("reproduce", "latest")
    assert "bit for bit" in " ".join(text.split())


def test_export_and_import(screen, rows, tmp_path, cache):
    text = screen.show("export", rows[0]["run_id"][:8], "--output", "exported")
    assert "python -m benchmark import exported" in text
    other = Screen(tmp_path, cache)
    text = other.show("import", str(screen.folder / "exported"))
    assert "python -m benchmark report" in text
    assert "95% interval" in other.show("report")


def test_new_and_check(tmp_path, cache):
    screen = Screen(tmp_path, cache)
    screen.show("new", "my_words", "--baseline")
    text = screen.show("check", "my_words.py:my_words")
    assert "FAILED" not in text
    assert "python -m benchmark run --architectures my_words.py:my_words" in " ".join(text.split())
    (tmp_path / "my_words.py").write_text("def my_words(one_parameter):\n    return None\n")
    assert "FAILED" in screen.show("check", "my_words.py:my_words", exit_code=1)


@pytest.mark.parametrize("words", [("run", "--seed", "7"), ("report", "0123456789ab")], ids=" ".join)
def test_a_refusal_has_no_traceback(screen, words):
    command = [sys.executable, "-m", "benchmark", *words]
    code, text = run_in_terminal(command, screen.folder, screen.environment)
    assert code == 2
    assert "Traceback" not in text

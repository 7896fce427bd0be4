"""What the commands print, at 80 columns and in a log."""

import io
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan
from benchmark.report import summarize
from benchmark.results import EpochFinished, TrialFailed, TrialFinished, TrialStarted
from benchmark.terminal import (
    Progress,
    print_pairs,
    print_table,
    say,
    show_summary,
)
from benchmark.wording import duration
from tests.support.records import corpus_facts, environment, tiny_record, trial_config, write_trial_folder
from tests.support.terminal import layout_faults, screen
from tracking.store import Store

NAMES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
PLAN = Plan(
    config=BenchmarkConfig(architectures=NAMES),
    planned=(),
    corpus=corpus_facts("imdb"),
    environment=environment(),
)


def _console(terminal: bool = True, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, highlight=False, markup=False, emoji=False)


def _shown(console: Console) -> str:
    return screen(console.file.getvalue())


def test_markup_in_a_users_text_is_printed_as_it_stands():
    console = _console()
    say(console, "[bold]not bold[/bold] :smile:")
    print_table(console, [{"name": "[red]a[/red]"}])
    print_pairs(console, [("[link]", "[/nothing]")])
    for text in ("[bold]not bold[/bold] :smile:", "[red]a[/red]", "[link]  [/nothing]"):
        assert text in _shown(console)


# Progress


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_epochs_ends_failures_and_trials_that_are_added(terminal, tmp_path):
    console = _console(terminal)
    first, second, third = (trial_config("cnn_lstm_tensorboard", seed) for seed in (7, 8, 9))
    baseline = trial_config("naive_bayes_logistic")
    results = {trial: write_trial_folder(tmp_path / trial.folder_name, trial) for trial in (first, baseline)}
    with Progress(console, PLAN, {"naive_bayes_logistic": 10.0}) as progress:
        progress.extend([first, second, third])
        for trial in (first, second):
            progress.handle(TrialStarted(trial))
        progress.handle(EpochFinished(first, results[first].epochs[0]))
        progress.handle(TrialFinished(first, tmp_path / first.folder_name))
        progress.handle(TrialFailed(second, "out of memory [/bold]", ""))
        progress.handle(EpochFinished(second, results[first].epochs[0]))  # too late
        progress.extend([baseline])
        progress.handle(TrialStarted(baseline))
        progress.handle(TrialFinished(baseline, tmp_path / baseline.folder_name))
    shown = _shown(console)
    assert layout_faults(shown) == [] or not terminal
    flat = " ".join(shown.split())
    assert "cnn_lstm_tensorboard seed 7 1/3 loss 0.34 accuracy 79.0% test 86.0% 24.3 s" in flat
    took, left = duration(results[first].wall_seconds), duration(2 * results[first].wall_seconds)
    assert f"[1/3] {first.name}: test accuracy {results[first].scores.accuracy:.2%}, {took}; about {left} left" in flat
    assert "[2/3] cnn_lstm_tensorboard seed 8: FAILED: out of memory [/bold]" in flat
    assert f"[3/4] naive_bayes_logistic: test accuracy {results[baseline].scores.accuracy:.2%}" in flat


def test_the_time_that_is_left_is_not_guessed(tmp_path):
    console, baseline = _console(terminal=False), trial_config("naive_bayes_logistic")
    write_trial_folder(tmp_path, baseline)
    with Progress(console, PLAN) as progress:
        progress.extend([trial_config("lstm"), baseline])
        progress.handle(TrialFinished(baseline, tmp_path))
    assert "left" not in _shown(console)


# The summary


PAGE = Path("reports/benchmark-12345678/report.html")
STORE = Store(None, "sqlite:////home/some one/mlflow.db", "1")


def test_the_summary_ends_with_where_to_look():
    report = summarize(tiny_record((*NAMES, "naive_bayes_logistic", "majority_class")))
    console = _console()
    show_summary(console, report, PAGE, STORE, "models:/imdb-naive_bayes_logistic/12")
    shown = _shown(console)
    assert layout_faults(shown) == []
    flat = " ".join(shown.split())
    assert " ".join(report.answer[0].split()) in flat
    assert "Sanity check passed: Conv1D + LSTM and Conv1D + LSTM, TensorBoard ended with the same weights" in flat
    page, server, link, model, predict = shown.strip().splitlines()[-5:]
    assert page.split() == ["report", "reports/benchmark-12345678/report.html"]
    assert shlex.split(server)[1:] == ["mlflow", "ui", "--backend-store-uri", STORE.uri]
    assert link.split()[1].startswith("http://")
    assert model.split() == ["model", "models:/imdb-naive_bayes_logistic/12"]
    words = "python -m benchmark predict --explain 'A wonderful film with an awful ending.'"
    store = "--tracking-uri 'sqlite:////home/some one/mlflow.db'"
    assert predict.strip() == f"{words} --model imdb-naive_bayes_logistic/12 {store}"

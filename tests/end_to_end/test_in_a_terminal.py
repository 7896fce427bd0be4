"""Every command in a terminal of 80 columns: no traceback, no line broken in a word, no name cut."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from mlflow.entities import Run

from tests.end_to_end.conftest import TINY, Workspace, trial_runs
from tracking.models import check_model_uri
from tracking.reader import benchmark_runs

pytestmark = pytest.mark.slow

BASELINES = ("majority_class", "bag_of_words_svm", "naive_bayes_logistic_5000")
GRID = ("run", "--architectures", "majority_class,bag_of_words_svm[C=0.1,1.0],naive_bayes_logistic_5000", *TINY)
ALL_FROM_STORE = "Plan: 4 trials of 4 architectures; 4 from the store, 0 to train"


@pytest.fixture(scope="module")
def screen(finished, tmp_path_factory, cache) -> Workspace:
    """A copy of the store of the finished benchmark, with a grid of settings that took three baselines from there."""
    workspace = Workspace(tmp_path_factory.mktemp("terminal"), cache)
    databases = [closing(sqlite3.connect(each.folder / "mlflow.db")) for each in (finished, workspace)]
    with databases[0] as source, databases[1] as copy:
        source.backup(copy)
    text = workspace.show(*GRID)
    assert "Plan: 4 trials of 4 architectures; 3 from the store, 1 to train" in text
    assert "[1/1]" in text
    assert "Bag of words + SVM, C 0.1" in text[text.rindex("95% interval") :]
    return workspace


@pytest.fixture(scope="module")
def runs(screen) -> list[Run]:
    """The benchmarks, the newest first."""
    return benchmark_runs(screen.store)


def test_run_shows_plan_progress_answer_and_next_steps(finished):
    text = (finished.folder / "printed.txt").read_text()
    places = [text.index(words) for words in ("Plan: 5 trials", "[1/5]", "[5/5]")]
    places += [text.rindex(words) for words in ("95% interval", "report.html")]
    assert places == sorted(places)
    assert {"cnn_lstm", *BASELINES} <= set(text.split())
    for words in ("NOT IMDB", "mlflow ui --backend-store-uri"):
        assert words in " ".join(text.split())
    assert next(word for word in text.split() if "/#/experiments/" in word).startswith("http")
    page = next(word for word in text.split() if word.endswith("report.html"))
    assert (finished.folder / page).is_file()


def test_a_grid_takes_what_is_as_registered_from_the_store_and_names_the_benchmark_that_trained_it(screen):
    trained, record = screen.record("previous"), screen.record()
    assert record.complete
    run_ids = {trial.run_id for trial in trained.trials if trial.config.architecture in BASELINES}
    assert {trial.run_id for trial in record.trials if trial.trained_in == trained.run_id} == run_ids
    settings = {run.info.run_name: run.data.params.get("C") for run in trial_runs(screen.client, record.run_id)}
    assert (settings["bag_of_words_svm"], settings["bag_of_words_svm[C=0.1]"]) == ("1.0", "0.1")


def test_a_dry_run_shows_the_plan_and_stores_nothing(screen, runs, fresh_workspace):
    assert ALL_FROM_STORE in screen.show(*GRID, "--dry-run")
    assert len(benchmark_runs(screen.store)) == len(runs)
    assert "Plan: 4 trials of 4 architectures" in fresh_workspace.show(*GRID, "--dry-run")
    assert list(fresh_workspace.folder.iterdir()) == []


def test_a_finished_benchmark_that_is_resumed_is_reported_as_before(screen, runs):
    run_id = runs[0].info.run_id
    before = screen.client.get_run(run_id)
    text = screen.show("run", "--resume", "latest", "--output", "again")
    assert ALL_FROM_STORE in text
    assert "[1/" not in text
    assert f"again/benchmark-{run_id[:8]}/report.html" in text
    assert "python -m benchmark predict" in text
    after = screen.client.get_run(run_id)
    assert after.data.to_dictionary() == before.data.to_dictionary()
    assert (after.info.status, after.info.run_name) == ("FINISHED", before.info.run_name)


def test_list_names_what_other_commands_take(screen, runs):
    text = screen.show("list")
    assert len(runs) == 2
    for run in runs:
        (line,) = [line for line in text.splitlines() if run.info.run_id[:8] in line]
        assert {"synthetic", run.info.run_name.split()[0], "finished"} <= set(line.split())
    assert set(BASELINES) <= set(text.replace(",", " ").split())
    models = screen.show("list", "models").split()
    for name in (*BASELINES, "bag_of_words_svm[C=0.1]"):
        assert f"synthetic-{name}" in models


def test_report_by_the_first_characters_of_an_id(screen, runs):
    oldest, again = runs[-1].info.run_id[:8], screen.folder / "again"
    assert "95% interval" in screen.show("report", oldest, "--output", "again", "--open")
    assert (again / f"benchmark-{oldest}" / "report.html").is_file()


def test_compare_ends_well_without_a_change(screen):
    text = screen.show("compare", "--output", "again")
    assert "before" in text
    assert "same" in text.split()
    assert list((screen.folder / "again").glob("comparison-*/comparison.html"))


def test_predict_with_a_model_of_the_grid_and_the_one_that_run_named_is_there(screen, finished):
    printed = (finished.folder / "printed.txt").read_text()
    command = printed[printed.rindex("python -m benchmark predict") :]
    model = next(word for word in command.split() if word.startswith("synthetic-"))
    assert check_model_uri(finished.store, model) == f"models:/{model}"
    words = ("--explain", "a wonderful, [bold]not[/bold] a dull film")
    text = screen.show("predict", "--model", "bag_of_words_svm[C=0.1]", *words)
    assert "by models:/synthetic-bag_of_words_svm[C=0.1]/1, Bag of words + SVM, C 0.1" in " ".join(text.split())
    assert "with a probability of" in text
    assert "towards positive:" in text
    assert "towards negative:" in text


def test_reproduce_a_trial_bit_for_bit(screen):
    before = len(screen.client.search_model_versions())
    copy, *_ = trial_runs(screen.client, screen.record().run_id)
    assert "bit for bit" in " ".join(screen.show("reproduce", copy.info.run_id).split())
    assert len(screen.client.search_model_versions()) == before  # it registers none


def test_a_new_network_is_trained_and_used_without_its_file_and_a_new_baseline_checked(workspace):
    workspace.show("new", "my_net")
    assert "[1/1]" in workspace.show("run", "--architectures", "my_net.py:my_net@3", *TINY)
    (workspace.folder / "my_net.py").unlink()
    assert "probability of positive" in workspace.show("predict", "--model", "synthetic-my_net", "a fine film")
    workspace.show("new", "mine", "--baseline")
    text = workspace.show("check", "mine.py:mine")
    assert "mine.py:mine is a baseline that trains" in text
    assert "--architectures mine.py:mine,baselines" in text

"""Every command in a terminal of 80 columns: no traceback, no line broken in a word, no name cut."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.conftest import TINY, Workspace, trial_runs
from tracking.reader import list_benchmarks

pytestmark = pytest.mark.slow

BASELINES = ("majority_class", "bag_of_words_svm", "naive_bayes_logistic_5000")
ALL_FROM_STORE = "Plan: 3 trials of 3 architectures; 3 from the store, 0 to train"
AGAIN = ("run", "--architectures", ",".join(BASELINES), *TINY)


@pytest.fixture(scope="module")
def screen(finished, tmp_path_factory, cache) -> Workspace:
    """A copy of the store of the finished benchmark, with another one that took its three baselines from there."""
    workspace = Workspace(tmp_path_factory.mktemp("terminal"), cache)
    databases = [closing(sqlite3.connect(each.folder / "mlflow.db")) for each in (finished, workspace)]
    with databases[0] as source, databases[1] as copy:
        source.backup(copy)
    text = workspace.show(*AGAIN)
    assert ALL_FROM_STORE in text
    assert "[1/" not in text
    return workspace


@pytest.fixture(scope="module")
def rows(screen) -> list[dict]:
    """What `list --json` gives, the newest benchmark first."""
    return screen.json("list", "--json")


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


def test_trials_of_a_benchmark_from_the_store_are_named_with_the_one_that_trained_them(screen):
    trained, record = screen.record("previous"), screen.record()
    assert record.complete
    run_ids = [trial.run_id for trial in trained.trials if trial.config.architecture in BASELINES]
    assert [trial.run_id for trial in record.trials] == run_ids
    assert {trial.trained_in for trial in record.trials} == {trained.run_id}
    copies = trial_runs(screen.client, record.run_id)
    assert {copy.data.tags["benchmark.trained_as"] for copy in copies} == set(run_ids)
    description = screen.client.get_run(record.run_id).data.tags["mlflow.note.content"]
    for run_id in run_ids:
        assert f"runs/{run_id}" in description


def test_a_dry_run_shows_the_plan_and_stores_nothing(screen, rows, workspace):
    assert ALL_FROM_STORE in screen.show(*AGAIN, "--dry-run")
    assert len(list_benchmarks(screen.store)) == len(rows)
    assert "Plan: 3 trials of 3 architectures" in workspace.show(*AGAIN, "--dry-run")
    assert list(workspace.folder.iterdir()) == []


def test_a_finished_benchmark_that_is_resumed_is_reported_as_before(screen, rows):
    run_id = rows[0]["run_id"]
    before = screen.client.get_run(run_id)
    text = screen.show("run", "--resume", "latest", "--output", "again")
    assert ALL_FROM_STORE in text
    assert "[1/" not in text
    assert f"again/benchmark-{run_id[:8]}/report.html" in text
    assert "python -m benchmark predict" in text
    after = screen.client.get_run(run_id)
    assert after.data.to_dictionary() == before.data.to_dictionary()
    assert (after.info.status, after.info.run_name) == ("FINISHED", before.info.run_name)


def test_a_refusal_is_wrapped_between_words(workspace):
    assert workspace.show("run", "--data", "nowhere.csv", exit_code=2).startswith("error: ")


def test_list_names_what_other_commands_take(screen, rows):
    text = screen.show("list")
    assert len(rows) == 2
    for row in rows:
        (line,) = [line for line in text.splitlines() if row["run_id"][:8] in line]
        assert {"synthetic", f"{row['best_accuracy']:.2%}", "finished"} <= set(line.split())
    assert set(BASELINES) <= set(text.replace(",", " ").split())
    models = screen.show("list", "models").split()
    for name in BASELINES:
        assert f"synthetic-{name}" in models


def test_report_by_the_first_characters_of_an_id(screen, rows):
    oldest, again = rows[-1]["run_id"][:8], screen.folder / "again"
    assert "95% interval" in screen.show("report", oldest, "--output", "again", "--open")
    assert (again / f"benchmark-{oldest}" / "report.html").is_file()


def test_compare_ends_well_without_a_change(screen):
    text = screen.show("compare", "--output", "again")
    assert "before" in text
    assert "same" in text.split()
    assert list((screen.folder / "again").glob("comparison-*/comparison.html"))


def test_predict_with_the_model_that_run_named(finished):
    printed = (finished.folder / "printed.txt").read_text()
    command = printed[printed.rindex("python -m benchmark predict") :]
    model = next(word for word in command.split() if word.startswith("synthetic-"))
    text = finished.show("predict", "--model", model, "--explain", "a wonderful, [bold]not[/bold] a dull film")
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

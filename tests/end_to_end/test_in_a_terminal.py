"""Every command in a terminal of 80 columns: no traceback, no line broken in a word, no name cut."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import TINY, Workspace, trial_runs
from tracking.reader import list_benchmarks

pytestmark = pytest.mark.slow

BASELINES = ("majority_class", "bag_of_words_svm", "naive_bayes_logistic_5000")
ALL_FROM_STORE = "Plan: 3 trials of 3 architectures; 3 from the store, 0 to train"
RUN = ("run", "--architectures", ",".join(BASELINES), "--data", "synthetic", "--max-reviews", "300")


@pytest.fixture(scope="module")
def first_run(tmp_path_factory, cache) -> tuple[Workspace, str]:
    workspace = Workspace(tmp_path_factory.mktemp("terminal"), cache)
    return workspace, workspace.show(*RUN)


@pytest.fixture(scope="module")
def screen(first_run) -> Workspace:
    """Two finished benchmarks of three baselines on 300 synthetic reviews; the first trained the trials of both."""
    text = first_run[0].show(*RUN)
    assert ALL_FROM_STORE in text
    assert "[1/" not in text
    return first_run[0]


@pytest.fixture(scope="module")
def rows(screen) -> list[dict]:
    """What `list --json` gives, the newest benchmark first."""
    return screen.json("list", "--json")


def test_run_shows_plan_progress_answer_and_next_steps(first_run):
    workspace, text = first_run
    places = [text.index(words) for words in ("Plan: 3 trials", "[1/3]", "[3/3]", "95% interval", "report.html")]
    assert places == sorted(places)
    assert set(BASELINES) <= set(text.split())
    assert "NOT IMDB" in " ".join(text.split())
    assert next(word for word in text.split() if "/#/experiments/" in word).startswith("http")
    page = next(word for word in text.split() if word.endswith("report.html"))
    assert (workspace.folder / page).is_file()


def test_trials_of_a_benchmark_from_the_store_are_named_with_the_one_that_trained_them(screen):
    trained, record = screen.record("previous"), screen.record()
    assert record.complete
    copies = trial_runs(screen.client, record.run_id)
    assert {copy.data.tags["benchmark.trained_as"] for copy in copies} == {trial.run_id for trial in trained.trials}
    assert {trial.trained_in for trial in record.trials} == {trained.run_id}
    assert [trial.run_id for trial in record.trials] == [trial.run_id for trial in trained.trials]
    description = screen.client.get_run(record.run_id).data.tags["mlflow.note.content"]
    for trial in record.trials:
        assert f"runs/{trial.run_id}" in description


def test_a_dry_run_shows_the_plan_and_stores_nothing(screen, rows, workspace):
    text = screen.show(*RUN, "--dry-run")
    assert ALL_FROM_STORE in text
    assert "from the store" not in screen.show(*RUN, "--dry-run", "--fresh")
    assert len(list_benchmarks(screen.store)) == len(rows)
    names = "lstm,bag_of_words_svm,networks@0-9"
    text = workspace.show("run", "--data", "synthetic", "--dry-run", "--architectures", names)
    assert "Plan: 46 trials" in text  # 5 of the LSTM, 1 of the SVM, 10 of each network
    assert list(workspace.folder.iterdir()) == []


def test_a_finished_benchmark_that_is_resumed_is_shown_and_left_as_it_is(screen, rows):
    run_id = rows[0]["run_id"]
    before = screen.client.get_run(run_id)
    text = screen.show("run", "--resume", "latest", "--output", "again")
    assert ALL_FROM_STORE in text
    assert "[1/" not in text
    assert f"again/benchmark-{run_id[:8]}/report.html" in text
    assert "python -m benchmark predict" in text
    assert screen.client.get_run(run_id).to_dictionary() == before.to_dictionary()


@pytest.mark.parametrize("words", ["run --architectures lstn", "run --data nowhere.csv", "predict --model lstn text"])
def test_a_refusal_is_wrapped_between_words(screen, words):
    assert screen.show(*words.split(), exit_code=2).startswith("error: ")


def test_list_names_what_other_commands_take(screen, rows):
    text = screen.show("list")
    assert len(rows) == 2
    for row in rows:
        (line,) = [line for line in text.splitlines() if row["run_id"][:8] in line]
        assert {"synthetic", f"{row['best_accuracy']:.2%}", "finished"} <= set(line.split())
    assert set(BASELINES) <= set(text.replace(",", " ").split())
    assert {"lstm", "cnn_lstm_tensorboard", *BASELINES} <= set(screen.show("list", "architectures").split())
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


def test_predict_with_the_model_that_run_named(first_run):
    workspace, run = first_run
    command = run[run.index("python -m benchmark predict") :]
    model = next(word for word in command.split() if word.startswith("synthetic-"))
    text = workspace.show("predict", "--model", model, "a wonderful film", "a waste of time " * 20)
    assert "probability of positive" in text
    assert "a wonderful film" in text
    explained = workspace.show("predict", "--model", model, "--explain", "a wonderful, [bold]not[/bold] a dull film")
    assert "towards positive:" in explained
    assert "towards negative:" in explained


def test_reproduce_a_trial_bit_for_bit(screen):
    before = len(screen.client.search_model_versions())
    assert "bit for bit" in " ".join(screen.show("reproduce", "latest").split())
    assert len(screen.client.search_model_versions()) == before  # it registers none


def test_a_trial_whose_run_was_deleted_is_trained_again(workspace):
    run = ("run", "--architectures", "majority_class,bag_of_words_svm", *TINY)
    workspace.show(*run)
    trained = workspace.record()
    workspace.client.delete_run(trained.trials[0].run_id)
    assert not workspace.record().complete
    assert "1 from the store, 1 to train" in workspace.show("run", "--resume", "latest")
    record = workspace.record()
    assert record.complete
    assert record.trials[0].run_id != trained.trials[0].run_id
    assert record.trials[1].run_id == trained.trials[1].run_id


def test_a_new_network_is_checked_trained_and_used(workspace):
    workspace.show("new", "my_net")
    text = workspace.show("check", "my_net.py:my_net")
    assert "FAILED" not in text
    assert "--architectures my_net.py:my_net,baselines" in text
    text = workspace.show("run", "--architectures", "my_net.py:my_net@3,majority_class", *TINY)
    assert "[2/2]" in text
    (workspace.folder / "my_net.py").write_text("def my_net(one_parameter):\n    return None\n")
    no_store = workspace.folder / "none.db"
    text = workspace.show(
        "run", "--architectures", "my_net.py:my_net", "--tracking-uri", f"sqlite:///{no_store}", exit_code=2
    )
    assert text.startswith("error: my_net.py:my_net is not possible: 'my_net' is no function")
    assert not no_store.exists()
    (workspace.folder / "my_net.py").unlink()
    assert "probability" in workspace.show("predict", "--model", "synthetic-my_net", "a fine film")

"""A benchmark with several numbers of training reviews."""

import pytest

from tests.end_to_end.conftest import trial_runs

pytestmark = pytest.mark.slow


def test_accuracy_by_training_reviews_is_reported_resumed_reproduced_and_taken_from_the_store(workspace):
    words = ("--architectures", "majority_class,bag_of_words_svm", "--data", "synthetic")
    ended = workspace.run("run", "--train-reviews", "50,200,1500", "--seeds", "0-1", *words)
    assert ended.exit_code == 0, ended.all_output
    assert "50 / 200 / 1,500 to train, 1,500 to test" in ended.output
    assert "[10/10]" in ended.output

    record, client = workspace.record(), workspace.client
    assert record.complete
    assert record.config.train_reviews == (50, 200, 1500)
    runs = {run.info.run_name: run for run in trial_runs(client, record.run_id)}
    drawn = runs["bag_of_words_svm seed 1 on 200 reviews"]
    assert drawn.data.params["train_reviews"] == "200"
    assert "200 of its training reviews, drawn with seed 1" in drawn.data.tags["mlflow.note.content"]
    assert {run.inputs.dataset_inputs[0].dataset.profile for run in runs.values()} == {
        f'{{"reviews": {reviews}}}' for reviews in (50, 200, 1500)
    }
    (folder,) = (workspace.folder / "reports").iterdir()
    report = (folder / "report.md").read_text()
    assert "| Architecture | 50 reviews | 200 reviews | 1,500 reviews |" in report
    assert (folder / "charts" / "training-reviews.svg").exists()

    again = workspace.run("reproduce", drawn.info.run_id)
    assert "The same, bit for bit" in again.output
    resumed = workspace.run("run", "--resume", "latest", "--seeds", "2")
    assert resumed.exit_code == 0, resumed.all_output
    assert "10 from the store, 4 to train" in resumed.output
    assert {trial.config.seed for trial in workspace.record().trials} == {None, 0, 1, 2}
    ordinary = workspace.run("run", *words)
    assert "2 from the store, 0 to train" in ordinary.output

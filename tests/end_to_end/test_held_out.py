"""A benchmark on held-out reviews, with two numbers of training reviews."""

import pytest

from tests.end_to_end.conftest import Workspace, trial_runs

pytestmark = pytest.mark.slow

WORDS = ("--held-out", "--architectures", "bag_of_words_svm", "--data", "synthetic")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, make_workspace) -> Workspace:
    """A benchmark of three trials, two of them on reviews that were drawn."""
    workspace = make_workspace(tmp_path_factory.mktemp("held_out"))
    ended = workspace.run("run", "--train-reviews", "200,1200", "--seeds", "0-1", *WORDS)
    assert ended.exit_code == 0, ended.all_output
    assert "200 / 1,200 to train, 300 held out to test" in ended.output
    assert "[3/3]" in ended.output
    assert "No alias moved: the test reviews are held out of the training split." in ended.output
    return workspace


def test_everything_says_that_the_reviews_are_held_out_and_no_alias_moves(trained):
    record, client = trained.record(), trained.client
    (folder,) = (trained.folder / "reports").iterdir()
    report = (folder / "report.md").read_text()
    assert "300 held-out reviews" in report
    assert "Held out: the test reviews are a part of the training split" in report
    assert "Accuracy on held-out reviews" in (folder / "charts" / "ladder.svg").read_text()
    benchmark = client.get_run(record.run_id)
    assert "Held out: " in benchmark.data.tags["mlflow.note.content"]
    assert benchmark.data.params["config.held_out"] == "True"
    for run in trial_runs(client, record.run_id):
        assert "of 300 held-out reviews right" in run.data.tags["mlflow.note.content"]
    for trial in record.trials:
        assert all(review_id.startswith("train/") for review_id in trial.predictions.review_id)
    (model,) = client.search_registered_models()
    assert (model.name, model.aliases) == ("synthetic-held-out-bag_of_words_svm", {})


def test_accuracy_by_training_reviews_is_in_the_report_and_in_the_runs(trained):
    record = trained.record()
    assert record.complete
    runs = {run.info.run_name: run for run in trial_runs(trained.client, record.run_id)}
    drawn = runs["bag_of_words_svm seed 1 on 200 reviews"]
    assert drawn.data.params["train_reviews"] == "200"
    assert "200 of its training reviews, drawn with seed 1" in drawn.data.tags["mlflow.note.content"]
    train_splits = [run.inputs.dataset_inputs[0].dataset for run in runs.values()]
    assert {split.profile for split in train_splits} == {'{"reviews": 200}', '{"reviews": 1200}'}
    assert len({split.digest for split in train_splits}) == 3
    versions = trained.client.search_model_versions()
    assert sorted(version.tags["train_reviews"] for version in versions) == ["1200", "200", "200"]
    (folder,) = (trained.folder / "reports").iterdir()
    assert "| Architecture | 200 reviews | 1,200 reviews |" in (folder / "report.md").read_text()
    assert (folder / "charts" / "training-reviews.svg").exists()


def test_a_drawn_trial_is_reproduced_and_what_is_there_is_not_trained_again(trained):
    runs = {run.info.run_name: run.info.run_id for run in trial_runs(trained.client, trained.record().run_id)}
    again = trained.run("reproduce", runs["bag_of_words_svm seed 1 on 200 reviews"])
    assert "The same, bit for bit" in again.output
    more = trained.run("run", "--resume", "latest", "--seeds", "2", "--dry-run")
    assert "3 from the store, 1 to train" in more.output
    whole_split = trained.run("run", "--dry-run", *(word for word in WORDS if word != "--held-out"))
    assert "from the store" not in whole_split.output
    assert whole_split.exit_code == 0


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [("1", "1 reviews drawn with seed 7 have one label"), ("1201", "1,201 is too large; there are 1,200 to train on")],
)
def test_a_number_that_cannot_be_drawn_is_refused_before_any_training(trained, reviews, reason):
    refused = trained.run("run", "--train-reviews", reviews, *WORDS)
    assert refused.exit_code == 2
    assert f"--train-reviews: {reason}" in refused.all_output

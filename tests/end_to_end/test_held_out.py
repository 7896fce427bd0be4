"""A benchmark on held-out reviews of the training split."""

import pytest

from tests.end_to_end.conftest import trial_runs

pytestmark = pytest.mark.slow


def test_everything_says_that_the_reviews_are_held_out_and_no_alias_moves(workspace):
    words = ("--architectures", "majority_class,bag_of_words_svm", "--max-reviews", "200", "--data", "synthetic")
    ended = workspace.run("run", "--held-out", *words)
    assert ended.exit_code == 0, ended.all_output
    assert "200 to train, 200 held out to test" in ended.output
    assert "No alias moved: the test reviews are held out of the training split." in ended.output

    record, client = workspace.record(), workspace.client
    (folder,) = (workspace.folder / "reports").iterdir()
    report = (folder / "report.md").read_text()
    assert "200 held-out reviews" in report
    assert "Held out: the test reviews are a part of the training split" in report
    assert "Accuracy on held-out reviews" in (folder / "charts" / "ladder.svg").read_text()
    benchmark = client.get_run(record.run_id)
    assert "Held out: " in benchmark.data.tags["mlflow.note.content"]
    assert benchmark.data.params["config.held_out"] == "True"
    for run in trial_runs(client, record.run_id):
        assert "of 200 held-out reviews right" in run.data.tags["mlflow.note.content"]
    for trial in record.trials:
        assert all(review_id.startswith("train/") for review_id in trial.predictions.review_id)
    models = client.search_registered_models()
    assert {model.name for model in models} == {
        "synthetic-held-out-majority_class",
        "synthetic-held-out-bag_of_words_svm",
    }
    assert not any(model.aliases for model in models)

    assert "The same, bit for bit" in workspace.run("reproduce", "latest").output
    whole = workspace.run("run", "--dry-run", *words)
    assert "from the store" not in whole.output

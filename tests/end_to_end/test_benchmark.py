import json

import pytest

from benchmark.predictions_file import read_predictions
from tests.end_to_end.conftest import TINY, Workspace, trial_runs

pytestmark = pytest.mark.slow

TRIALS = [
    "lstm_dropout seed 0",
    "cnn_lstm seed 0",
    "cnn_lstm_tensorboard seed 0",
    "lstm_dropout seed 1",
    "cnn_lstm seed 1",
    "cnn_lstm_tensorboard seed 1",
]


def _artifacts(client, run_id, path=None):
    return {item.path for item in client.list_artifacts(run_id, path)}


def test_every_trial_is_a_finished_run_under_the_benchmark_run(finished_benchmark):
    assert [run.info.run_name for run in finished_benchmark.trial_runs] == TRIALS
    assert {run.info.status for run in finished_benchmark.trial_runs} == {"FINISHED"}


def test_the_benchmark_run_has_its_settings_its_corpus_and_its_means(finished_benchmark):
    run = finished_benchmark.benchmark_run
    assert run.info.status == "FINISHED"
    assert run.data.params["config.review_length"] == "40"
    assert run.data.tags["benchmark.corpus"] == "generated"
    assert run.data.tags["benchmark.comparable_to_paper"] == "false"
    assert len(run.data.tags["benchmark.corpus_digest"]) == 64
    means = {run.data.metrics[f"{name}.accuracy_mean"] for name in ("cnn_lstm", "cnn_lstm_tensorboard")}
    assert len(means) == 1


def test_epoch_metrics_have_the_epoch_as_their_step(finished_benchmark):
    client = finished_benchmark.workspace.client
    for run in finished_benchmark.trial_runs:
        for name in ("loss", "accuracy", "val_loss", "val_accuracy", "train_seconds", "evaluation_seconds"):
            assert [metric.step for metric in client.get_metric_history(run.info.run_id, name)] == [1, 2], name


def test_test_accuracy_is_that_of_the_last_epoch_and_of_the_saved_predictions(finished_benchmark, tmp_path):
    client = finished_benchmark.workspace.client
    for run in finished_benchmark.trial_runs:
        predictions = read_predictions(client.download_artifacts(run.info.run_id, "predictions.parquet", str(tmp_path)))
        accuracy = ((predictions.probability > 0.5) == predictions.label).mean()
        assert run.data.metrics["test_accuracy"] == pytest.approx(accuracy)
        last = client.get_metric_history(run.info.run_id, "val_accuracy")[-1]
        assert last.value == pytest.approx(accuracy)
        assert len(predictions.label) == 160


def test_the_corpus_is_a_dataset_of_each_trial_with_our_own_digest(finished_benchmark):
    for run in finished_benchmark.trial_runs:
        contexts = {tag.value for dataset in run.inputs.dataset_inputs for tag in dataset.tags}
        assert contexts == {"train", "test"}
        digest = finished_benchmark.benchmark_run.data.tags["benchmark.corpus_digest"]
        assert {dataset.dataset.digest[:20] for dataset in run.inputs.dataset_inputs} == {digest[:20]}


def test_only_the_tensorboard_architecture_has_tensorboard_logs(finished_benchmark):
    client = finished_benchmark.workspace.client
    for run in finished_benchmark.trial_runs:
        has = "tensorboard" in _artifacts(client, run.info.run_id)
        assert has == (run.data.tags["benchmark.architecture"] == "cnn_lstm_tensorboard")


def test_the_same_network_ends_with_the_same_weights(finished_benchmark):
    weights = {run.info.run_name: run.data.tags["benchmark.weights_sha256"] for run in finished_benchmark.trial_runs}
    for seed in (0, 1):
        assert weights[f"cnn_lstm seed {seed}"] == weights[f"cnn_lstm_tensorboard seed {seed}"]
    assert len(set(weights.values())) == 4


def test_another_process_gives_the_same_weights(finished_benchmark, workspace):
    again = workspace.run("run", "--architectures", "cnn_lstm", "--seeds", "1", *TINY)
    assert again.exit_code == 0, again.errors
    (run,) = [run for run in finished_benchmark.trial_runs if run.info.run_name == "cnn_lstm seed 1"]
    children = trial_runs(workspace.client, again.run_id)
    assert [child.data.tags["benchmark.weights_sha256"] for child in children] == [
        run.data.tags["benchmark.weights_sha256"]
    ]
    assert [child.data.tags["benchmark.fingerprint"] for child in children] == [run.data.tags["benchmark.fingerprint"]]


def test_each_trial_registers_a_version_under_the_generated_corpus_name_and_no_alias_moves(finished_benchmark):
    client = finished_benchmark.workspace.client
    models = {model.name: model for model in client.search_registered_models()}
    assert set(models) == {"generated-lstm_dropout", "generated-cnn_lstm", "generated-cnn_lstm_tensorboard"}
    for name, model in models.items():
        assert len(client.search_model_versions(f"name = '{name}'")) == 2
        assert not model.aliases


def test_the_report_is_in_the_store_and_in_the_folder(finished_benchmark):
    names = {"report.html", "report.md", "report.json", "trials.csv"}
    artifacts = _artifacts(finished_benchmark.workspace.client, finished_benchmark.ended.run_id, "report")
    assert names <= {path.removeprefix("report/") for path in artifacts}
    (folder,) = (finished_benchmark.workspace.folder / "reports").iterdir()
    assert names <= {path.name for path in folder.iterdir()}


def test_everything_says_that_the_corpus_is_generated(finished_benchmark):
    (folder,) = (finished_benchmark.workspace.folder / "reports").iterdir()
    assert "NOT the IMDB reviews" in finished_benchmark.ended.output
    for name in ("report.html", "report.md", "report.json"):
        assert "The reviews are generated from a grammar, not written by people" in (folder / name).read_text(), name
    for name in ("report.html", "report.md"):
        assert "Generated reviews: no verdict" in (folder / name).read_text(), name
    report = json.loads((folder / "report.json").read_text())
    assert report["comparable_to_paper"] is False
    assert {verdict["kind"] for verdict in report["verdicts"]} == {None}


def test_the_report_can_be_built_again_from_the_store_alone(finished_benchmark, tmp_path, cache):
    elsewhere = Workspace(tmp_path, cache / "not-there")
    first = finished_benchmark.workspace
    ended = elsewhere.run("report", "--run-id", finished_benchmark.ended.run_id, MLFLOW_TRACKING_URI=first.tracking_uri)
    assert ended.exit_code == 0, ended.errors
    (before,) = (first.folder / "reports").iterdir()
    (after,) = (tmp_path / "reports").iterdir()
    files = sorted(path.relative_to(before) for path in before.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(after) for path in after.rglob("*") if path.is_file())
    for name in files:
        assert (before / name).read_bytes() == (after / name).read_bytes(), name


def test_the_last_lines_say_where_to_look(finished_benchmark):
    output = finished_benchmark.ended.output
    assert "mlflow ui" in output
    assert "report.html" in output
    assert "load_model" in output

"""A finished benchmark: what is stored, what can be rebuilt from the store, what the models need."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest

from benchmark.corpus.load import load_corpus
from tests.end_to_end.conftest import Workspace, trial_runs
from tests.support.reviews import rows_of

pytestmark = pytest.mark.slow


def _by_name(record):
    return {trial.config.name: trial for trial in record.trials}


def test_every_planned_trial_is_a_finished_run_under_the_benchmark_run(finished):
    record = finished.record()
    assert record.complete
    assert finished.status(record) == "FINISHED"
    run, (_, accuracy) = finished.client.get_run(record.run_id), record.best
    assert run.data.metrics["best_accuracy"] == accuracy
    assert run.info.run_name.startswith(f"{accuracy:.2%} ")
    runs = trial_runs(finished.client, record.run_id)
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert {run.info.run_id for run in runs} == {trial.run_id for trial in record.trials}
    assert [(trial.config.seed, len(trial.result.epochs)) for trial in record.trials] == 3 * [(None, 0)] + [
        (0, 1),
        (1, 1),
    ]


def test_the_ladder_so_far_is_printed_after_each_turn_but_the_last(finished):
    printed = (finished.folder / "printed.txt").read_text()
    assert re.findall(r"So far, (\d) of 5 trials:", printed) == ["3", "4"]  # baselines, first seed


def test_the_report_is_rebuilt_byte_for_byte_from_the_store_alone(finished, tmp_path):
    elsewhere = Workspace(tmp_path, tmp_path / "empty_cache")
    ended = elsewhere.run("report", "latest", MLFLOW_TRACKING_URI=finished.tracking_uri)
    assert ended.exit_code == 0, ended.all_output
    (before,) = (finished.folder / "reports").iterdir()
    (after,) = (tmp_path / "reports").iterdir()
    files = sorted(path.relative_to(before) for path in before.rglob("*") if path.is_file())
    assert {"report.html", "reviews.html", "report.md", "report.json", "trials.csv"} <= {str(path) for path in files}
    reviews = rows_of((before / "reviews.html").read_text(encoding="utf-8"))
    assert len([row["text"] for row in reviews]) == finished.record().config.max_reviews
    assert files == sorted(path.relative_to(after) for path in after.rglob("*") if path.is_file())
    for name in files:
        assert (before / name).read_bytes() == (after / name).read_bytes(), name
    client = finished.client
    stored = client.download_artifacts(finished.record().run_id, "report/report.html", str(tmp_path))
    assert (before / "report.html").read_bytes() == Path(stored).read_bytes()


PREDICT = """
import json, sys, mlflow
folders, texts = json.load(sys.stdin)
for folder in folders:
    probability = mlflow.pyfunc.load_model(folder).predict(texts)["probability"].tolist()
    modules = {"benchmark", "models", "tracking", "tensorflow"} & sys.modules.keys()
    print(json.dumps([probability, list(modules)]))
"""


def test_registered_models_need_neither_our_source_nor_pickle_and_a_baseline_no_tensorflow(finished, tmp_path):
    trials = [_by_name(finished.record())[name] for name in ("bag_of_words_svm", "cnn_lstm seed 0")]
    texts = list(load_corpus("synthetic").test.raw_texts().values())[:20]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PREDICT],
        input=json.dumps([[trial.model_uri for trial in trials], texts]),
        cwd=tmp_path,
        env=finished.environment(PYTHONPATH="", MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    answers = map(json.loads, ended.stdout.strip().splitlines()[-2:])
    for trial, needed, (probability, modules) in zip(trials, ([], ["tensorflow"]), answers, strict=True):
        assert np.allclose(probability, trial.predictions.probability[:20], atol=1e-5)
        assert modules == needed


def test_models_that_are_evaluated_on_their_own_test_reviews_give_the_stored_predictions(finished, tmp_path):
    trial = _by_name(finished.record())["naive_bayes_logistic_5000"]
    predictions = trial.predictions
    of_label = np.where(predictions.label == 1, predictions.probability, 1 - predictions.probability)
    before = dict(zip(predictions.review_id.tolist(), of_label.tolist(), strict=True))
    texts = load_corpus("synthetic").test.raw_texts()
    rows = [{"id": name, "text": texts[name]} for name in before]
    table = pandas.DataFrame(rows).assign(label=predictions.label)
    table.to_csv(tmp_path / "other.csv", index=False)
    words = ("evaluate", trial.model_uri, "--data", str(tmp_path / "other.csv"), "--output", str(tmp_path))
    assert f"{100 * trial.accuracy:.2f}%" in finished.show(*words)
    (run,) = finished.store.search("attributes.run_name LIKE 'evaluation on %'")
    for name, score in trial.result.scores:
        assert run.data.metrics[f"test/{name}"] == pytest.approx(score, abs=1e-6)
    page = finished.client.download_artifacts(run.info.run_id, "report/reviews.html", str(tmp_path))
    after = {row["review"]: row["of naive_bayes_logistic_5000"] for row in rows_of(Path(page).read_text("utf-8"))}
    assert [after[f"test/{name}"] for name in before] == np.floor(100 * of_label).astype(int).tolist()


def test_each_trial_registers_a_version_under_a_synthetic_name(finished):
    client = finished.client
    trials = finished.record().trials
    models = {model.name: model for model in client.search_registered_models()}
    assert set(models) == {f"synthetic-{trial.config.architecture}" for trial in trials}
    assert len(client.search_model_versions()) == len(trials)

from dataclasses import replace

import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from tests.support.records import make_environment, make_record


def test_there_is_a_row_for_every_trial_and_the_failed_ones_say_why():
    record = make_record(["lstm"], failed=[("lstm", 8)])
    rows = analyse(record).trials
    assert [(row.seed, row.status) for row in rows] == [(7, "finished"), (8, "failed"), (9, "finished")]
    assert rows[1].failure == "ResourceExhaustedError: out of memory"
    assert rows[1].test_accuracy is None
    assert rows[0].run_id == record.trials[0].run_id
    assert rows[0].wilson.low < rows[0].test_accuracy < rows[0].wilson.high


def test_scores_come_from_the_predictions_and_not_from_what_was_logged():
    record = make_record(["lstm"])
    first, *rest = record.trials
    wrong = first.result.model_copy(update={"test_accuracy": 0.999})
    analysis = analyse(replace(record, trials=(replace(first, result=wrong), *rest)))
    found = np.mean((first.predictions.probability > 0.5) == first.predictions.label)
    assert analysis.trials[0].test_accuracy == pytest.approx(found)
    assert any(caveat.code == "logged-scores-differ" for caveat in analysis.caveats)


def test_an_outlier_is_marked_in_its_row():
    values = {("lstm", 7): 0.87, ("lstm", 8): 0.78, ("lstm", 9): 0.8725}
    rows = analyse(make_record(["lstm"], accuracies=values)).trials
    assert [row.is_outlier for row in rows] == [False, True, False]


def test_rebuild_instructions_name_commit_requirements_and_every_setting():
    record = make_record(["lstm"], (7,), data="my reviews/aclImdb", epochs=2, limit=300)
    assert analyse(record).trials[0].rebuild == (
        "git checkout 0123456789abcdef0123456789abcdef01234567",
        "python -m pip install -r requirements.txt",
        "TF_NUM_INTRAOP_THREADS=2 python -m benchmark run --architectures lstm --seeds 7 --epochs 2 --batch-size 64 "
        "--vocabulary-size 5000 --review-length 500 --limit 300 --device cpu --data path/to/aclImdb",
    )


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"threads": 1}, "TF_NUM_INTRAOP_THREADS=1 python -m benchmark run "),
        ({"threads": 1, "device_kind": "gpu"}, "python -m benchmark run "),
        (
            {"numeric_variables": {"XLA_FLAGS": "--a --b"}},
            "XLA_FLAGS='--a --b' TF_NUM_INTRAOP_THREADS=2 python -m benchmark run ",
        ),
    ],
)
def test_a_trial_is_rebuilt_with_the_threads_and_variables_that_decided_its_weights(environment, command):
    record = make_record(["lstm"], (7,))
    (trial,) = record.trials
    result = trial.result.model_copy(update={"environment": make_environment(**environment)})
    (row,) = analyse(replace(record, trials=(replace(trial, result=result),))).trials
    assert row.rebuild[-1].startswith(command)


def test_mean_curves_are_the_mean_of_the_trials_curves():
    analysis = analyse(make_record(["lstm"]))
    second = [one.val_accuracy for one in analysis.learning_curves if one.epoch == 2]
    mean = next(one for one in analysis.mean_curves if one.epoch == 2)
    assert len(second) == mean.trials == 3
    assert mean.val_accuracy == pytest.approx(np.mean(second))


def test_the_tutorials_epochs_are_those_of_the_planned_architectures():
    curves = analyse(make_record(["lstm", "cnn_lstm"])).tutorial_curves
    assert [(one.architecture, one.epoch) for one in curves] == [
        (name, epoch) for name in ("lstm", "cnn_lstm") for epoch in (1, 2, 3)
    ]
    assert curves[0].val_accuracy == 0.8468
    assert curves[-1].val_accuracy is None


def test_cost_is_the_sum_over_the_trials():
    record = make_record(["lstm"])
    cost = analyse(record).cost
    assert cost.trials_timed == 3
    assert cost.total_wall_seconds == pytest.approx(sum(trial.result.wall_seconds for trial in record.trials))
    assert 0 < cost.training_share < 1


def test_what_differs_between_the_trials_environments_is_named():
    record = make_record(["lstm"])
    first, *rest = record.trials
    versions = make_environment().versions | {"keras": "3.0.0"}
    other = first.result.model_copy(update={"environment": make_environment(threads=16, versions=versions)})
    analysis = analyse(replace(record, trials=(replace(first, result=other), *rest)))
    assert analysis.provenance.environments_differ == ("threads", "version of keras")
    assert any(caveat.code == "environments-differ" for caveat in analysis.caveats)


def test_provenance_falls_back_on_a_trials_environment():
    record = make_record(["lstm"])
    found = analyse(replace(record, environment=None)).provenance
    assert found.environment == make_environment()
    assert found.corpus_digest == record.corpus.digest


def test_a_report_does_not_tell_the_password_of_the_store():
    record = replace(make_record(["lstm"], seeds=[7]), tracking_uri="postgresql://reader:secret@host:5432/mlflow")
    assert analyse(record).provenance.tracking_uri == "postgresql://reader:***@host:5432/mlflow"
    record = replace(record, tracking_uri="http://127.0.0.1:5000")
    assert analyse(record).provenance.tracking_uri == "http://127.0.0.1:5000"

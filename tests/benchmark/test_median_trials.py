"""One trial stands for each architecture, and it is neither its best nor its worst."""

from dataclasses import replace

import pytest

from benchmark.median_trials import median_trials
from tests.support.records import make_record


def with_accuracies(record, accuracies):
    """Let the trials have reached these accuracies, in the order of their seeds."""
    return replace(
        record,
        trials=tuple(
            replace(trial, result=trial.result.model_copy(update={"test_accuracy": accuracy}))
            for trial, accuracy in zip(record.trials, accuracies, strict=True)
        ),
    )


@pytest.mark.parametrize(
    ("accuracies", "expected"), [((0.8, 0.9, 0.7), 0.8), ((0.8, 0.9, 0.7, 0.6), 0.7), ((0.5,), 0.5)]
)
def test_the_median_trial_is_the_middle_one_or_the_lower_of_two(accuracies, expected):
    record = with_accuracies(make_record(["lstm"], range(len(accuracies))), accuracies)
    assert median_trials(record)["lstm"].result.test_accuracy == expected


def test_an_architecture_without_a_finished_trial_has_none():
    record = make_record(["lstm", "cnn_lstm"], [7], failed=[("lstm", 7)])
    assert list(median_trials(record)) == ["cnn_lstm"]

"""Runs of the microbenchmarks in a store."""

from dataclasses import replace

import pytest

from benchmark.errors import UserError
from benchmark.microbenchmarks import read_timings
from tests.support.timings import timing_entry, write_timings
from tracking.microbenchmark_runs import log_microbenchmarks, read_microbenchmarks

FACTS = {"cpu_model": "Some CPU", "git_commit": "0123456"}


@pytest.fixture
def json_file(tmp_path):
    return write_timings(tmp_path / "timings.json", timing_entry("step[lstm]", 0.09, 0.004, 20, reviews=64))


def test_the_timings_are_metrics_and_the_machine_params(store, json_file):
    run = store.client.get_run(log_microbenchmarks(store, json_file, FACTS, succeeded=True))
    assert run.info.status == "FINISHED"
    assert run.data.params == FACTS
    assert run.data.metrics == {
        "median_seconds/step.lstm": 0.09,
        "min_seconds/step.lstm": 0.086,
        "iqr_seconds/step.lstm": 0.004,
        "rounds/step.lstm": 20,
    }


def test_what_was_logged_is_read_back(store, json_file):
    run_id = log_microbenchmarks(store, json_file, FACTS, succeeded=True)
    stored = read_microbenchmarks(store, run_id)
    assert (stored.run_id, stored.timings) == (run_id, read_timings(json_file))


def test_latest_is_the_newest_that_did_not_fail(store, json_file):
    good = log_microbenchmarks(store, json_file, FACTS, succeeded=True)
    failed = log_microbenchmarks(store, json_file, FACTS, succeeded=False)
    assert store.client.get_run(failed).info.status == "FAILED"
    assert read_microbenchmarks(store, "latest").run_id == good


def test_the_run_that_mlflow_run_started_is_taken_over(store, json_file):
    started = store.client.create_run(store.experiment_id).info.run_id
    assert log_microbenchmarks(replace(store, started_run_id=started), json_file, FACTS, succeeded=True) == started


def test_no_earlier_run_is_said_in_one_line(store):
    with pytest.raises(UserError, match="--compare: there is no finished run"):
        read_microbenchmarks(store, "latest")


def test_another_kind_of_run_is_refused(store):
    other = store.client.create_run(store.experiment_id).info.run_id
    with pytest.raises(UserError, match="not one of the microbenchmarks"):
        read_microbenchmarks(store, other)

"""What was tracked is read back whole, from MLflow alone."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.events import TrialFailed, TrialFinished, TrialStarted, WorkerReady
from benchmark.results import Execution, HardReview
from tests.support.outcomes import events_of, small_config, write_outcome
from tests.support.records import make_corpus_facts, make_environment
from tracking.records import read_benchmark, read_trial, whole_trials
from tracking.runs import BenchmarkTracker
from tracking.store import Store

OpenTracker = Callable[..., BenchmarkTracker]

FOUR = small_config(architectures=("lstm", "cnn_lstm"), seeds=(7, 8))


def run_all(tracker: BenchmarkTracker, config: BenchmarkConfig, spool: Path) -> dict:
    """Finish every trial, and give what each left."""
    outcomes = {}
    for trial in config.trials():
        for event in events_of(trial, spool):
            tracker.handle(event)
            if isinstance(event, TrialFinished):
                outcomes[trial] = event.outcome.result
    return outcomes


def test_a_benchmark_is_read_back_as_it_was_tracked(store: Store, open_tracker: OpenTracker, tmp_path: Path) -> None:
    with open_tracker(FOUR) as tracker:
        results = run_all(tracker, FOUR, tmp_path / "spool")
        tracker.log_hard_reviews([HardReview("test/neg/1", "schön <b>&"), HardReview("test/2", None)])
    record = read_benchmark(store.client, tracker.run_id)
    assert record.config == FOUR
    assert record.corpus == make_corpus_facts()
    assert record.environment == make_environment()
    assert record.status == "finished"
    assert record.complete
    assert record.command == "python -m benchmark run"
    assert record.tracking_uri == store.tracking_uri
    assert record.hard_reviews == (HardReview("test/neg/1", "schön <b>&"), HardReview("test/2", None))
    assert {trial.config: trial.result for trial in record.trials} == results
    first = record.trials[0]
    expected = write_outcome(tmp_path / "again", FOUR.trials()[0])
    assert first.result == expected.result
    assert first.model_uri is not None
    assert first.model_uri.startswith("models:/m-")
    assert first.registered_version == "imdb-lstm version 1"


def test_predictions_are_read_back_bit_for_bit(store: Store, open_tracker: OpenTracker, tmp_path: Path) -> None:
    from benchmark.predictions_file import read_predictions

    config = small_config()
    outcome = write_outcome(tmp_path / "kept", config.trials()[0])
    shutil.copytree(tmp_path / "kept", tmp_path / "sent")
    with open_tracker(config) as tracker:
        tracker.handle(TrialStarted(config.trials()[0]))
        tracker.handle(TrialFinished(config.trials()[0], type(outcome)(outcome.result, tmp_path / "sent")))
    (trial,) = read_benchmark(store.client, tracker.run_id).trials
    kept = read_predictions(tmp_path / "kept" / "predictions.parquet")
    for column in ("review_id", "label", "probability", "words"):
        np.testing.assert_array_equal(getattr(trial.predictions, column), getattr(kept, column), strict=True)


def test_predictions_share_in_memory_what_is_the_same(store: Store, open_tracker: OpenTracker, tmp_path: Path) -> None:
    with open_tracker(FOUR) as tracker:
        run_all(tracker, FOUR, tmp_path / "spool")
    record = read_benchmark(store.client, tracker.run_id)
    assert len({id(trial.predictions.review_id) for trial in record.trials}) == 1
    assert len({id(trial.predictions.probability) for trial in record.trials}) == 4


def test_every_planned_trial_is_there_whatever_became_of_it(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    finished, failed, running, _planned = FOUR.trials()
    tracker = open_tracker(FOUR)
    for event in events_of(finished, tmp_path / "spool"):
        tracker.handle(event)
    tracker.handle(TrialStarted(failed))
    tracker.handle(TrialFailed(failed, "out of memory", ""))
    tracker.handle(TrialStarted(running))
    record = read_benchmark(store.client, tracker.run_id)
    assert [trial.status for trial in record.trials] == ["finished", "failed", "running", "planned"]
    assert [trial.config for trial in record.trials] == FOUR.trials()
    assert record.trials[1].failure == "out of memory"
    assert not record.complete


def test_a_trial_that_failed_and_then_finished_counts_as_finished(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config()
    (trial,) = config.trials()
    with open_tracker(config) as tracker:
        tracker.handle(TrialStarted(trial))
        tracker.handle(TrialFailed(trial, "out of memory", ""))
    with open_tracker(config, resume_run_id=tracker.run_id) as resumed:
        run_all(resumed, config, tmp_path / "spool")
    record = read_benchmark(store.client, tracker.run_id)
    assert [trial.status for trial in record.trials] == ["finished"]
    assert record.status == "finished"


def test_a_trial_of_another_benchmark_can_be_taken_over(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config()
    with open_tracker(config) as first:
        run_all(first, config, tmp_path / "spool")
    (donor,) = read_benchmark(store.client, first.run_id).trials
    with open_tracker(config) as second:
        second.take_over(donor.config, donor.run_id)
    (taken,) = read_benchmark(store.client, second.run_id).trials
    assert (taken.run_id, taken.result) == (donor.run_id, donor.result)


def test_a_finished_trial_whose_predictions_are_gone_counts_as_failed(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, database: Path
) -> None:
    with open_tracker(small_config()) as tracker:
        run_all(tracker, small_config(), tmp_path / "spool")
    (path,) = database.parent.glob("mlruns/**/predictions.parquet")
    path.unlink()
    (trial,) = read_benchmark(store.client, tracker.run_id).trials
    assert trial.status == "failed"
    assert trial.failure is not None
    assert trial.failure.startswith("its results cannot be read: ")


def test_finished_trials_are_found_with_their_fingerprints(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    with open_tracker(FOUR) as tracker:
        results = run_all(tracker, FOUR, tmp_path / "spool")
    found = whole_trials(store.client, store.experiment_id)
    assert set(found.values()) == {result.fingerprint for result in results.values()}


@pytest.mark.parametrize("lost", ["predictions.parquet", "trial.json", "MLmodel", "model.keras"])
def test_a_trial_of_which_a_file_is_lost_is_not_among_the_whole_ones(
    store: Store, open_tracker: OpenTracker, tmp_path: Path, database: Path, lost: str
) -> None:
    with open_tracker(small_config()) as tracker:
        run_all(tracker, small_config(), tmp_path / "spool")
    (path,) = database.parent.glob(f"mlruns/**/{lost}")
    path.unlink()
    assert whole_trials(store.client, store.experiment_id) == {}


def test_a_trial_that_is_trained_again_counts_as_what_became_of_it_then(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    again, kept = small_config(seeds=(7, 8)).trials()
    with open_tracker(small_config(seeds=(7, 8))) as tracker:
        run_all(tracker, small_config(seeds=(7, 8)), tmp_path / "spool")
    with open_tracker(small_config(seeds=(7, 8)), resume_run_id=tracker.run_id) as resumed:
        resumed.supersede([again])
        assert [trial.status for trial in read_benchmark(store.client, tracker.run_id).trials] == [
            "planned",
            "finished",
        ]
        resumed.handle(TrialStarted(again))
        resumed.handle(TrialFailed(again, "out of memory", ""))
    record = read_benchmark(store.client, tracker.run_id)
    assert {trial.config: trial.status for trial in record.trials} == {again: "failed", kept: "finished"}


def test_a_trial_that_was_taken_over_and_is_trained_again_is_not_the_donor_s_any_more(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config()
    with open_tracker(config) as first:
        run_all(first, config, tmp_path / "spool")
    (donor,) = read_benchmark(store.client, first.run_id).trials
    with open_tracker(config) as second:
        second.take_over(donor.config, donor.run_id)
        second.supersede([donor.config])
        run_all(second, config, tmp_path / "spool")
    (trained,) = read_benchmark(store.client, second.run_id).trials
    assert trained.status == "finished"
    assert trained.run_id != donor.run_id
    assert read_benchmark(store.client, first.run_id).complete


def test_a_superseded_run_can_be_taken_over_again(store: Store, open_tracker: OpenTracker, tmp_path: Path) -> None:
    config = small_config()
    with open_tracker(config) as tracker:
        run_all(tracker, config, tmp_path / "spool")
        (trial,) = read_benchmark(store.client, tracker.run_id).trials
        tracker.supersede([trial.config])
        tracker.take_over(trial.config, trial.run_id)
    assert [trial.run_id for trial in read_benchmark(store.client, tracker.run_id).trials] == [trial.run_id]


def test_an_attempt_that_failed_is_seen_until_its_trial_is_trained_again(
    store: Store, open_tracker: OpenTracker
) -> None:
    (trial,) = small_config().trials()
    with open_tracker(small_config()) as tracker:
        tracker.handle(TrialStarted(trial))
        tracker.handle(TrialFailed(trial, "out of memory", ""))
        tracker.supersede([trial])
    assert [trial.failure for trial in read_benchmark(store.client, tracker.run_id).trials] == ["out of memory"]


def test_of_two_runs_taken_over_for_one_trial_the_later_choice_counts(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config()
    (trial,) = config.trials()
    donors = []
    for _ in range(2):
        with open_tracker(config) as tracker:
            run_all(tracker, config, tmp_path / "spool")
        donors.append(read_benchmark(store.client, tracker.run_id).trials[0].run_id)
    with open_tracker(config) as taker:
        for run_id in (*donors, donors[0]):
            taker.take_over(trial, run_id)
    assert [trial.run_id for trial in read_benchmark(store.client, taker.run_id).trials] == [donors[0]]


def test_a_trial_s_run_that_was_cut_short_before_it_had_its_settings_is_passed_over(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    with open_tracker(small_config()) as tracker:
        tags = {"mlflow.parentRunId": tracker.run_id, "benchmark.kind": "trial"}
        empty = store.client.create_run(store.experiment_id, tags=tags).info.run_id
        store.client.create_run(store.experiment_id, tags={"mlflow.parentRunId": tracker.run_id})
        assert [trial.status for trial in read_benchmark(store.client, tracker.run_id).trials] == ["planned"]
        run_all(tracker, small_config(), tmp_path / "spool")
    assert read_benchmark(store.client, tracker.run_id).complete
    with pytest.raises(UserError, match="is not a trial run"):
        read_trial(store.client, empty)


def test_a_benchmark_whose_donor_was_deleted_for_good_can_be_read(store: Store, open_tracker: OpenTracker) -> None:
    with open_tracker(small_config()) as tracker:
        tracker.take_over(small_config().trials()[0], "0" * 32)
    assert [trial.status for trial in read_benchmark(store.client, tracker.run_id).trials] == ["planned"]


def test_a_benchmark_that_is_resumed_with_nothing_left_to_train_keeps_its_environment(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    with open_tracker(small_config()) as tracker:
        run_all(tracker, small_config(), tmp_path / "spool")
    with open_tracker(small_config(), resume_run_id=tracker.run_id):
        pass
    assert read_benchmark(store.client, tracker.run_id).environment == make_environment()


def test_how_trials_were_run_is_kept_once_for_each_way(store: Store, open_tracker: OpenTracker) -> None:
    side_by_side = Execution(executor="ray", trials_at_once=4, cpus_per_trial=2, gpus_per_trial=0)
    with open_tracker(small_config()) as tracker:
        tracker.handle(WorkerReady(make_environment(), side_by_side))
    with open_tracker(small_config(), resume_run_id=tracker.run_id) as tracker:
        for execution in (Execution(), side_by_side):
            tracker.handle(WorkerReady(make_environment(), execution))
    assert read_benchmark(store.client, tracker.run_id).executions == (side_by_side, Execution())


def test_a_benchmark_that_was_logged_without_how_it_was_run_can_be_read(
    store: Store, open_tracker: OpenTracker
) -> None:
    with open_tracker(small_config()) as tracker:
        tracker.handle(WorkerReady(make_environment()))
    facts = store.client.download_artifacts(tracker.run_id, "benchmark.json")
    old = json.loads(Path(facts).read_text())
    del old["executions"]
    store.client.log_text(tracker.run_id, json.dumps(old), "benchmark.json")
    record = read_benchmark(store.client, tracker.run_id)
    assert (record.executions, record.environment) == ((), make_environment())


def test_what_was_there_when_training_was_forced_is_not_taken_over_whatever_came_of_that(
    store: Store, open_tracker: OpenTracker, tmp_path: Path
) -> None:
    config = small_config()
    (trial,) = config.trials()
    with open_tracker(config) as tracker:
        run_all(tracker, config, tmp_path / "spool")
    assert len(whole_trials(store.client, store.experiment_id)) == 1
    with open_tracker(config, resume_run_id=tracker.run_id) as forced:
        forced.distrust_what_is_there()
        forced.supersede([trial])
        forced.handle(TrialStarted(trial))
        forced.handle(TrialFailed(trial, "out of memory", ""))
    begun = read_benchmark(store.client, tracker.run_id)
    assert [one.status for one in begun.trials] == ["failed"]
    assert whole_trials(store.client, store.experiment_id, begun.trusted_since_ms) == {}
    with open_tracker(config, resume_run_id=tracker.run_id) as resumed:
        run_all(resumed, config, tmp_path / "spool")
    begun = read_benchmark(store.client, tracker.run_id)
    again = whole_trials(store.client, store.experiment_id, begun.trusted_since_ms)
    assert list(again) == [begun.trials[0].run_id]

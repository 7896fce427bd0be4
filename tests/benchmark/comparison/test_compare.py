from dataclasses import replace

import pytest

from benchmark.comparison import Thresholds, compare
from benchmark.errors import UserError
from benchmark.results import Execution
from benchmark.statistics.paired import holm
from tests.support.changed_records import slower, with_results, worse
from tests.support.records import make_environment, make_record

BASE = make_record()


def _of(comparison, architecture):
    return next(one for one in comparison.architectures if one.architecture == architecture)


def test_a_benchmark_against_itself_has_the_same_weights_no_change_and_no_regression():
    found = compare(BASE, BASE, Thresholds())
    assert found.passed
    assert found.differences == ()
    for one in found.architectures:
        assert one.identical
        assert one.accuracy.change == 0
        assert one.accuracy.p_value == 1
        assert one.seconds_per_epoch.change == pytest.approx(1)
        assert "the same weights with every shared seed" in one.sentence


def test_the_same_seeds_on_the_same_reviews_are_paired_by_both():
    one = _of(compare(BASE, worse(BASE, 2), Thresholds()), "cnn_lstm")
    assert one.pairing == "seeds and reviews"
    assert one.seeds_compared == (7, 8, 9)
    assert one.accuracy.method == "paired by seed and review"


def test_the_change_of_accuracy_is_that_of_the_means_in_points():
    one = _of(compare(BASE, worse(BASE, 2), Thresholds()), "cnn_lstm")
    assert one.accuracy.change == pytest.approx(100 * (one.accuracy.candidate.mean - one.accuracy.baseline.mean))
    assert one.accuracy.interval.low < one.accuracy.change < one.accuracy.interval.high


def test_other_seeds_are_compared_unpaired():
    one = _of(compare(BASE, make_record(seeds=(1, 2, 3, 4)), Thresholds()), "cnn_lstm")
    assert one.pairing == "reviews"
    assert one.seeds_compared == ()
    assert (one.accuracy.baseline.n, one.accuracy.candidate.n) == (3, 4)
    assert "Welch" in one.accuracy.method


def test_other_test_reviews_are_never_paired():
    found = compare(BASE, make_record(reviews=300), Thresholds())
    assert not found.same_reviews
    assert {one.pairing for one in found.architectures} == {"none"}
    assert "different-reviews" in {caveat.code for caveat in found.caveats}


def test_with_two_shared_seeds_or_more_only_these_are_compared():
    one = _of(compare(BASE, make_record(seeds=(8, 9, 10)), Thresholds()), "lstm")
    assert one.seeds_compared == (8, 9)
    assert one.accuracy.baseline.n == one.accuracy.candidate.n == 2
    assert [row.seed for row in one.seeds] == [7, 8, 9, 10]


def test_one_shared_seed_of_several_pairs_nothing():
    assert _of(compare(BASE, make_record(seeds=(9, 10)), Thresholds()), "lstm").seeds_compared == ()


def test_a_single_shared_seed_compares_two_trained_models():
    found = compare(make_record(seeds=(7,)), make_record(seeds=(7, 8)), Thresholds())
    one = _of(found, "lstm")
    assert one.seeds_compared == (7,)
    assert "McNemar" in one.accuracy.method
    assert one.accuracy.interval is not None
    assert one.loss.interval is None
    assert one.seconds_per_epoch.shown is None
    assert "one-seed" in {caveat.code for caveat in found.caveats}


def test_one_seed_against_other_seeds_leaves_the_interval_unknown():
    one = _of(compare(make_record(seeds=(1,)), BASE, Thresholds()), "lstm")
    assert one.accuracy.interval is None
    assert "unknown (one seed)" in one.sentence


def test_the_ratio_of_times_is_the_candidates_over_the_baselines():
    one = _of(compare(BASE, slower(BASE, 2), Thresholds(max_slowdown=3)), "lstm")
    assert one.seconds_per_epoch.change_is_ratio
    assert one.seconds_per_epoch.change == pytest.approx(2)
    assert one.seconds_per_epoch.shown


def test_p_values_are_adjusted_over_the_architectures_of_one_quantity():
    found = compare(BASE, worse(BASE, 2), Thresholds())
    for quantity in ("accuracy", "loss", "seconds_per_epoch", "peak_memory_mb"):
        figures = [getattr(one, quantity) for one in found.architectures]
        assert [one.p_value_holm for one in figures] == pytest.approx(holm([one.p_value for one in figures]))


def test_equal_weights_on_both_sides_are_one_hypothesis_of_accuracy_and_two_of_time():
    names = ("lstm", "cnn_lstm", "cnn_lstm_tensorboard")
    found = compare(make_record(names, seeds=(1, 2, 3)), make_record(names, seeds=(4, 5, 6)), Thresholds())
    lstm, first, again = (one.accuracy for one in found.architectures)
    assert again.p_value_holm == first.p_value_holm
    assert [lstm.p_value_holm, first.p_value_holm] == pytest.approx(holm([lstm.p_value, first.p_value]))
    times = [one.seconds_per_epoch for one in found.architectures]
    assert [one.p_value_holm for one in times] == pytest.approx(holm([one.p_value for one in times]))


def test_a_comparison_names_files_but_no_folder_and_no_password():
    names = ("lstm", "cnn_lstm")
    before = make_record(names, data="/home/me/aclImdb_v1.tar.gz")
    before = replace(before, command=before.config.command(), tracking_uri="postgresql://me:secret@db/mlflow")
    now = make_record(names, failed=[("lstm", seed) for seed in (7, 8, 9)], data="/home/you/aclImdb_v1.tar.gz")
    failed = "OperationalError: postgresql://me:secret@db/mlflow: no space left for /home/me/spool/model.keras"
    trials = tuple(replace(one, failure=failed) if one.failure else one for one in now.trials)
    found = compare(before, replace(now, trials=trials, run_id="c" * 32), Thresholds())
    told = found.model_dump_json()
    assert "path/to/aclImdb_v1.tar.gz" in told
    assert "no space left for path/to/model.keras" in found.regressions[0].sentence
    assert not any(secret in told for secret in ("/home/me", "/home/you", "secret"))


def test_the_same_file_in_another_folder_is_no_difference():
    before, now = (make_record(("lstm",), data=f"/home/{name}/aclImdb_v1.tar.gz") for name in ("me", "you"))
    assert compare(before, now, Thresholds()).differences == ()


def test_architectures_of_one_side_alone_are_listed():
    found = compare(make_record(("lstm", "cnn_lstm")), make_record(("cnn_lstm", "lstm_dropout")), Thresholds())
    assert [one.architecture for one in found.architectures] == ["cnn_lstm"]
    assert found.only_in_baseline == ("lstm",)
    assert found.only_in_candidate == ("lstm_dropout",)


def test_nothing_in_common_is_refused_with_what_each_side_has():
    with pytest.raises(UserError, match="no architecture in common: finished are lstm and finished are cnn_lstm"):
        compare(make_record(("lstm",)), make_record(("cnn_lstm",)), Thresholds())


def test_a_side_without_finished_trials_is_refused():
    nothing = make_record(("lstm",), (7,), failed=[("lstm", 7)])
    with pytest.raises(UserError, match="finished are lstm and none finished"):
        compare(make_record(("lstm",), (7,)), nothing, Thresholds())


def test_settings_that_differ_are_shown_with_both_values():
    found = compare(BASE, make_record(epochs=2, seeds=(7, 8)), Thresholds())
    differing = {one.name: (one.group, one.baseline, one.candidate) for one in found.differences}
    assert differing["epochs"] == ("settings", "3", "2")
    assert differing["seeds"] == ("settings", "7, 8, 9", "7, 8")
    assert "batch size" not in differing


def test_versions_and_machines_that_differ_are_shown_with_both_values():
    versions = make_environment().versions | {"tensorflow": "2.20.0"}
    candidate = with_results(
        BASE,
        lambda result: result.model_copy(update={"environment": make_environment(versions=versions, threads=8)}),
    )
    found = compare(BASE, candidate, Thresholds())
    differing = {one.name: (one.baseline, one.candidate) for one in found.differences}
    assert differing == {"threads": ("2", "8"), "tensorflow version": ("2.21.0", "2.20.0")}
    assert "different-machines" in {caveat.code for caveat in found.caveats}


def test_time_of_trials_side_by_side_against_trials_alone_is_warned_of():
    def codes(*sides):
        found = compare(*(replace(BASE, executions=executions) for executions in sides), Thresholds())
        return {caveat.code for caveat in found.caveats}

    alone, side_by_side = (Execution(),), (Execution(executor="ray", trials_at_once=2, cpus_per_trial=1),)
    assert "run-otherwise" in codes(alone, side_by_side)
    assert "run-otherwise" in codes(side_by_side, ())
    assert "run-otherwise" not in codes(side_by_side, side_by_side)
    assert "run-otherwise" not in codes((), alone)


def test_a_benchmark_that_ran_on_two_machines_shows_both():
    result = BASE.trials[0].result.model_copy(update={"environment": make_environment(threads=8)})
    candidate = replace(BASE, trials=(replace(BASE.trials[0], result=result), *BASE.trials[1:]))
    (difference,) = compare(BASE, candidate, Thresholds()).differences
    assert (difference.name, difference.baseline, difference.candidate) == ("threads", "2", "8 and 2")


def test_a_changed_source_of_an_architecture_is_named():
    def change(result):
        source = "new" if result.config.architecture == "lstm" else "old"
        return result.model_copy(update={"fingerprint_parts": {"architecture source": source}})

    baseline = with_results(
        BASE, lambda result: result.model_copy(update={"fingerprint_parts": {"architecture source": "old"}})
    )
    (difference,) = compare(baseline, with_results(BASE, change), Thresholds()).differences
    assert (difference.group, difference.name) == ("architecture", "source of lstm")


def test_different_corpora_are_warned_of():
    found = compare(BASE, make_record(corpus_kind="custom"), Thresholds())
    assert "different-corpora" in {caveat.code for caveat in found.caveats if caveat.severity == "warning"}
    assert "corpus" in {one.group for one in found.differences}


def test_an_outlier_is_named():
    found = compare(BASE, make_record(accuracies={("lstm", 8): 0.7}), Thresholds())
    assert [row.seed for row in _of(found, "lstm").seeds if row.is_outlier] == [8]
    assert "outlier" in {caveat.code for caveat in found.caveats}


def test_equal_fingerprints_with_other_weights_are_warned_of():
    changed = with_results(BASE, lambda result: result.model_copy(update={"weights_sha256": "0" * 64}))
    found = compare(BASE, changed, Thresholds())
    assert "same-fingerprint-other-weights" in {caveat.code for caveat in found.caveats}


def test_epochs_that_only_one_side_has_are_kept():
    one = _of(compare(BASE, make_record(epochs=2), Thresholds()), "lstm")
    assert [row.epoch for row in one.epochs] == [1, 2, 3]
    assert one.epochs[2].candidate_accuracy is None
    assert one.epochs[2].baseline_accuracy is not None


def test_a_comparison_survives_json():
    found = compare(BASE, worse(BASE, 2), Thresholds())
    assert type(found).model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("seeds", [(7,), (7, 8, 9)])
def test_the_same_records_always_give_the_same_comparison(seeds):
    one, other = make_record(seeds=seeds), make_record(seeds=seeds, epochs=2)
    assert compare(one, other, Thresholds()) == compare(one, other, Thresholds())

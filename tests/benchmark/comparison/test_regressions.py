import pytest
from pydantic import ValidationError

from benchmark.comparison import Thresholds, compare
from tests.support.changed_records import slower, worse
from tests.support.records import make_record

BASE = make_record(("lstm", "cnn_lstm"))
SCATTERED = make_record(("lstm", "cnn_lstm"), accuracies={("lstm", 7): 0.70, ("lstm", 8): 0.88})


def _kinds(candidate, **thresholds):
    return [(one.architecture, one.kind) for one in compare(BASE, candidate, Thresholds(**thresholds)).regressions]


def test_a_loss_of_accuracy_beyond_the_threshold_is_a_regression_of_that_architecture_alone():
    assert _kinds(worse(BASE, 2), max_accuracy_drop_points=1.5) == [("cnn_lstm", "accuracy")]


def test_a_loss_of_just_the_threshold_is_none():
    change = compare(BASE, worse(BASE, 2), Thresholds()).architectures[1].accuracy.change
    assert _kinds(worse(BASE, 2), max_accuracy_drop_points=-change) == []


def test_a_gain_of_accuracy_is_no_regression():
    assert _kinds(worse(BASE, -3), max_accuracy_drop_points=0) == []


def test_an_epoch_that_takes_longer_than_allowed_is_a_regression():
    assert _kinds(slower(BASE, 1.4), max_slowdown=1.3) == [("lstm", "time"), ("cnn_lstm", "time")]
    assert _kinds(slower(BASE, 1.4), max_slowdown=1.5) == []


def test_a_faster_epoch_is_no_regression():
    assert _kinds(slower(BASE, 0.2), max_slowdown=1) == []


def test_a_planned_architecture_without_a_finished_trial_is_a_regression():
    failed = [("lstm", seed) for seed in (7, 8, 9)]
    found = compare(BASE, make_record(("lstm", "cnn_lstm"), failed=failed), Thresholds())
    assert [(one.architecture, one.kind) for one in found.regressions] == [("lstm", "no trial")]
    assert "ResourceExhaustedError: out of memory" in found.regressions[0].sentence


@pytest.mark.parametrize(
    ("changes", "unjudged"),
    [
        ({"limit": 100}, {"time"}),
        ({"review_length": 100}, {"time"}),
        ({"reviews": 1_000}, {"time", "accuracy"}),
    ],
)
def test_what_is_not_the_same_question_is_not_judged_and_the_headline_says_so(changes, unjudged):
    bad = {("cnn_lstm", seed): 0.6 for seed in (7, 8, 9)}
    candidate = slower(make_record(("lstm", "cnn_lstm"), accuracies=bad, **changes), 5)
    found = compare(BASE, candidate, Thresholds())
    assert ("Time is not judged: an epoch is not the same work on both sides." in found.headline) == (
        "time" in unjudged
    )
    assert ("Accuracy is not judged: the two were not tested" in found.headline) == ("accuracy" in unjudged)
    assert {one.kind for one in found.regressions} == {"time", "accuracy"} - unjudged


def test_a_limit_that_the_corpus_does_not_reach_changes_no_work():
    assert "not judged" not in compare(BASE, make_record(("lstm", "cnn_lstm"), limit=1_000_000), Thresholds()).headline


def test_an_architecture_that_was_not_planned_is_no_regression():
    assert _kinds(make_record(("cnn_lstm",))) == []


def test_whether_chance_can_be_left_out_is_said_and_does_not_decide():
    certain = compare(BASE, worse(BASE, 20), Thresholds())
    assert certain.regressions[0].shown
    assert "beyond chance (Holm p" in certain.regressions[0].sentence

    uncertain = compare(BASE, SCATTERED, Thresholds())
    assert uncertain.regressions[0].shown is False
    assert "which may be chance (Holm p" in uncertain.regressions[0].sentence
    assert not certain.passed
    assert not uncertain.passed


def test_where_only_certain_ones_count_one_that_may_be_chance_is_told_and_does_not_count():
    uncertain = compare(BASE, SCATTERED, Thresholds(certain_only=True))
    assert uncertain.passed
    assert uncertain.regressions[0].sentence.endswith("so it does not count.")
    assert not compare(BASE, worse(BASE, 20), Thresholds(certain_only=True)).passed


def test_with_one_seed_a_slowdown_counts_and_its_certainty_is_unknown():
    one_seed = make_record(("lstm",), (7,))
    found = compare(one_seed, slower(one_seed, 2), Thresholds(certain_only=True))
    assert not found.passed
    assert found.regressions[0].shown is None
    assert "unknown" in found.regressions[0].sentence


def test_the_headline_says_how_many_there_are_and_what_is_allowed():
    assert compare(BASE, BASE, Thresholds()).headline == (
        "No regression: accuracy may fall by 1 point, an epoch may take 1.25 times as long."
    )
    worse_found = compare(BASE, worse(BASE, 5), Thresholds())
    assert worse_found.headline.startswith("1 regression: accuracy may fall by 1 point")
    assert worse_found.regressions[0].sentence.startswith("Conv1D + LSTM lost 5.00 points")


@pytest.mark.parametrize("thresholds", [{"max_accuracy_drop_points": -0.1}, {"max_slowdown": 0.9}])
def test_thresholds_that_forbid_no_change_are_impossible(thresholds):
    with pytest.raises(ValidationError):
        Thresholds(**thresholds)

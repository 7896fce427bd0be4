"""The numbers of a report."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmark.report import summarize
from benchmark.report.render import to_json
from tests.support.records import corpus_facts, environment, tiny_record, trial_config, trial_result
from tests.support.report_records import complete_record, networks_record


def row_of(report, architecture):
    return next(row for row in report.rows if row.architecture == architecture)


def with_result(record, name, **changes):
    """Change fields of one trial's result."""
    trials = [
        replace(one, result=one.result.model_copy(update=changes)) if one.config.name == name else one
        for one in record.trials
    ]
    return replace(record, trials=tuple(trials))


@pytest.fixture(scope="module")
def complete():
    return summarize(complete_record())


def test_a_mean_is_that_of_the_predictions(complete):
    trials = [one for one in complete_record().trials if one.config.architecture == "lstm"]
    right = [(one.predictions.probability > 0.5) == (one.predictions.label == 1) for one in trials]
    assert row_of(complete, "lstm").accuracy == pytest.approx(np.mean(right))


def test_equal_weights_are_one_row(complete):
    assert row_of(complete, "cnn_lstm").twins == ("Conv1D + LSTM, with TensorBoard",)
    assert "cnn_lstm_tensorboard" not in {row.architecture for row in complete.rows}
    assert any(note.startswith("Sanity check passed") for note in complete.notes)


def test_a_twin_with_other_weights_has_its_own_row_and_fails_the_sanity_check():
    report = summarize(with_result(complete_record(), "cnn_lstm_tensorboard seed 8", weights_sha256="0" * 64))
    assert row_of(report, "cnn_lstm").twins == ()
    assert row_of(report, "cnn_lstm_tensorboard").verdict is not None
    assert any("FAILED" in note for note in report.notes)


def test_twins_on_different_processors_are_no_sanity_check():
    record = tiny_record(("cnn_lstm", "cnn_lstm_tensorboard"), (7,))
    elsewhere = with_result(record, "cnn_lstm_tensorboard seed 7", environment=environment(cpu_model="another CPU"))
    assert not any("Sanity check" in note for note in summarize(elsewhere).notes)


def test_a_collapsed_seed_is_reported_apart(complete):
    row = row_of(complete, "lstm_dropout")
    by_seed = {seed.seed: seed.accuracy for seed in row.seeds}
    assert row.collapse.seeds == (9,)
    assert row.accuracy == pytest.approx((by_seed[7] + by_seed[8]) / 2)
    assert row.collapse.plain_mean == pytest.approx(sum(by_seed.values()) / 3)
    assert row.collapse.share == pytest.approx((0.0084, 0.9057), abs=1e-4)  # Clopper-Pearson of 1 in 3
    assert [trial.seed for trial in complete.trials if trial.collapsed] == [9]


def test_above_is_withheld_where_the_architecture_collapsed_earlier():
    record = networks_record(seeds=5)
    assert row_of(summarize(record), "bigram_average").verdict == "above"
    row = row_of(summarize(replace(record, earlier_collapses={"bigram_average": (2, 12)})), "bigram_average")
    assert row.verdict == "undecided"
    assert "“above” is withheld" in row.withheld_reason
    assert "2 of 12 earlier trials" in row.withheld_reason


def test_one_seed_decides_nothing():
    report = summarize(tiny_record(("lstm", "naive_bayes_logistic", "cnn_lstm"), (7,), hard_reviews=False))
    assert {row.verdict for row in report.rows if not row.deterministic} == {"undecided"}
    assert all(pair.about_models and not pair.significant for pair in report.pairs)
    assert "Nothing is concluded about networks with one seed" in report.answer[-1]


def test_what_gives_one_label_is_in_the_ladder_only(complete):
    floor = row_of(complete, "majority_class")
    assert floor.one_label
    assert "majority_class" not in {name for pair in complete.pairs for name in (pair.better, pair.worse)}
    assert complete.all_right > 0


def test_two_families_are_planned_and_the_better_one_comes_first(complete):
    controls = {"naive_bayes_logistic", "bag_of_words_svm"}
    assert len(complete.pairs) == 6 * 5 / 2
    for pair in complete.pairs:
        assert pair.planned == bool(controls & {pair.better, pair.worse})
        assert pair.difference_points >= 0
        low, high = pair.interval_points
        assert pair.significant == (pair.planned and (low > 0 or high < 0))


def test_three_seeds_show_what_is_far_below_the_best():
    accuracies = {("lstm", 7): 0.836, ("lstm", 8): 0.824, ("lstm", 9): 0.843}  # as on one processor
    report = summarize(complete_record(reviews=4_000, accuracies=accuracies))
    lstm = next(pair for pair in report.pairs if (pair.better, pair.worse) == ("naive_bayes_logistic", "lstm"))
    assert lstm.significant


def test_planned_looks_make_all_intervals_longer(complete):
    looked = summarize(complete_record(until_decided=True))
    assert (complete.rows[-1].interval_level, looked.rows[-1].interval_level) == (0.95, 0.9875)
    assert looked.rows[-1].interval.low < complete.rows[-1].interval.low
    for plain, one in zip(complete.pairs, looked.pairs, strict=True):
        assert one.interval_points.low < plain.interval_points.low


@pytest.mark.parametrize("reference", [None, "mine=0.8"])
def test_synthetic_reviews_have_no_verdict(reference):
    report = summarize(tiny_record(("lstm",), corpus=corpus_facts("synthetic"), reference=reference))
    assert report.reference is None
    assert report.rows[0].verdict is None
    assert report.answer[0].startswith("Synthetic reviews")
    assert report.figures == ()


def test_the_users_own_reference_replaces_the_papers():
    record = tiny_record(("lstm",), corpus=corpus_facts("custom"), reference="a = b=0.8")
    report = summarize(record)
    assert (report.reference.name, report.reference.accuracy, report.reference.is_paper) == ("a = b", 0.8, False)
    assert report.rows[0].verdict == "above"
    assert "80.00% (a = b)" in report.answer[0]


@pytest.mark.parametrize("settings", [{"corpus": corpus_facts("custom")}, {"max_reviews": 100}])
def test_without_a_reference_there_is_no_verdict(settings):
    report = summarize(tiny_record(("lstm", "bag_of_words_svm"), **settings))
    assert report.reference is None
    assert {row.verdict for row in report.rows} == {None}
    assert {row.published_accuracy for row in report.rows} == {None}


def test_an_architecture_is_compared_with_its_own_published_figure(complete):
    assert row_of(complete, "lstm").published_accuracy == 0.8562  # the tutorial's
    assert row_of(complete, "bag_of_words_svm").published_accuracy == 0.878
    assert row_of(complete, "majority_class").published_accuracy is None


def test_the_tutorials_figure_holds_for_its_own_settings_only():
    record = tiny_record(("lstm",), (7,))
    shorter = trial_config("lstm", 7, epochs=2)
    trial = replace(record.trials[0], config=shorter, result=trial_result(shorter, record.trials[0].predictions))
    report = summarize(replace(record, trials=(trial,)))
    assert report.rows[0].tutorial_epochs == ()
    assert report.rows[0].published_accuracy is None


def test_seeds_added_after_a_look_are_said():
    report = summarize(replace(tiny_record(("lstm",)), looks=(2,)))
    assert any("the plain intervals no longer hold" in note for note in report.notes)


def test_trials_that_were_not_trained_alike_are_not_averaged():
    record = tiny_record(("lstm",), (7, 8, 9))
    parts = record.trials[1].result.fingerprint_parts | {"architecture source": "another"}
    report = summarize(with_result(record, "lstm seed 8", fingerprint_parts=parts))
    assert [seed.seed for seed in report.rows[0].seeds] == [7, 9]
    assert any("1 trial of LSTM left out" in note and "architecture source" in note for note in report.notes)


def test_accuracy_without_repeated_reviews_is_there(complete):
    row = row_of(complete, "naive_bayes_logistic")
    trial = next(one for one in complete_record().trials if one.config.architecture == "naive_bayes_logistic")
    keep = ~(trial.predictions.in_train | trial.predictions.repeated)
    right = (trial.predictions.probability > 0.5) == (trial.predictions.label == 1)
    assert row.accuracy_without_repeats == pytest.approx(right[keep].mean())


def test_without_a_finished_trial_there_is_no_result():
    record = tiny_record(("lstm",), (7, 8), failed=[("lstm", 7), ("lstm", 8)])
    report = summarize(record)
    assert report.rows == ()
    assert report.best_accuracy is None
    assert report.verdict == "no result"
    assert [trial.failure for trial in report.trials] == ["ResourceExhaustedError: out of memory"] * 2


def test_the_json_is_the_whole_report(complete):
    written = json.loads(to_json(complete))
    assert written["rows"][-1]["accuracy"] == complete.best_accuracy
    assert type(complete).model_validate_json(to_json(complete)) == complete

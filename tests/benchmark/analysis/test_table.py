import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from benchmark.statistics.intervals import student_t_interval, wilson_interval
from tests.support.records import make_record


@pytest.fixture(scope="module")
def record():
    return make_record(["lstm", "lstm_dropout", "cnn_lstm"], reviews=2000)


@pytest.fixture(scope="module")
def analysis(record):
    return analyse(record)


def values(record, architecture):
    trials = [trial for trial in record.trials if trial.config.architecture == architecture]
    return [float(np.mean((t.predictions.probability > 0.5) == t.predictions.label)) for t in trials]


def test_the_row_has_mean_spread_median_and_worst_seed(record, analysis):
    found = values(record, "lstm")
    row = analysis.architectures[0]
    assert row.accuracy.mean == pytest.approx(np.mean(found))
    assert row.accuracy.sd == pytest.approx(np.std(found, ddof=1))
    assert row.accuracy_median == pytest.approx(np.median(found))
    assert row.accuracy_worst == pytest.approx(min(found))
    assert row.worst_seed == (7, 8, 9)[int(np.argmin(found))]
    assert row.best_seed == (7, 8, 9)[int(np.argmax(found))]
    assert row.median_seed not in (row.worst_seed, row.best_seed)


def test_the_interval_over_seeds_is_students(record, analysis):
    row = analysis.architectures[0]
    assert (row.interval_seeds.low, row.interval_seeds.high) == pytest.approx(
        student_t_interval(values(record, "lstm"))
    )


def test_shares_of_the_uncertainty_add_up_and_so_do_the_variances(analysis):
    for row in analysis.architectures:
        split = row.uncertainty
        assert split.seeds_share + split.test_half_share == pytest.approx(1)
        assert split.total_se_points**2 == pytest.approx(split.seeds_se_points**2 + split.test_half_se_points**2)
        half = (row.interval.high - row.interval.low) / 2
        assert 100 * half == pytest.approx(split.critical_value * split.total_se_points)


def test_the_difference_to_the_paper_stands_twice_and_with_the_papers_own_error_it_is_wider(analysis):
    paper = analysis.architectures[0].paper
    exact, wide = paper.interval_exact_points, paper.interval_points
    assert paper.difference_points == pytest.approx(100 * analysis.architectures[0].accuracy.mean - 88.89)
    assert wide.low < exact.low < paper.difference_points < exact.high < wide.high


def test_equivalence_is_at_five_percent_where_its_90_percent_interval_is_in_the_margin(analysis):
    for row in analysis.architectures:
        interval = row.paper.equivalence_interval_points
        assert interval.level == 0.9
        inside = -row.paper.margin_points < interval.low and interval.high < row.paper.margin_points
        assert inside == (row.paper.equivalence_p_value < 0.05)


def test_p_values_against_the_paper_are_adjusted_for_the_number_of_architectures(analysis):
    raw = [row.paper.p_value for row in analysis.architectures]
    adjusted = [row.paper.p_value_holm for row in analysis.architectures]
    assert min(adjusted) == pytest.approx(min(1, 3 * min(raw)))
    assert all(after >= before for before, after in zip(raw, adjusted, strict=True))


def test_the_tutorials_figure_is_placed_among_the_seeds(record, analysis):
    tutorial = analysis.architectures[0].tutorial
    assert tutorial.accuracy == 0.8562
    assert tutorial.seeds_below == sum(value < 0.8562 for value in values(record, "lstm"))
    assert tutorial.inside == (tutorial.prediction_interval.low <= 0.8562 <= tutorial.prediction_interval.high)
    assert tutorial.inside == (tutorial.p_value >= 0.05)
    assert "of 3 seeds lie below" in tutorial.sentence


def test_seeds_needed_name_what_is_out_of_reach():
    close = {("cnn_lstm", seed): value for seed, value in zip((7, 8, 9), (0.8879, 0.8890, 0.8899), strict=True)}
    row = analyse(make_record(["cnn_lstm"], accuracies=close, reviews=2000)).architectures[0]
    assert row.seeds_needed.for_difference is None
    assert row.seeds_needed.limited_by_test_half
    assert "no number of seeds would show a difference" in row.seeds_needed.sentence


def test_one_seed_has_wilsons_interval_and_an_unknown_spread():
    record = make_record(["lstm"], (0,), reviews=500)
    row = analyse(record).architectures[0]
    right = round(row.accuracy.mean * 500)
    assert (row.interval.low, row.interval.high) == pytest.approx(wilson_interval(right, 500))
    assert "Wilson" in row.interval.method
    assert row.seeds == (0,)  # seed 0 is a seed
    assert (row.accuracy.sd, row.interval_seeds, row.seeds_needed) == (None, None, None)
    assert (row.uncertainty.seeds_se_points, row.uncertainty.seeds_share) == (None, None)
    assert "unknown, not zero" in row.uncertainty.sentence
    assert row.paper.difference_points == pytest.approx(100 * row.accuracy.mean - 88.89)
    assert row.paper.interval_points is None
    assert row.tutorial.inside is None


def test_an_architecture_that_is_not_the_tutorials_has_no_figure_of_it(monkeypatch):
    from benchmark.analysis import analyse as module

    references = module.load_references()
    without = references.model_copy(update={"architectures": {}})
    monkeypatch.setattr(module, "load_references", lambda: without)
    row = analyse(make_record(["lstm"])).architectures[0]
    assert row.tutorial is None
    assert row.paper is not None


def test_time_and_memory_are_those_of_the_trials(record, analysis):
    results = [trial.result for trial in record.trials if trial.config.architecture == "lstm"]
    row = analysis.architectures[0]
    seconds = [np.mean([epoch.train_seconds for epoch in result.epochs]) for result in results]
    assert row.seconds_per_epoch.mean == pytest.approx(np.mean(seconds))
    assert row.peak_memory_mb.high == max(result.peak_memory_mb for result in results)
    assert row.model_mb == pytest.approx(2.6)
    assert row.evaluation_milliseconds_per_review.mean == pytest.approx(1000 * (40 / 6) / 2000)
    assert row.peak_gpu_memory_mb is None
    assert row.parameters == 213_301

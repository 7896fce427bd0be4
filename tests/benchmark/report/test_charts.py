"""What the charts draw."""

import math
import re
from dataclasses import replace

import pytest

from benchmark.report import summarize, vega
from benchmark.report.charts import draw_charts
from tests.support.records import tiny_record
from tests.support.report_records import complete_record, networks_record, one_seed_record


def draw(report):
    """The specifications by name, not drawn."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vega, "to_svg", lambda spec, name: found.setdefault(name, spec) and "<svg></svg>")
        draw_charts(report)
    return found


@pytest.fixture(scope="module")
def complete():
    return summarize(complete_record())


@pytest.fixture(scope="module")
def specs(complete):
    return draw(complete)


def marks(spec, kind):
    """Values of all layers with this mark in the first drawing."""
    view = (spec.get("hconcat") or spec.get("vconcat") or [spec])[0]
    layers = [layer for layer in view["layer"] if layer["mark"]["type"] == kind]
    return [row for layer in layers for row in layer.get("data", spec.get("data"))["values"]]


def domain(spec):
    """The axis of accuracies."""
    for layer in spec["layer"]:
        if "scale" in layer["encoding"].get("x", {}):
            return layer["encoding"]["x"]["scale"]["domain"]
    raise AssertionError("no axis")


def arrows(spec):
    """What goes on beyond the left edge."""
    return {mark["arrow"] for mark in marks(spec, "text") if "arrow" in mark}


def test_the_ladder_has_every_architecture_with_its_seeds_best_on_top(complete, specs):
    rows = specs["ladder"]["data"]["values"]
    assert [mark["accuracy"] for mark in rows] == [row.accuracy for row in complete.rows]
    assert (
        sum(len(mark["seeds"]) for mark in rows if not mark["deterministic"]) == 9
    )  # of three networks; a deterministic baseline has none
    assert [mark["shuffled"] for mark in rows] == [row.shuffled for row in complete.rows]


def far_below():
    """Networks that learned little from few reviews, and one seed that learned nothing."""
    accuracies = {("lstm", 7): 0.59, ("lstm", 8): 0.63, ("lstm", 9): 0.5, ("cnn_lstm", 9): 0.8}
    return summarize(complete_record(reviews=400, accuracies=accuracies))


def spread():
    accuracies = {("lstm", 7): 0.86, ("lstm", 8): 0.80}
    return summarize(tiny_record(("lstm",), (7, 8), reviews=2_000, accuracies=accuracies))


def at_one_accuracy():
    return summarize(tiny_record(("lstm",), (7, 8), accuracies={("lstm", 7): 0.8, ("lstm", 8): 0.8}))


@pytest.mark.parametrize("make", [far_below, spread, at_one_accuracy, lambda: summarize(networks_record())])
def test_every_median_and_interval_above_chance_is_inside_the_axis(make):
    report = make()
    low, high = domain(draw(report)["ladder"])
    for row in report.rows:
        if not row.one_label:
            assert low < row.accuracy < high
            assert low <= max(0.5, row.interval.low)
            assert row.interval.high <= high


def test_what_is_at_chance_has_an_arrow_beside_the_axis():
    specs = draw(summarize(complete_record(accuracies={("cnn_lstm", 9): 0.88})))
    assert arrows(specs["ladder"]) == {"\u2190 50.0%"}  # of the floor


def test_the_thick_curve_is_the_median_of_all_seeds(specs):
    last = [point for point in specs["learning-lstm_dropout"]["data"]["values"] if point["epoch"] == 3]
    for measure in ("test_accuracy", "test_loss", "train_loss"):
        ends = [point[measure] for point in last if point["line"] == "seed"]
        thick = [point[measure] for point in last if point["line"] == "median"]
        assert len(ends) == 3
        assert thick == [sorted(ends)[1]]


@pytest.mark.parametrize("loss", [math.nan, math.inf, 1e6])
def test_a_loss_without_limit_is_drawn_at_the_edge(loss):
    record = tiny_record(("lstm",), (7,))
    (trial,) = record.trials
    last = trial.result.epochs[-1].model_copy(update={"test_loss": loss})
    result = trial.result.model_copy(update={"epochs": (*trial.result.epochs[:-1], last)})
    report = summarize(replace(record, trials=(replace(trial, result=result),)))
    assert max(point["test_loss"] for point in draw(report)["learning-lstm"]["data"]["values"]) == 2
    assert "<svg" in draw_charts(report)["learning-lstm"].svg


def test_each_answer_is_an_interval_with_its_verdict_on_an_axis_with_zero(complete, specs):
    for question in complete.questions:
        spec = specs[f"question-{question.kind.replace(' ', '-')}"]
        drawn = spec["data"]["values"]
        assert [mark["difference"] for mark in drawn] == [answer.difference for answer in question.answers]
        assert [mark["verdict"] for mark in drawn] == [answer.result for answer in question.answers]
        low, high = domain(spec)
        assert low < min(0, *(mark["difference"] for mark in drawn))
        assert high > max(0, *(mark["difference"] for mark in drawn))


def test_an_axis_of_nearly_equal_times_ends_at_ticks():
    spec = draw(summarize(networks_record()))["training-time"]
    x = spec["vconcat"][0]["layer"][0]["encoding"]["x"]
    assert x["scale"]["domain"] == [30, 180]
    assert {30, 60, 180} <= set(x["axis"]["values"])


def test_a_colour_is_the_kind_of_the_model(specs):
    kinds = {mark["title"]: mark["kind"] for mark in specs["ladder"]["data"]["values"]}
    assert kinds == {
        "LSTM": "sequence model",
        "LSTM with dropout": "sequence model",
        "Conv1D + LSTM": "sequence model",
        "Bag of words + SVM": "bag of words",
        "Naive Bayes + logistic": "n-grams",
        "Naive Bayes + logistic (5,000 words)": "n-grams",
        "Majority class": "other",
    }


def test_a_drawing_has_its_words_and_ids_of_its_own():
    drawn = draw_charts(summarize(one_seed_record()))
    assert "Conv1D + LSTM" in drawn["ladder"].svg
    assert "Maas et al. 2011: 88.89%" in drawn["ladder"].svg
    ids = [one for chart in drawn.values() for one in re.findall(r'id="([^"]+)"', chart.svg)]
    assert len(ids) == len(set(ids))

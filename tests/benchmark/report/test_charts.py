"""What the charts draw."""

import re
from itertools import pairwise

import pytest

from benchmark.report import charts, summarize
from benchmark.report.charts import draw_charts
from tests.support.records import tiny_record
from tests.support.report_records import complete_record, networks_record, one_seed_record


@pytest.fixture
def specs(monkeypatch):
    """The specifications by name, not drawn."""
    found = {}
    monkeypatch.setattr(charts, "to_svg", lambda spec, name: found.setdefault(name, spec) and "<svg></svg>")
    return found


def marks(spec, kind):
    """Values of all layers with this mark."""
    return [row for layer in spec["layer"] if layer["mark"]["type"] == kind for row in layer["data"]["values"]]


def test_the_ladder_has_every_architecture_with_its_seeds_best_on_top(specs):
    report = summarize(complete_record())
    draw_charts(report)
    for name in ("ladder", "ladder-narrow"):
        means = marks(specs[name], "circle")
        assert [round(mean["x"], 2) for mean in means] == [
            round(100 * row.accuracy, 2) for row in report.rows[::-1] if not row.one_label
        ]
        assert len([dot for dot in marks(specs[name], "point") if dot.get("bad")]) == 1  # the collapsed seed
        assert [row["text"] for row in marks(specs[name], "text") if "text" in row] == ["\u2190 50.00%"]


def test_the_reference_is_a_line_below_the_means(specs):
    draw_charts(summarize(complete_record()))
    kinds = [layer["mark"]["type"] for layer in specs["ladder"]["layer"]]
    assert kinds.index("rule") < kinds.index("circle")
    assert {"x": 88.89} in marks(specs["ladder"], "rule")


def test_the_curve_of_a_collapsed_seed_is_named_and_not_in_the_mean(specs):
    report = summarize(complete_record())
    draw_charts(report)
    spec = specs["learning-lstm_dropout"]
    assert "collapsed" in [row["split"] for row in marks(spec, "text")]
    mean = [row["y"] for row in marks(spec, "line") if row.get("split") == "test" and row["x"] == 3]
    row = next(row for row in report.rows if row.architecture == "lstm_dropout")
    assert mean == [pytest.approx(100 * row.accuracy, abs=0.01)]


def test_the_labels_of_the_curves_do_not_overlap(specs):
    draw_charts(summarize(complete_record()))
    for name in ("learning-lstm", "learning-lstm_dropout", "learning-cnn_lstm"):
        labels = next(layer for layer in specs[name]["layer"] if layer["mark"]["type"] == "text")
        low, high = labels["encoding"]["y"]["scale"]["domain"]
        places = [specs[name]["height"] * row["y"] / (high - low) for row in labels["data"]["values"]]
        assert all(upper - lower > 13.9 for upper, lower in pairwise(places))


def test_training_time_has_baselines_beside_networks(specs):
    draw_charts(summarize(complete_record()))
    drawn = {row["title"] for row in marks(specs["training-time"], "point")}
    assert drawn == {
        "LSTM",
        "LSTM with dropout",
        "Conv1D + LSTM",
        "Bag of words + SVM",
        "Naive Bayes + logistic",
        "Naive Bayes + logistic (5,000 words)",
    }


def test_calibration_has_one_line_a_seed(specs):
    draw_charts(summarize(networks_record(seeds=3)))
    assert {row["seed"] for row in marks(specs["calibration-text_cnn"], "line") if "seed" in row} == {0, 1, 2}


def test_a_drawing_has_its_words_and_ids_of_its_own():
    drawn = draw_charts(summarize(one_seed_record()))
    assert "Conv1D + LSTM" in drawn["ladder"].svg
    assert "Maas et al. 2011: 88.89%" in drawn["ladder"].svg
    ids = [one for chart in drawn.values() for one in re.findall(r'id="([^"]+)"', chart.svg + (chart.narrow or ""))]
    assert len(ids) == len(set(ids))


def test_all_seeds_at_one_accuracy_are_drawn(specs):
    record = tiny_record(("lstm",), (7, 8), accuracies={("lstm", 7): 0.8, ("lstm", 8): 0.8})
    low, high = 0.0, 0.0
    draw_charts(summarize(record))
    for layer in specs["ladder"]["layer"]:
        if "x" in layer["encoding"] and "scale" in layer["encoding"]["x"]:
            low, high = layer["encoding"]["x"]["scale"]["domain"]
    assert low < 80 < high

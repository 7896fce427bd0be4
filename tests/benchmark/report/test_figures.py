import json
import re
from dataclasses import replace

import altair as alt
import pytest

from benchmark import numbers as n
from benchmark.analysis.analyse import analyse
from benchmark.report.build import write_accuracy_picture
from benchmark.report.compose import compose
from benchmark.report.figure import png
from benchmark.report.theme import LIGHT
from tests.support.records import make_record
from tests.support.report_cases import CASES, GENERATED_AT, case_analysis, case_document

NAMES = ["accuracy", "learning-accuracy", "learning-loss", "training-time", "calibration", "review-length", "pairs"]


def figures(case):
    return {figure.name: figure for figure in case_document(case).figures}


def test_a_whole_benchmark_has_every_figure_in_reading_order():
    assert list(figures("whole")) == NAMES


def test_without_a_finished_trial_there_is_no_figure():
    assert figures("nothing finished") == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_is_valid_vega_lite(name):
    for panel in figures("whole")[name].panels:
        alt.Chart.from_dict(panel.chart.properties(width=300).to_dict(validate=True))


@pytest.mark.parametrize("case", ["one trial, one epoch", "some failed", "many trials"])
def test_every_figure_can_be_drawn_from_little_and_from_much(case):
    for figure in figures(case).values():
        assert all("<path" in svg for svg in figure.static_panels())
        assert len(figure.specs()) == len(figure.panels)


@pytest.mark.parametrize("case", CASES)
def test_no_number_in_a_chart_is_missing_or_infinite(case):
    for figure in figures(case).values():
        json.dumps(figure.specs(), allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_says_in_words_and_in_numbers_what_it_shows(name):
    figure = figures("whole")[name]
    assert ("LSTM" in figure.alt and "%" in figure.alt) or name in ("pairs", "learning-loss")
    assert figure.caption
    assert figure.table.rows


def test_the_picture_that_answers_shows_every_seed_the_mean_the_paper_and_the_tutorial():
    text = json.dumps(figures("whole")["accuracy"].specs())
    analysis = case_analysis("whole")
    for trial in analysis.trials:
        assert f'"Run": "{trial.run_id[:8]}"' in text
    for summary in analysis.architectures:
        assert f'"Mean": "{n.percent(summary.accuracy.mean)}"' in text
        assert f'"Tutorial": "{n.percent(summary.tutorial.accuracy)}"' in text
    assert "Maas et al. 2011: 88.89%" in text


@pytest.mark.parametrize("case", ["generated", "custom", "limited"])
def test_what_cannot_be_compared_is_not_drawn_beside_the_paper(case):
    text = json.dumps(figures(case)["accuracy"].specs())
    assert "Maas" not in text
    assert '"Tutorial":' not in text


def test_a_loss_that_hardly_moves_has_no_two_ticks_with_one_label():
    record = make_record(["lstm"], (7,))
    (trial,) = record.trials
    flat = tuple(epoch.model_copy(update={"loss": 0.6931, "val_loss": 0.6869}) for epoch in trial.result.epochs)
    trial = replace(trial, result=trial.result.model_copy(update={"epochs": flat}))
    figures = compose(analyse(replace(record, trials=(trial,))), GENERATED_AT).figures
    (drawn,) = next(figure for figure in figures if figure.name == "learning-loss").static_panels()
    labels = re.findall(r">(0\.\d+)</text>", drawn)
    assert len(labels) > 2
    assert len(set(labels)) == len(labels)


def test_no_chart_carries_a_row_for_every_review():
    for case in ("whole", "many trials"):
        for figure in figures(case).values():
            for specification in figure.specs():
                assert len(json.dumps(specification)) < 20_000


def test_many_trials_are_shown_as_quantiles_and_not_one_by_one():
    few, many = figures("whole"), figures("many trials")
    assert '"Seed":' in json.dumps(few["accuracy"].specs())
    for name in ("accuracy", "learning-accuracy"):
        text = json.dumps(many[name].specs())
        assert '"three_quarters":' in text
        assert '"Seed":' not in text
    assert len(many["learning-accuracy"].table.rows) == len(case_analysis("many trials").mean_curves)


def test_an_interval_that_reaches_far_beyond_the_seeds_is_cut_and_marked():
    wild = {("lstm", 7): 0.65, ("lstm", 8): 0.55}
    record = make_record(["lstm"], seeds=(7, 8), accuracies=wild, reviews=120, limit=120)
    figure = compose(analyse(record), GENERATED_AT).hero
    text = json.dumps(figure.specs(), ensure_ascii=False)
    assert "\N{BLACK LEFT-POINTING TRIANGLE}" in text
    assert "\N{BLACK RIGHT-POINTING TRIANGLE}" in text


def test_a_picture_file_needs_no_style_sheet_and_says_what_its_marks_mean():
    svg = figures("whole")["learning-accuracy"].svg()
    assert "var(--" not in svg
    assert LIGHT["series-1"] in svg
    assert LIGHT["series-4"] in svg
    assert "Accuracy after each epoch" in svg
    assert "single seeds" in svg


def test_pictures_of_one_page_never_share_an_id():
    found = [name for figure in figures("whole").values() for svg in figure.static_panels() for name in ids(svg)]
    assert len(found) == len(set(found))


def ids(svg):
    return [piece.split('"')[0] for piece in svg.split(' id="')[1:]]


def test_the_readme_picture_is_written_as_svg_and_as_png(tmp_path):
    write_accuracy_picture(case_analysis("whole"), tmp_path / "accuracy.svg")
    write_accuracy_picture(case_analysis("whole"), tmp_path / "accuracy.png")
    assert f'fill="{LIGHT["paper"]}"' in (tmp_path / "accuracy.svg").read_text()
    picture = (tmp_path / "accuracy.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) >= 1800


def test_there_is_no_readme_picture_of_nothing_or_of_another_kind(tmp_path):
    with pytest.raises(ValueError, match="no trial of this benchmark finished"):
        write_accuracy_picture(case_analysis("nothing finished"), tmp_path / "accuracy.png")
    with pytest.raises(ValueError, match=r"ends in \.svg or \.png"):
        write_accuracy_picture(case_analysis("whole"), tmp_path / "accuracy.jpg")


def test_the_text_of_a_picture_is_drawn_with_the_font_that_comes_along():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><text y="15" font-family="{}">a</text></svg>'
    assert png(svg.format("Report Sans")) != png(svg.format("No Such Font"))

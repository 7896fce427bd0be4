"""The files of a report."""

import csv
import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow.utils.validation import MAX_TAG_VAL_LENGTH

from benchmark.report import answer_markdown, render, summarize
from benchmark.report.charts import draw_charts
from benchmark.report.markdown import fill_template
from benchmark.report.page import to_page
from tests.support.records import corpus_facts, tiny_record
from tests.support.report_records import complete_record, custom_record, realistic
from tracking.store import ui_page

HOSTILE = '<script>alert("x")</script> & <img src=x onerror=1> \x1b[31m\u202e**b** `c` | d [e](javascript:f) <!-- $body'


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def markdown_of(record):
    report = summarize(record)
    return fill_template("report.md.j2", charts=draw_charts(report), report=report)


def test_all_files_are_there_and_of_a_size_to_send(folder):
    names = {str(name) for name in content(folder)}
    assert names >= {"report.html", "report.md", "report.json", "trials.csv", "ladder.png", "charts/ladder.svg"}
    assert (folder / "ladder.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "report.html").stat().st_size < 600_000


def test_the_page_needs_nothing_else(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|@import|url\((?!#)", page)
    assert re.findall(r'(?:src|href)="(?!https://)[^"]*"', page) == ['href="reviews.html"']
    assert str(Path.home()) not in page
    assert "/tmp" not in page


def test_every_picture_of_the_markdown_is_a_file_with_its_colours(folder):
    named = re.findall(r"\]\((charts/[^)]+)\)", (folder / "report.md").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(str(path.relative_to(folder)) for path in folder.glob("charts/*"))
    for name in named:
        text = (folder / name).read_text(encoding="utf-8")
        assert "var(--" not in text
        ET.fromstring(text)


def test_the_table_of_trials_has_one_line_each(folder):
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    trials = complete_record().trials
    assert [(row["architecture"], row["seed"]) for row in rows] == [
        (trial.config.architecture, "" if trial.config.seed is None else str(trial.config.seed)) for trial in trials
    ]
    assert float(rows[0]["accuracy"]) == trials[0].result.scores.accuracy


@pytest.mark.usefixtures("no_drawing")
def test_nothing_of_a_stranger_is_raw():
    record = complete_record()
    first, *others = record.trials
    hostile = replace(first, config=first.config.model_copy(update={"title": HOSTILE}))
    hostile_failure = replace(others[0], status="failed", result=None, predictions=None, failure=HOSTILE)
    record = replace(
        record,
        trials=(hostile, hostile_failure, *others[1:]),
        name=HOSTILE,
        command=HOSTILE,
        corpus=corpus_facts(test_reviews=1_000, source=HOSTILE, labels=(HOSTILE, "positive")),
    )
    report = summarize(record)
    charts = draw_charts(report)
    markdown = fill_template("report.md.j2", charts=charts, report=report)
    page = to_page(markdown, charts)
    for text in (markdown, page, answer_markdown(report, "")):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "<script" not in re.sub(r"```.*?```", "", text, flags=re.S).replace("<script>alert(&quot;", "<script")
    assert not re.search(r"<(script|img|!--)|javascript:f\)\"|href=\"javascript", page.split("<body>")[1])
    assert '<script>alert("x")</script>' in html.unescape(page)  # shown, not run


def headings(markdown):
    return re.findall(r"^##+ (.*)$", markdown, flags=re.M) + re.findall(r"<summary>(.*)</summary>", markdown)


@pytest.mark.usefixtures("no_drawing")
def test_no_section_without_content():
    alone = markdown_of(tiny_record(("lstm",), (7,)))
    assert "### The best" not in alone
    assert "Best:" not in alone
    assert "Published figures" not in headings(markdown_of(custom_record()))
    only_baseline = markdown_of(tiny_record(("bag_of_words_svm",)))
    assert "## Learning" not in only_baseline
    nothing = markdown_of(tiny_record(("lstm",), (7,), failed=[("lstm", 7)]))
    assert headings(nothing) == ["Trials without a result", "Settings, machine and command"]
    for text in (alone, only_baseline, nothing):
        assert not re.search(r"^(##.*)\n+(##|<details class=\"last\">|\Z)", text, flags=re.M)


def test_the_answer_links_the_report_and_is_no_longer_than_mlflow_takes():
    record = tiny_record(("lstm",), tuple(range(200)))
    page = ui_page("1", f"{record.run_id}/artifacts/report/report.html")
    note = answer_markdown(summarize(record), page)
    assert f"]({page})" in note
    assert len(note) < MAX_TAG_VAL_LENGTH
    assert note.startswith("LSTM, ")
    assert "python -m benchmark run" in note


@pytest.mark.parametrize(
    "record",
    [
        tiny_record(("lstm", "cnn_lstm"), (7, 8), reviews=12, max_reviews=12),
        tiny_record(("majority_class",), reviews=40, accuracies={("majority_class", None): 0.5}),
        tiny_record(("lstm",), (7,), corpus=corpus_facts("custom", groups=None), until_decided=True),
        tiny_record(("lstm",), (7,), failed=[("lstm", 7)]),
    ],
    ids=["few reviews", "a floor alone", "one trial of an own corpus", "nothing finished"],
)
def test_unusual_benchmarks_are_reported(record, tmp_path):
    if record.trials[0].config.architecture == "majority_class":
        record = replace(record, trials=tuple(map(realistic, record.trials)))
    render(summarize(record), tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# Sequence models")
    assert (" 0 test reviews" in text) == (not record.finished)
    assert not re.search(r"\bnan\b|None(?! is above)|\binf\b", text)

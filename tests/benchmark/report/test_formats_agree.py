"""HTML, Markdown, CSV and JSON say the same numbers."""

import csv
import io
import json
import re
from functools import cache

import pytest

from benchmark import numbers as n
from benchmark.report.html_page import render_html
from benchmark.report.markdown import render_markdown
from benchmark.report.published import render_json
from benchmark.report.trials_csv import render_trials_csv
from tests.support.html_page import Page
from tests.support.report_cases import GENERATED_AT, case_analysis, case_document

COMPARED = ["whole", "some failed", "one seed"]


@cache
def page(case):
    return Page(render_html(case_document(case)))


@cache
def report(case):
    return json.loads(render_json(case_analysis(case), GENERATED_AT))


def lines(case):
    return list(csv.DictReader(io.StringIO(render_trials_csv(case_analysis(case)))))


def markdown_tables(case):
    """The cells of each table, by caption."""
    found = {}
    for caption, body in re.findall(
        r"^\*\*(.+)\*\*\n\n((?:\|.*\n)+)", render_markdown(case_document(case)), re.MULTILINE
    ):
        rows = [re.split(r"(?<!\\)\|", row)[1:-1] for row in body.splitlines()]
        found[plain(caption)] = [[plain(cell) for cell in row] for row in rows[:1] + rows[2:]]
    return found


def plain(text):
    return re.sub(r"\\(.)", r"\1", re.sub(r"\[(.*?)\]\(http.*?\)", r"\1", text)).replace("&amp;", "&").strip()


def words(text):
    return text.replace("(", " ").replace(")", " ").split()


@pytest.mark.parametrize("case", COMPARED)
def test_every_table_of_the_markdown_is_in_the_page_cell_for_cell(case):
    tables = markdown_tables(case)
    assert len(tables) > 8
    for caption, rows in tables.items():
        shown = page(case).table(caption).rows
        assert [[words(cell) for cell in row] for row in rows] == [[words(cell) for cell in row] for row in shown]


@pytest.mark.parametrize("case", COMPARED)
def test_sentences_are_the_same_everywhere(case):
    seen, told = page(case).text, plain(render_markdown(case_document(case)))
    verdicts = [verdict["sentence"] for verdict in report(case)["verdicts"]]
    caveats = [caveat["text"] for caveat in report(case)["caveats"]]
    for sentence in [*report(case)["headlines"], *verdicts, *caveats]:
        assert sentence in seen
        assert sentence in told


@pytest.mark.parametrize("case", COMPARED)
def test_every_line_of_the_csv_is_a_row_of_the_page(case):
    rows = {(row[0], row[1]): row for row in page(case).table("Every trial").rows[1:]}
    assert len(rows) == len(lines(case))
    for line in lines(case):
        row = rows[line["title"], line["seed"]]
        assert line["status"] in row[2]
        if line["status"] == "finished":
            assert row[3] == n.percent(float(line["test_accuracy"]))
            low, high = float(line["accuracy_low"]), float(line["accuracy_high"])
            assert row[4] == f"{low * 100:.2f} to {high * 100:.2f}"
            assert row[5] == n.decimal(4)(float(line["test_f1"]))
            assert row[6] == n.decimal(4)(float(line["test_roc_auc"]))
            assert row[9] == n.seconds(float(line["wall_seconds"]))
            assert line["run_id"].startswith(row[12])
        else:
            assert line["failure"] in row[2]
            assert row[3] == "no result"
            assert line["test_accuracy"] == ""


@pytest.mark.parametrize("case", COMPARED)
def test_the_csv_and_the_json_hold_the_same_trials(case):
    for line, trial in zip(lines(case), report(case)["trials"], strict=True):
        for name, value in trial.items():
            if name in line:
                assert line[name] == ("" if value is None else str(value))


@pytest.mark.parametrize("case", COMPARED)
def test_the_table_of_the_architectures_says_what_the_json_says(case):
    rows = {row[0]: row for row in page(case).table("Test accuracy").rows[1:]}
    for one in report(case)["architectures"]:
        row = rows[one["title"]]
        assert row[1] == str(one["accuracy"]["n"])
        assert row[2] == n.percent(one["accuracy"]["mean"])
        assert row[3] == f"{one['interval']['low'] * 100:.2f} to {one['interval']['high'] * 100:.2f}"
        sd = one["accuracy"]["sd"]
        assert row[4] == ("unknown (one seed)" if sd is None else f"{sd * 100:.2f}")
        assert row[5] == n.percent(one["accuracy_median"])
        assert row[8] == n.signed(one["paper"]["difference_points"])


def test_what_the_answer_shows_is_what_the_json_says():
    for answer, one in zip(case_document("whole").answers, report("whole")["architectures"], strict=True):
        assert answer.accuracy == n.percent(one["accuracy"]["mean"])
        assert answer.accuracy in page("whole").text

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from functools import cache

import pytest

from benchmark.analysis.analyse import analyse
from benchmark.report.compose import compose
from benchmark.report.html_page import render_html
from benchmark.results import HardReview
from tests.support.html_page import Page
from tests.support.records import make_record
from tests.support.report_cases import GENERATED_AT, case_document

RENDERED = ["whole", "some failed", "generated", "nothing finished"]


@cache
def html(case):
    return render_html(case_document(case))


@cache
def page(case):
    return Page(html(case))


def test_the_page_is_small_enough_to_mail():
    assert len(html("whole").encode()) < 3_000_000


@pytest.mark.parametrize("case", RENDERED)
def test_the_page_needs_nothing_from_elsewhere(case):
    for tag, attributes in page(case).elements:
        for name in ("src", "srcset", "data", "poster", "action"):
            assert name not in attributes, (tag, attributes)
        if tag == "link":
            pytest.fail(f"a link element: {attributes}")
        if tag == "a":
            assert attributes["href"].startswith(("#", "https://", "http://"))
    assert "@import" not in html(case)
    assert "url(http" not in html(case)


def test_vega_is_in_the_page_once():
    assert html("whole").count("globalThis.vegaEmbed") + html("whole").count("window.vegaEmbed") <= 1
    assert len(page("whole").of("script")) == 3


def test_the_policy_of_the_page_allows_its_own_scripts_and_nothing_else():
    policy = next(meta["content"] for meta in page("whole").of("meta") if meta.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", html("whole"), re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts}
    assert set(policy.split("script-src ")[1].split(";")[0].split()) == hashes


def test_every_chart_has_a_picture_that_is_there_without_scripts_and_a_specification():
    charts = [div["data-chart"] for div in page("whole").of("div") if "data-chart" in div]
    text = re.search(r'id="chart-specifications">(.*?)</script>', html("whole"), re.DOTALL)[1]
    assert list(json.loads(text)) == charts
    assert len(page("whole").of("svg")) == len(charts) == 16


def test_the_page_asks_for_no_storage_of_the_browser():
    ours = re.findall(r"<script>(.*?)</script>", html("whole"), re.DOTALL)[1]
    assert not re.search("localStorage|sessionStorage|indexedDB|cookie", ours)


@pytest.mark.parametrize("case", RENDERED)
def test_headings_descend_without_gaps_and_ids_are_unique(case):
    levels = [int(tag[1]) for tag, _ in page(case).elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page(case).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("case", RENDERED)
def test_every_link_within_the_page_leads_somewhere(case):
    ids = {attributes.get("id") for _, attributes in page(case).elements}
    for link in page(case).of("a"):
        if link["href"].startswith("#"):
            assert link["href"][1:] in ids


def test_every_table_has_a_caption_and_every_head_cell_a_scope():
    assert all(table.caption for table in page("whole").tables)
    assert all(head["scope"] in ("row", "col") for head in page("whole").of("th"))
    scrolled = [div for div in page("whole").of("div") if div.get("class") == "scroll"]
    assert len(scrolled) == len(page("whole").tables)
    assert all(div["tabindex"] == "0" and div["role"] == "region" and div["aria-labelledby"] for div in scrolled)


def test_every_figure_has_a_text_alternative_and_its_numbers():
    pictures = [div for div in page("whole").of("div") if div.get("role") == "img"]
    assert len(pictures) == len(page("whole").of("figure")) == 7
    assert all(len(div["aria-label"]) > 30 for div in pictures)
    assert page("whole").text.count("The numbers of this figure") == 7


def test_a_reader_with_a_keyboard_can_skip_to_the_answer():
    assert page("whole").of("a")[0] == {"class": "skip", "href": "#answer"}


def test_the_text_of_a_review_is_shown_and_never_run():
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`<br /><br />{{ 7 * 7 }} & done"
    record = make_record(["lstm"], reviews=120)
    hard = analyse(record).hard_reviews[0]
    record = replace(record, hard_reviews=(HardReview(hard.review_id, hostile),))
    shown = Page(render_html(compose(analyse(record), GENERATED_AT)))
    assert shown.of("img") == []
    assert len(shown.of("script")) == 3
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>\"'` {{ 7 * 7 }} & done" in shown.text


def test_the_text_of_a_failure_is_shown_and_never_run():
    record = make_record(["lstm"], failed=[("lstm", 7)], reviews=120)
    broken = replace(record.trials[0], failure="</table><script>alert(1)</script>")
    shown = Page(render_html(compose(analyse(replace(record, trials=(broken, *record.trials[1:]))), GENERATED_AT)))
    assert "</table><script>alert(1)</script>" in shown.text


def test_runs_are_linked_where_the_store_has_pages():
    record = replace(make_record(["lstm"], reviews=120), tracking_uri="http://127.0.0.1:5000/")
    shown = Page(render_html(compose(analyse(record), GENERATED_AT)))
    links = [link["href"] for link in shown.of("a")]
    assert f"http://127.0.0.1:5000/#/experiments/1/runs/{record.trials[0].run_id}" in links
    assert not [link for link in page("whole").of("a") if "/runs/" in link["href"]]


def test_the_line_breaks_of_a_review_are_lines_and_its_paragraphs_paragraphs():
    record = make_record(["lstm"], reviews=120)
    hard = analyse(record).hard_reviews[0]
    text = "one<br />two <br /><br />three<BR>"
    record = replace(record, hard_reviews=(HardReview(hard.review_id, text),))
    assert "<blockquote>one\ntwo\n\nthree&lt;BR&gt;</blockquote>" in render_html(compose(analyse(record), GENERATED_AT))

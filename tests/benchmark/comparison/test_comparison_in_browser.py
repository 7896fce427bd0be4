"""The page of a comparison in a real browser: drawn, readable on a phone, accessible, and silent on the network."""

from __future__ import annotations

import pytest

from benchmark.comparison import Thresholds, compare
from benchmark.comparison.compose import compose
from benchmark.report.html_page import render_html
from tests.support.browser import complaints, foreign_requests, look_at
from tests.support.changed_records import worse
from tests.support.records import make_record

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BEFORE = make_record()
COMPARISON = compare(BEFORE, worse(BEFORE, 3), Thresholds())
DOCUMENT = compose(COMPARISON, "2026-01-02T03:04:05+00:00")
CHARTS = sum(len(figure.panels) for figure in DOCUMENT.figures)


@pytest.fixture(scope="module")
def seen(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return look_at(render_html(DOCUMENT), tmp_path_factory.mktemp("browser"), pytestconfig.cache)


def test_every_chart_is_drawn_wherever_the_page_is_opened(seen):
    assert len(COMPARISON.architectures) < CHARTS
    for look in [*seen["looks"], seen["frame"]]:
        assert look["charts"] == {"places": CHARTS, "drawn": CHARTS}
    assert seen["without_scripts"]["pictures"] == CHARTS


def test_nothing_is_complained_of(seen):
    assert complaints(seen) == []


def test_nothing_is_asked_of_the_network(seen):
    assert foreign_requests(seen) == []


def test_the_page_itself_never_scrolls_sideways(seen):
    assert [(look["width"], look["page_width"]) for look in seen["looks"]] == [(390, 390)] * 2 + [(1280, 1280)] * 2


def test_axe_finds_no_violation_of_wcag_a_and_aa(seen):
    for look in seen["looks"]:
        assert look["checks_passed"] > 15
        assert look["violations"] == []


def test_the_first_stop_of_the_keyboard_skips_to_the_answer(seen):
    assert {look["first_stop"] for look in seen["looks"]} == {"Skip to the answer"}

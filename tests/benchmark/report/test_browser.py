"""The report in a real browser: drawn, readable, accessible, and silent on the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.report.html_page import render_html
from tests.support.browser import complaints, foreign_requests, look_at
from tests.support.report_cases import case_document

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WHITE, NEAR_BLACK = "rgb(255, 255, 255)", "rgb(20, 24, 29)"


@pytest.fixture(scope="module")
def seen(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return look_at(render_html(case_document("whole")), tmp_path_factory.mktemp("browser"), pytestconfig.cache)


def test_every_chart_is_drawn_wherever_the_page_is_opened(seen):
    for look in [*seen["looks"], seen["frame"]]:
        assert look["charts"] == {"places": 16, "drawn": 16}


def test_without_scripts_the_pictures_of_the_charts_are_there(seen):
    assert seen["without_scripts"]["pictures"] == 16


def test_nothing_is_complained_of(seen):
    assert complaints(seen) == []


def test_nothing_is_asked_of_the_network(seen):
    assert foreign_requests(seen) == []


def test_the_page_itself_never_scrolls_sideways(seen):
    for look in seen["looks"]:
        assert look["page_width"] == look["width"]


def test_light_and_dark_are_the_readers_choice_and_paper_is_white(seen):
    assert {(look["scheme"], look["background"]) for look in seen["looks"]} == {("light", WHITE), ("dark", NEAR_BLACK)}
    assert seen["print"]["background"] == WHITE
    assert Path(seen["print"]["pdf"]).read_bytes().startswith(b"%PDF")


def test_screenshots_show_something(seen):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for look in seen["looks"]:
        with image.open(look["screenshot"]) as screenshot:
            assert screenshot.width == look["width"]
            first_screen = screenshot.convert("RGB").crop((0, 0, look["width"], 900))
        assert len(first_screen.getcolors(maxcolors=1_000_000)) > 50


def test_axe_finds_no_violation_of_wcag_a_and_aa(seen):
    for look in seen["looks"]:
        assert look["checks_passed"] > 15
        assert look["violations"] == []


def test_the_first_stop_of_the_keyboard_skips_to_the_answer(seen):
    assert {look["first_stop"] for look in seen["looks"]} == {"Skip to the answer"}

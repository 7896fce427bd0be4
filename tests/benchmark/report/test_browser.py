"""The report in a real browser: drawn, readable, accessible, and silent on the network."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmark.report.html_page import render_html
from tests.support.report_cases import case_document

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOK = Path(__file__).parents[2] / "support" / "look_at_report.mjs"
MODULES = ("axe-core@4", "playwright-core@1")
WHITE, NEAR_BLACK = "rgb(255, 255, 255)", "rgb(20, 24, 29)"


@pytest.fixture(scope="module")
def modules(pytestconfig: pytest.Config) -> Path:
    """A folder with the two packages from npm, kept in pytest's cache."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = pytestconfig.cache.mkdir("browser")
    if not all((folder / "node_modules" / module.split("@")[0]).is_dir() for module in MODULES):
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error", *MODULES]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            pytest.skip(f"npm cannot install {' and '.join(MODULES)}: {done.stderr.strip().splitlines()[-1:]}")
    return folder


@pytest.fixture(scope="module")
def seen(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    folder = tmp_path_factory.mktemp("browser")
    report = folder / "report.html"
    report.write_text(render_html(case_document("whole")), encoding="utf-8")
    subprocess.run(["node", LOOK, chromium, modules, report, folder], check=True, timeout=300)
    return json.loads((folder / "seen.json").read_text(encoding="utf-8"))


def test_every_chart_is_drawn_wherever_the_page_is_opened(seen):
    for look in [*seen["looks"], seen["frame"]]:
        assert look["charts"] == {"places": 16, "drawn": 16}


def test_without_scripts_the_pictures_of_the_charts_are_there(seen):
    assert seen["without_scripts"]["pictures"] == 16


def test_nothing_is_complained_of(seen):
    for look in [*seen["looks"], seen["frame"], seen["print"]]:
        assert look["complaints"] == []


def test_nothing_is_asked_of_the_network(seen):
    for look in [*seen["looks"], seen["frame"], seen["without_scripts"], seen["print"]]:
        assert [url for url in look["requests"] if not url.startswith(("file:", "data:", "blob:"))] == []


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

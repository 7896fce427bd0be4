"""The scripts that measure: order of the rounds, tables, and the page that they fill."""

import json
import pstats
from cProfile import Profile

import pytest

from scripts.side_by_side.measuring import PROJECT, Script, alternate, medians, section, table, with_range
from scripts.side_by_side.where_time_goes import cumulative_seconds
from scripts.side_by_side.write_tables import PAGE, SCRIPTS, fill, write_tables


def _order(rounds, names):
    seen = []
    alternate(rounds, {name: lambda name=name: seen.append(name) or {"seconds": 1.0} for name in names})
    return "".join(seen)


def test_two_arms_change_places_each_round():
    assert _order(3, "ab") == "abbaab"


def test_of_three_arms_each_is_first_once():
    assert _order(3, "abc") == "abcbcacab"


def test_medians_are_of_numbers_only():
    assert medians([{"s": 1.0, "w": "x"}, {"s": 5.0, "w": "x"}, {"s": 2.0, "w": "x"}]) == {"s": 2.0}


def test_a_range_is_shown_with_its_median():
    assert with_range([1.0, 4.0, 2.0], 1) == "2.0 (1.0 to 4.0)"


def test_a_table_is_markdown():
    assert table(["", "s"], [["a", "1"]]) == "|  | s |\n| --- | ---: |\n| a | 1 |"


def test_the_page_has_a_place_for_every_script():
    page = PAGE.read_text("utf-8")
    for script in SCRIPTS:
        assert fill(page, script.name, "figures").count(f"<!-- {script.name} -->\n\nfigures\n\n<!-- /") == 1


def test_filling_twice_is_filling_once():
    page = "a\n<!-- x -->\nold\n<!-- /x -->\nb"
    once = fill(page, "x", "new | \\1")
    assert once == "a\n<!-- x -->\n\nnew | \\1\n\n<!-- /x -->\nb"
    assert fill(once, "x", "new | \\1") == once


@pytest.mark.parametrize("page", ["", "<!-- x -->\n<!-- /x -->\n<!-- x -->\n<!-- /x -->"])
def test_a_page_without_just_one_place_is_refused(page):
    with pytest.raises(ValueError, match="not one"):
        fill(page, "x", "new")


def test_figures_from_tiny_sizes_say_so():
    script = Script("x", "", {}, {}, measure=lambda options: {}, markdown=lambda data: "TABLE")
    machine = {"git_commit": None, "cpu_model": "C", "cpu_cores": 2, "threads": 2, "memory_gb": 8.0, "load_before": 0.1}
    results = {
        "command": "python",
        "quick": True,
        "measured_at": "2026-01-02T03:04:05",
        "data": {},
        "machine": {**machine, "versions": {"tensorflow": "2", "keras": "3"}},
    }
    assert section(script, results).startswith("**Tiny sizes")
    assert section(script, {**results, "quick": False}).startswith("TABLE")


def test_what_is_not_measured_is_left_as_it_is(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text("utf-8"))
    write_tables(tmp_path, page)
    assert page.read_text() == PAGE.read_text("utf-8")


def test_published_figures_are_not_from_tiny_sizes_and_are_on_the_page():
    page = PAGE.read_text("utf-8")
    for script in SCRIPTS:
        file = PROJECT / "docs" / "results" / "performance" / f"{script.name}.json"
        if file.exists():
            results = json.loads(file.read_text("utf-8"))
            assert not results["quick"]
            assert section(script, results) in page


def test_the_profile_gives_each_steps_time_and_leaves_out_what_did_not_happen():
    def step():
        return sum(range(1000))

    profile = Profile()
    profile.runcall(step)
    steps = {"done": ("test_side_by_side.py", "step"), "not done": ("test_side_by_side.py", "other")}
    assert list(cumulative_seconds(pstats.Stats(profile), steps)) == ["done"]

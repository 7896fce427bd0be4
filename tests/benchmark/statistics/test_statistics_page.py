import re
from pathlib import Path

import pytest

from tests.benchmark.statistics.coverage_table import SHARES, coverage, half_width, satterthwaite_half_width

PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"


@pytest.mark.parametrize(("table", "width"), [("used here", half_width), ("Satterthwaite", satterthwaite_half_width)])
def test_the_coverage_in_the_docs_is_what_the_formula_gives(table, width):
    rows = PAGE.read_text(encoding="utf-8").split(f"| {table} |")[1].split("\n\n")[0]
    found = re.findall(r"^\| (\d+) seeds \| (.*) \|$", rows, flags=re.MULTILINE)
    assert [int(seeds) for seeds, _ in found] == [2, 3, 5, 10]
    for seeds, cells in found:
        expected = [100 * coverage(int(seeds), share, width) for share in SHARES]
        assert [float(cell) for cell in cells.split(" | ")] == pytest.approx(expected, abs=0.051)

"""Numbers and lists in words."""

import pytest

from benchmark import wording
from benchmark.statistics.variance import Interval

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (wording.percent(0.88295), "88.30%"),
        (wording.signed(-1.266), f"{MINUS}1.27"),
        (wording.signed(0.004), "+0.004"),
        (wording.signed(-0.0004), f"{MINUS}0.0004"),
        (wording.signed(1234.5), "+1,234.50"),
        (wording.points_interval(Interval(0.007312, 0.0479)), "+0.73 to +4.79"),
        (wording.points_interval(Interval(-0.301, 0.174)), "wider than ±20"),
        (wording.points_interval(Interval(-0.45, -0.01)), "wider than ±20, below 0"),
        (wording.percent_interval(Interval(0.5, 0.95)), "wider than ±20"),
        (wording.duration(0.04), "0.0 s"),
        (wording.duration(59.96), "1.0 min"),
        (wording.duration(3570), "1.0 h"),
        (wording.plural(1, "seed"), "1 seed"),
        (wording.plural(2500, "review"), "2,500 reviews"),
        (wording.points(1.0), "1 point"),
        (wording.points(0.5), "0.50 points"),
        (wording.listing(["a", "b"]), "a and b"),
        (wording.listing(["a", "b", "c"], "or"), "a, b or c"),
        (wording.listing(["a, b", "c"]), "a, b and c"),
        (wording.listing(["a, b", "c", "d"]), "a, b; c; and d"),
        (wording.moment("2026-01-02T03:04:05+00:00"), "2026-01-02, 03:04 UTC"),
        (wording.printable(" a\x00b\n\tc\u202e \ud800d "), "a b c d"),
    ],
)
def test_it_is_written_so(written, text):
    assert written == text

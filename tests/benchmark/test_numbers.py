import pytest

from benchmark import numbers as n
from benchmark.analysis.parts import Interval, Spread


def interval(low: float, high: float) -> Interval:
    return Interval(low=low, high=high, level=0.95, method="test")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (n.percent(0.8829), "88.29%"),
        (n.percent(1), "100.00%"),
        (n.share(0.341), "34%"),
        (n.percent_interval(interval(0.841, 0.89617)), "84.10 to 89.62"),
        (n.points_interval(interval(-4.79, 0.731)), "\N{MINUS SIGN}4.79 to +0.73"),
        (n.signed(-0.001), "0.00"),
        (n.signed(0.0), "0.00"),
        (n.decimal(1)(-1234.56), "\N{MINUS SIGN}1,234.6"),
        (n.decimal(2)(-0.0004), "0.00"),
        (n.count(25_000), "25,000"),
        (n.p_value(0.0004), "< 0.001"),
        (n.p_value(0.04999), "0.050"),
        (n.megabytes(2.6), "2.6 MB"),
        (n.megabytes(512.3), "512 MB"),
        (n.megabytes(1100), "1.10 GB"),
        (n.short_id("0123456789abcdef"), "01234567"),
        (n.seed_names([7]), "seed 7"),
        (n.seed_names([7, 8, 9]), "seeds 7, 8 and 9"),
        (n.seed_names(range(13)), "13 seeds"),
        (n.plural(1, "seed"), "1 seed"),
        (n.plural(1200, "seed"), "1,200 seeds"),
        (n.listing(["a"]), "a"),
        (n.listing(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_a_number_is_written_for_people(written, expected):
    assert written == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0042, "4 ms"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (252, "4 min 12 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_duration_is_in_the_unit_that_a_person_would_use(seconds, expected):
    assert n.seconds(seconds) == expected


def test_what_is_not_known_says_so_and_is_never_zero():
    assert n.known(None, n.percent) == "unknown"
    assert n.known(None, n.percent, n.ONE_SEED) == "unknown (one seed)"
    assert n.known(0.0, n.percent) == "0.00%"


def test_a_spread_over_one_seed_has_no_deviation():
    assert n.spread(Spread(mean=2.0, sd=None, low=2.0, high=2.0, n=1), n.decimal(1)) == "2.0"
    assert n.spread(Spread(mean=2.0, sd=0.5, low=1.5, high=2.5, n=2), n.decimal(1)) == "2.0 ± 0.5"


def test_a_moment_is_told_in_utc_and_what_is_none_stays_as_it_is():
    assert n.moment("2026-01-02T03:04:05Z") == "2026-01-02, 03:04 UTC"
    assert n.moment("2026-01-02T03:04:05+02:00") == "2026-01-02, 01:04 UTC"
    assert n.moment("2026-01-02T03:04:05") == "2026-01-02, 03:04"
    assert n.moment("yesterday") == "yesterday"


@pytest.mark.parametrize(("points", "told"), [(1.0, "±1 point"), (0.5, "±0.5 points"), (2.0, "±2 points")])
def test_a_margin_has_no_needless_digits(points, told):
    assert n.margin(points) == told

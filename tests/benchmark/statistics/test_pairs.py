import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.pairs import compare, compare_all
from benchmark.statistics.variance import count_right

MARGIN = 0.01


def draw(accuracies, rng, reviews: int = 2000, shared=None) -> np.ndarray:
    """Seeds with these true accuracies; what makes a review hard is mostly shared."""
    shared = rng.normal(size=reviews) if shared is None else shared
    latent = 0.9 * shared + np.sqrt(1 - 0.81) * rng.normal(size=(len(accuracies), reviews))
    return latent < stats.norm.ppf(accuracies)[:, None]


def width(difference) -> float:
    return difference.interval.high - difference.interval.low


@pytest.mark.parametrize(
    ("first", "second", "kind"), [(0.90, 0.85, "better"), (0.85, 0.90, "worse"), (0.88, 0.88, "equivalent")]
)
def test_kinds(first, second, kind):
    rng = np.random.default_rng(1)
    shared = rng.normal(size=20_000)
    networks = [count_right(draw([accuracy] * 6, rng, 20_000, shared)) for accuracy in (first, second)]
    pair = compare(*networks, MARGIN)
    assert pair.kind == kind
    assert pair.difference == pytest.approx(first - second, abs=0.01)


def test_two_architectures_that_scatter_are_undecided():
    rng = np.random.default_rng(2)
    first, second = count_right(draw([0.88, 0.80, 0.85], rng)), count_right(draw([0.84, 0.87, 0.75], rng))
    assert compare(first, second, MARGIN).kind == "undecided"


def test_one_seed_of_a_network_decides_nothing_however_large_the_difference():
    rng = np.random.default_rng(3)
    seed, other, seeds = (count_right(draw(drawn, rng)) for drawn in ([0.95], [0.6], [0.6, 0.61, 0.6]))
    for first, second in ((seed, other), (seed, seeds), (seeds, seed)):
        pair = compare(first, second, MARGIN)
        assert pair.about_models
        assert pair.kind == "undecided"
        assert not pair.interval.contains(0)  # these two trained models do differ


def test_models_without_randomness_are_compared_over_the_test_reviews():
    first, second = draw([0.9, 0.85], np.random.default_rng(3))
    pair = compare(count_right(first, deterministic=True), count_right(second, deterministic=True), MARGIN)
    expected = stats.ttest_1samp(first.astype(int) - second, 0).confidence_interval()
    assert pair.kind == "better"
    assert pair.interval == pytest.approx(expected, rel=0.02)


def test_two_models_that_answer_alike_differ_by_up_to_a_few_reviews():
    right = np.arange(100) < 98
    pair = compare(count_right(right, deterministic=True), count_right(right, deterministic=True), MARGIN)
    assert pair.difference == 0
    assert pair.interval.high == pytest.approx(0.028, abs=0.001)
    assert pair.kind == "undecided"


def test_films_widen_a_pair_whose_differences_cluster():
    first, second = (np.repeat(right, 5) for right in draw([0.9, 0.85], np.random.default_rng(4), 200))
    films = np.repeat(np.arange(200), 5)
    clustered = compare(count_right(first, films, True), count_right(second, films, True), MARGIN)
    independent = compare(count_right(first, None, True), count_right(second, None, True), MARGIN)
    assert width(clustered) > 2 * width(independent)


def test_what_the_networks_find_hard_alike_cancels_out():
    rng = np.random.default_rng(5)
    shared = rng.normal(size=2000)
    first, second, other = (
        count_right(draw([accuracy] * 8, rng, shared=difficulty))
        for accuracy, difficulty in ((0.88, shared), (0.86, shared), (0.86, None))
    )
    assert width(compare(first, second, MARGIN)) < 0.7 * width(compare(first, other, MARGIN))


def test_groups_must_be_the_same():
    with pytest.raises(ValueError, match="same groups"):
        compare(
            count_right(np.ones((2, 6)), [0, 0, 1, 1, 2, 2]), count_right(np.ones((2, 6)), [0, 0, 0, 1, 1, 2]), MARGIN
        )


def test_all_pairs_share_the_error_rate():
    rng = np.random.default_rng(6)
    networks = [count_right(draw([accuracy] * 3, rng)) for accuracy in (0.9, 0.88, 0.86)]
    pairs = compare_all(networks, MARGIN, 0.06)
    assert list(pairs) == [(0, 1), (0, 2), (1, 2)]
    for (first, second), pair in pairs.items():
        assert pair == compare(networks[first], networks[second], MARGIN, error_rate=0.02)


def test_one_architecture_has_no_pair():
    assert compare_all([count_right(np.ones((3, 50)))], MARGIN) == {}

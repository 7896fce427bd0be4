import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.statistics.collapse import collapse_share, collapsed_seeds

IMDB = 25_000  # test reviews


@pytest.mark.parametrize(
    ("test_accuracy", "train_accuracy", "collapsed"),
    [
        ((0.8552, 0.8590, 0.7951), (0.8902, 0.8907, 0.8345), (2,)),  # lstm_dropout on one processor
        ((0.8559, 0.8328, 0.8572), (0.8879, 0.8236, 0.8785), ()),  # lstm on another: 2.4 points are within its scatter
        ((0.8718, 0.8702, 0.8462), (0.8369, 0.8932, 0.8677), ()),  # the first is the best on the test reviews
        ((0.8767, 0.8783, 0.8738), (0.9194, 0.9230, 0.9176), ()),
        ((0.5, 0.87, 0.88, 0.87, 0.5, 0.51, 0.86), (0.50, 0.88, 0.89, 0.885, 0.51, 0.50, 0.88), (0, 4, 5)),
        ((0.7230, 0.8010, 0.6960), (0.794, 0.789, 0.729), ()),  # cnn_lstm on 2,000 reviews: all scatter
        ((0.87, 0.5), (0.88, 0.5), ()),  # of two seeds no one can say which is the normal one
        ((), (), ()),
    ],
)
def test_far_below_the_better_seeds_in_test_and_training_accuracy(test_accuracy, train_accuracy, collapsed):
    assert collapsed_seeds(test_accuracy, train_accuracy, IMDB) == collapsed


def test_half_of_the_seeds_can_collapse():
    accuracy = [0.88, 0.82, 0.885, 0.81, 0.89, 0.82, 0.88, 0.815, 0.825, 0.884]
    assert collapsed_seeds(accuracy, accuracy, IMDB) == (1, 3, 5, 7, 8)


def test_a_low_test_accuracy_alone_is_no_collapse():
    assert collapsed_seeds([0.88, 0.78, 0.88], [0.89, 0.89, 0.89], IMDB) == ()


def test_a_low_training_accuracy_alone_is_no_collapse():
    assert collapsed_seeds([0.88, 0.87, 0.88], [0.89, 0.70, 0.89], IMDB) == ()


@pytest.mark.parametrize("seeds", [3, 5, 10, 20])
@pytest.mark.parametrize("spread", [0.0025, 0.014])
def test_normal_noise_is_no_collapse(seeds, spread):
    rng = np.random.default_rng(seeds)
    drawn = [(0.88 + spread * rng.normal(size=seeds)).tolist() for _ in range(1000)]
    assert np.mean([bool(collapsed_seeds(one, one, IMDB)) for one in drawn]) <= 0.02


def test_with_few_reviews_a_slow_seed_is_no_collapse():
    test_accuracy, train_accuracy = (0.716, 0.724, 0.705, 0.6655, 0.7275), (0.79, 0.79, 0.79, 0.70, 0.79)
    assert collapsed_seeds(test_accuracy, train_accuracy, 2000) == ()
    assert collapsed_seeds(test_accuracy, train_accuracy, IMDB) == (3,)


@pytest.mark.parametrize("test_reviews", [75, 500, 2000])
def test_networks_that_learned_nothing_have_no_collapses(test_reviews):
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(200):
        right, train_accuracy = rng.random((5, test_reviews)) < 0.5, rng.normal(0.5, 0.04, 5)
        found += bool(collapsed_seeds(right.mean(axis=1).tolist(), train_accuracy.tolist(), test_reviews, right))
    assert found <= 4


def _predictions(noise: list[float]) -> np.ndarray:
    """Whether each seed says 1; noise is how much of its predictions is its own."""
    rng = np.random.default_rng(7)
    shared = rng.normal(size=5000)
    return shared + np.array(noise)[:, None] * rng.normal(size=(len(noise), 5000)) > 0


def test_a_collapse_that_the_training_accuracy_hides_shows_in_the_predictions():
    test_accuracy, train_accuracy = (0.8735, 0.7844, 0.8697), (0.8834, 0.8827, 0.8854)
    assert collapsed_seeds(test_accuracy, train_accuracy, IMDB) == ()
    assert collapsed_seeds(test_accuracy, train_accuracy, IMDB, _predictions([0.4, 1.2, 0.4])) == (1,)


def test_predictions_of_its_own_are_no_collapse_of_a_seed_that_is_as_good():
    assert collapsed_seeds((0.801, 0.801, 0.822), (0.85, 0.85, 0.86), IMDB, _predictions([0.4, 0.4, 1.2])) == ()


def test_a_seed_that_gives_every_review_the_same_label_shows_in_the_predictions():
    positive = _predictions([0.4] * 5)
    positive[3] = True
    assert collapsed_seeds([0.88, 0.87, 0.88, 0.5, 0.87], [0.88] * 5, IMDB, positive) == (3,)


def test_none_of_three_does_not_rule_out_seven_in_ten():
    assert collapse_share(0, 3) == pytest.approx((0, 0.7076), abs=0.0001)
    assert collapse_share(3, 3) == pytest.approx((0.2924, 1), abs=0.0001)
    assert collapse_share(1, 5) == pytest.approx(binomtest(1, 5).proportion_ci(method="exact"))

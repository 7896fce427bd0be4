import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.statistics.collapse import collapse_share, collapsed_seeds


@pytest.mark.parametrize(
    ("train_accuracy", "collapsed"),
    [
        ((0.8879, 0.8236, 0.8785), (1,)),  # lstm on one processor: test accuracy 85.59, 83.28, 85.72
        ((0.8902, 0.8907, 0.8345), (2,)),  # lstm_dropout on another: 85.52, 85.90, 79.51
        ((0.8369, 0.8932, 0.8677), ()),  # lstm_dropout, whose first seed is the best on the test reviews: 87.18
        ((0.9194, 0.9230, 0.9176), ()),
        ((0.50, 0.88, 0.89, 0.885, 0.51, 0.50, 0.88), (0, 4, 5)),
        ((0.88, 0.5), ()),  # of two seeds no one can say which is the normal one
        ((), ()),
    ],
)
def test_training_accuracy_far_below_that_of_the_better_seeds(train_accuracy, collapsed):
    assert collapsed_seeds(train_accuracy) == collapsed


def test_half_of_the_seeds_can_collapse():
    assert collapsed_seeds([0.88, 0.82, 0.885, 0.81, 0.89, 0.82, 0.88, 0.815, 0.825, 0.884]) == (1, 3, 5, 7, 8)


@pytest.mark.parametrize("seeds", [3, 5, 10, 20])
@pytest.mark.parametrize("spread", [0.0025, 0.014])
def test_normal_noise_is_no_collapse(seeds, spread):
    rng = np.random.default_rng(seeds)
    found = [collapsed_seeds((0.88 + spread * rng.normal(size=seeds)).tolist()) for _ in range(1000)]
    assert np.mean([bool(one) for one in found]) <= 0.02


def test_a_collapse_that_the_training_accuracy_hides_shows_in_the_predictions():
    rng = np.random.default_rng(7)
    shared = rng.normal(size=5000)
    noise = np.array([0.4, 0.4, 1.2])[:, None]  # the third seed's predictions are mostly its own
    positive = shared + noise * rng.normal(size=(3, 5000)) > 0
    train_accuracy = (0.8834, 0.8827, 0.8854)
    assert collapsed_seeds(train_accuracy) == ()
    assert collapsed_seeds(train_accuracy, positive) == (2,)
    assert collapsed_seeds((), positive) == (2,)  # a baseline with seeds has no training curve


def test_a_seed_that_gives_every_review_the_same_label_shows_in_the_predictions():
    rng = np.random.default_rng(8)
    positive = rng.normal(size=2000) + 0.4 * rng.normal(size=(5, 2000)) > 0
    positive[3] = True
    assert collapsed_seeds([0.88] * 5, positive) == (3,)


def test_none_of_three_does_not_rule_out_seven_in_ten():
    assert collapse_share(0, 3) == pytest.approx((0, 0.7076), abs=0.0001)
    assert collapse_share(3, 3) == pytest.approx((0.2924, 1), abs=0.0001)
    assert collapse_share(1, 5) == pytest.approx(binomtest(1, 5).proportion_ci(method="exact"))

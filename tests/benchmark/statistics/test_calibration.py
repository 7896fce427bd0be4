import numpy as np
import pytest

from benchmark.statistics.calibration import calibrate


def test_opposite_errors_of_two_seeds_do_not_cancel():
    label = np.tile([0, 1], 500)
    too_high, right, too_low = np.full(1000, 0.6), np.full(1000, 0.5), np.full(1000, 0.4)
    found = calibrate(label, np.stack([too_high, right, too_low]))
    assert found.error_by_seed == pytest.approx((0.1, 0, 0.1))
    assert found.error == pytest.approx(0.2 / 3)  # pooled before binning, neighbouring bins would cancel


def test_errors_within_one_bin_do_not_cancel_either():
    label = np.r_[np.ones(60), np.zeros(40)]
    above = calibrate(label, np.full((1, 100), 0.69)).error
    below = calibrate(1 - label, np.full((1, 100), 0.31)).error
    both = calibrate(np.r_[label, label], np.stack([np.full(200, 0.69), np.full(200, 0.61)]))
    assert (above, below) == pytest.approx((0.09, 0.09))
    assert both.error == pytest.approx((0.09 + 0.01) / 2)


def test_bins_hold_what_was_predicted():
    found = calibrate([0, 1, 1, 1], [[0.05, 0.72, 0.78, 1.0]])
    low, middle, high = found.bins[0]
    assert (low.predictions, middle.predictions, high.predictions) == (1, 2, 1)
    assert (middle.low, middle.high) == pytest.approx((0.7, 0.8))
    assert (middle.mean_probability, middle.positive_share) == pytest.approx((0.75, 1.0))
    assert found.error == pytest.approx((0.05 + 2 * 0.25 + 0) / 4)

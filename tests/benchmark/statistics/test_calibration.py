import numpy as np
import pytest

from benchmark.statistics.calibration import calibrate


def test_opposite_errors_of_two_seeds_do_not_cancel():
    label = np.tile([0, 1], 500)
    too_high, right, too_low = np.full(1000, 0.6), np.full(1000, 0.5), np.full(1000, 0.4)
    calibration = calibrate(label, np.stack([too_high, right, too_low]))
    assert calibration.error == pytest.approx(0.2 / 3)  # pooled before binning, neighbouring bins would cancel


def test_errors_within_one_bin_do_not_cancel_either():
    label = np.r_[np.ones(60), np.zeros(40)]
    above = calibrate(label, np.full((1, 100), 0.69)).error
    below = calibrate(1 - label, np.full((1, 100), 0.31)).error
    both = calibrate(np.r_[label, label], np.stack([np.full(200, 0.69), np.full(200, 0.61)]))
    assert (above, below) == pytest.approx((0.09, 0.09))
    assert both.error == pytest.approx((0.09 + 0.01) / 2)


def test_a_curve_has_the_mean_of_what_was_predicted_and_of_what_was_observed():
    calibration = calibrate([0, 1, 1, 1], [[0.05, 0.72, 0.78, 1.0]])
    assert np.array(calibration.curves[0]) == pytest.approx(np.array([(0.05, 0), (0.75, 1), (1, 1)]))
    assert calibration.error == pytest.approx((0.05 + 2 * 0.25 + 0) / 4)

import numpy as np
import pytest

from benchmark.statistics.calibration import calibration_gap


def test_opposite_errors_of_two_seeds_do_not_cancel():
    label = np.tile([0, 1], 500)
    too_high, right, too_low = np.full(1000, 0.6), np.full(1000, 0.5), np.full(1000, 0.4)
    gap = calibration_gap(label, np.stack([too_high, right, too_low]))
    assert gap == pytest.approx(0.2 / 3)  # pooled before binning, neighbouring bins would cancel


def test_a_gap_is_between_what_is_predicted_and_observed_in_a_bin():
    label = np.r_[np.ones(60), np.zeros(40)]
    assert calibration_gap(label, np.full((1, 100), 0.69)) == pytest.approx(0.09)
    assert calibration_gap(1 - label, np.full((1, 100), 0.31)) == pytest.approx(0.09)
    assert calibration_gap([0, 1, 1, 1], [[0.05, 0.72, 0.78, 1.0]]) == pytest.approx((0.05 + 2 * 0.25 + 0) / 4)

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from benchmark.statistics.calibration import expected_calibration_error, reliability_bins


def test_bins_agree_with_scikit_learn():
    generator = np.random.default_rng(0)
    probability = generator.random(1000).astype(np.float32)
    label = (generator.random(1000) < probability**2).astype(np.int8)
    shares, means = calibration_curve(label, probability, n_bins=10)
    bins = reliability_bins(label, probability)
    assert [one.positive_share for one in bins] == pytest.approx(shares)
    assert [one.mean_probability for one in bins] == pytest.approx(means)
    assert sum(one.predictions for one in bins) == 1000


def test_empty_bins_are_left_out_and_certainty_is_in_the_last_one():
    bins = reliability_bins(np.array([0, 1], dtype=np.int8), np.array([0.0, 1.0], dtype=np.float32))
    assert [(one.low, one.high) for one in bins] == [(0.0, 0.1), (0.9, 1.0)]


def test_the_calibration_error_is_the_mean_gap_weighted_by_predictions():
    label = np.array([1, 1, 1, 0, 0], dtype=np.int8)
    probability = np.array([0.95, 0.95, 0.95, 0.95, 0.25], dtype=np.float32)
    bins = reliability_bins(label, probability)
    assert expected_calibration_error(bins) == pytest.approx((4 * abs(0.95 - 0.75) + 1 * 0.25) / 5)

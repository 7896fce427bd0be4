import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.trainings import count_above, together
from benchmark.statistics.variance import count_right


def test_together_is_the_average_of_the_probabilities_as_one_model():
    rng = np.random.default_rng(1)
    label, films = rng.integers(0, 2, 600), rng.integers(0, 60, 600)
    probability = np.clip(rng.normal(0.3 + 0.4 * label, 0.3, (5, 600)), 0, 1).astype(np.float32)
    average = pd.DataFrame(probability.T.astype(float)).mean(axis="columns")
    expected = count_right((average > 0.5) == (label == 1), films, deterministic=True)
    counts = together(label, probability, films)
    assert counts.median == expected.accuracies[0] > count_right(probability[:1] > 0.5).median
    assert typical_interval(counts) == typical_interval(expected)
    assert not counts.one_seed


@pytest.mark.parametrize(("above", "trainings"), [(7, 10), (0, 10), (10, 10), (1, 3)])
def test_the_share_of_trainings_has_the_interval_of_clopper_and_pearson(above, trainings):
    accuracies = np.r_[np.full(above, 0.9), np.full(trainings - above, 0.88)]
    share = count_above(accuracies, 0.88)
    assert (share.above, share.trainings) == (above, trainings)
    assert share.interval == pytest.approx(proportion_confint(above, trainings, method="beta"))

import numpy as np
import pandas as pd

from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.trainings import together
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

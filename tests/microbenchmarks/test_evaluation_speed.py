"""What comes after the training: statistics and the report."""

from itertools import count

import numpy as np
import pytest

from benchmark.analysis.analyse import analyse
from benchmark.report import build_report
from benchmark.statistics.crossed import take_apart
from tests.support.records import make_record


@pytest.fixture(scope="module")
def record(sizes):
    """Four architectures with a few seeds: 20 trials at full size."""
    return make_record(seeds=range(sizes.seeds_of_statistics), reviews=sizes.test_reviews)


def test_uncertainty_of_one_mean(benchmark, record, sizes):
    predictions = [trial.predictions for trial in record.trials]
    right = np.stack([(one.probability > 0.5) == (one.label == 1) for one in predictions])
    benchmark.extra_info |= {"trials": len(right), "reviews": sizes.test_reviews}

    parts = benchmark(take_apart, right)

    assert parts.mean == pytest.approx(right.mean())


def test_analysis(benchmark, record, sizes):
    benchmark.extra_info |= {"trials": len(record.trials), "reviews": sizes.test_reviews}

    analysis = benchmark.pedantic(analyse, (record,), rounds=5)

    assert analysis.trials_finished == len(record.trials)


def test_report(benchmark, sizes, tmp_path):
    record = make_record(seeds=range(sizes.seeds_of_report), reviews=sizes.test_reviews)
    benchmark.extra_info |= {"trials": len(record.trials), "reviews": sizes.test_reviews}
    number = count()

    def build():
        return build_report(record, tmp_path / str(next(number)), generated_at="2026-01-02T03:04:05Z")

    assert benchmark.pedantic(build, rounds=3).html.exists()

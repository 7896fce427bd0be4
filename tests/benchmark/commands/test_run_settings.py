"""What the corpus and the disk allow of what was typed."""

from pathlib import Path

import pytest

from benchmark.commands.run_settings import check_output, limit_within
from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from tests.support.records import make_corpus_facts

CORPUS = make_corpus_facts()


def test_a_limit_that_the_corpus_does_not_reach_makes_the_same_benchmark_as_none():
    config = BenchmarkConfig(limit=CORPUS.train_reviews)
    assert limit_within(config, CORPUS) == BenchmarkConfig()
    assert limit_within(BenchmarkConfig(), CORPUS) == BenchmarkConfig()


def test_a_limit_that_leaves_reviews_out_stays():
    config = BenchmarkConfig(limit=CORPUS.train_reviews)
    longer_test_half = CORPUS.model_copy(update={"test_reviews": CORPUS.train_reviews + 1})
    assert limit_within(config, longer_test_half) == config


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder where even root can make nothing")
def test_a_folder_where_nothing_can_be_made_is_refused_whoever_asks():
    with pytest.raises(UserError, match=r"--output: the report cannot be written to /proc/reports: /proc is no folder"):
        check_output(Path("/proc/reports"))


def test_looking_whether_the_report_can_be_written_leaves_nothing(tmp_path):
    check_output(tmp_path / "new" / "reports")
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_trained(tmp_path):
    (tmp_path / "file").write_text("")
    check_output(tmp_path / "new" / "folder")
    with pytest.raises(UserError, match=r"--output: the report cannot be written to .*file is no folder"):
        check_output(tmp_path / "file" / "reports")

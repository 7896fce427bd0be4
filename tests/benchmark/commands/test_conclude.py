"""The end of a benchmark: everything is read from the store once, and the report has all that was logged."""

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from benchmark.analysis.analyse import analyse
from benchmark.commands import run
from benchmark.commands.conclude import conclude, write_report
from benchmark.executors.settings import ExecutorSettings
from benchmark.results import BenchmarkRecord
from tests.support.records import make_record, trials_hardest

RECORD = replace(make_record(["lstm", "cnn_lstm"]), hard_reviews=(), status="running")
CORPUS = SimpleNamespace(text=lambda review_id: f"What was written as {review_id}.")


class FakeTracker:
    """Keeps what it is to log."""

    run_id = RECORD.run_id
    has_ended = False

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def flush(self) -> None: ...

    def finish(self, status: str) -> None:
        self.statuses.append(status)
        self.has_ended = True

    def log_hard_reviews(self, reviews) -> None:
        self.hard_reviews = reviews

    def log_summary(self, metrics) -> None:
        self.summary = metrics

    def log_report(self, directory: Path) -> None:
        self.report = directory


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[BenchmarkRecord]:
    """What was read from the store; nothing else of that is there."""
    reads: list[BenchmarkRecord] = []

    def read(client: object, run_id: str) -> BenchmarkRecord:
        reads.append(RECORD)
        return RECORD

    monkeypatch.setattr(run, "read_benchmark", read)
    return reads


def benchmark_run(output: Path) -> run._BenchmarkRun:
    store = SimpleNamespace(client=None, tracking_uri="sqlite:////somewhere/mlflow.db")
    return run._BenchmarkRun(Console(file=io.StringIO()), ExecutorSettings(), output, RECORD.config, store, None, None)


def test_the_report_has_the_texts_of_the_hard_reviews_that_are_logged(tracker, tmp_path):
    conclusion = conclude(RECORD, tracker, CORPUS, tmp_path)
    assert {review.text for review in tracker.hard_reviews} >= {
        f"What was written as {review_id}." for review_id in trials_hardest(RECORD.trials, 3)
    }
    page = conclusion.report_file.read_text()
    assert tracker.hard_reviews[0].text in page
    assert tracker.summary["lstm.accuracy_mean"] == conclusion.analysis.architectures[0].accuracy.mean
    assert tracker.report == conclusion.report_file.parent


def test_the_report_is_the_one_that_can_be_built_again_from_the_store(tracker, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    first = conclude(RECORD, tracker, CORPUS, tmp_path / "first")
    stored = replace(RECORD, hard_reviews=tracker.hard_reviews)
    again = write_report(stored, analyse(stored), tmp_path / "again")
    assert first.report_file.read_bytes() == again.report_file.read_bytes()


def test_a_benchmark_is_read_once_at_its_end_and_promoted_as_it_ended(tracker, reads, tmp_path, monkeypatch):
    promoted = []
    monkeypatch.setattr("tracking.promotion.promote", lambda store, record, corpus: promoted.append(record))
    assert benchmark_run(tmp_path)._end(tracker, CORPUS) == run.EXIT_DONE
    assert len(reads) == 1
    assert tracker.statuses == ["finished"]
    assert promoted[0].status == "finished"
    assert promoted[0].hard_reviews == tracker.hard_reviews


def test_a_benchmark_that_is_interrupted_is_read_once_too(tracker, reads, tmp_path):
    benchmark_run(tmp_path)._end_early(tracker, CORPUS)
    assert len(reads) == 1
    assert tracker.statuses == ["killed"]
    assert tracker.report.is_dir()


def test_a_benchmark_that_is_cut_short_before_its_aliases_moved_has_not_finished(tracker, reads, tmp_path, monkeypatch):
    def killed(*given: object) -> None:
        assert tracker.report.is_dir()
        raise KeyboardInterrupt

    monkeypatch.setattr("tracking.promotion.promote", killed)
    with pytest.raises(KeyboardInterrupt):
        benchmark_run(tmp_path)._end(tracker, CORPUS)
    assert tracker.statuses == []

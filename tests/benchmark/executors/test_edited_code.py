"""Code and data that are edited after the plan: refused where they would decide a trial, and planned again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.executors import LocalExecutor
from benchmark.plan import trial_config
from benchmark.results import PlannedTrial, TrialFailed, TrialFinished
from benchmark.training.fingerprint import differing_parts, plan_trial
from tests.support.tiny_corpus import write_tiny_corpus

SETTINGS = BenchmarkConfig(architectures=(), device="cpu", workers=1)
NETS = """
from pathlib import Path
from settings import STRENGTH
from models.registry import register_baseline
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

@register_baseline(deterministic=False)
def words():
    iterations = int(Path(__file__).with_name("iterations.txt").read_text())
    return make_pipeline(CountVectorizer(), LogisticRegression(C=STRENGTH, max_iter=iterations))
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=200)


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    (tmp_path / "settings.py").write_text("STRENGTH = 1.0")
    (tmp_path / "iterations.txt").write_text("200")
    (tmp_path / "nets.py").write_text(NETS)
    return tmp_path / "nets.py"


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(SETTINGS) as executor:
        yield executor


def plan(executor: LocalExecutor, specs: list[str], corpus: Path) -> list[PlannedTrial]:
    """Plan a trial of each as `run` does."""
    config = BenchmarkConfig(architectures=specs)
    digest = open_corpus(corpus).facts.digest
    planned = []
    for architecture in executor.describe(specs):
        planned.append(plan_trial(trial_config(config, architecture, 1), architecture, digest, executor.environment()))
    return planned


def test_what_is_edited_after_the_plan_is_refused_and_planned_again(
    executor: LocalExecutor, nets: Path, corpus: Path, tmp_path: Path
) -> None:
    before = plan(executor, [f"{nets}:words"], corpus)
    nets.with_name("iterations.txt").write_text("300")
    *_, failed = executor.run(before, corpus, tmp_path / "pending")
    assert isinstance(failed, TrialFailed)
    assert failed.reason == "not trained, since this is no longer the planned trial: iterations.txt has changed"

    nets.with_name("settings.py").write_text("STRENGTH = 2.0")
    executor.stop()
    with LocalExecutor(SETTINGS) as another:
        now = plan(another, [f"{nets}:words"], corpus)
        changes = differing_parts(before[0].fingerprint_parts, now[0].fingerprint_parts)
        assert changes == ["iterations.txt has changed", "settings.py has changed"]
        *_, finished = another.run(now, corpus, tmp_path / "again")
    assert isinstance(finished, TrialFinished)

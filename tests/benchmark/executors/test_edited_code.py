"""Code that is edited between two seeds, or before a benchmark is resumed, is refused or trained again."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.executors import LocalExecutor
from benchmark.plan import trial_config
from benchmark.results import PlannedTrial, TrialEvent, TrialFailed, TrialFinished
from benchmark.training.fingerprint import differing_parts, plan_trial
from tests.support.tiny_corpus import write_tiny_corpus

PROJECT = Path(__file__).resolve().parents[3]

# A user's file, what it imports, and what is imported inside the function; edited one after another.
FILES = {
    "late.py": "STRENGTH = 1.0",
    "parts/logistic.py": "ITERATIONS = 100",
    "settings.py": "DETERMINISTIC = False",
    "nets.py": """
from models.registry import register_baseline
from parts.logistic import ITERATIONS
from settings import DETERMINISTIC
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

@register_baseline(deterministic=DETERMINISTIC)
def words():
    from late import STRENGTH
    return make_pipeline(CountVectorizer(), LogisticRegression(C=STRENGTH, max_iter=ITERATIONS))
""",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=100)


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    config = BenchmarkConfig(architectures=(), device="cpu", workers=1)
    with LocalExecutor(config) as executor:
        yield executor


def plan(executor: LocalExecutor, spec: str, corpus: Path, seeds: int = 2) -> list[PlannedTrial]:
    """Plan trials as `run` does."""
    [architecture] = executor.describe([spec])
    config = BenchmarkConfig(architectures=(spec,))
    digest = open_corpus(corpus).facts.digest
    trials = [trial_config(config, architecture, seed) for seed in range(seeds)]
    return [plan_trial(trial, architecture, digest, executor.environment()) for trial in trials]


def ends(events: Iterator[TrialEvent], edit: Callable[[], object]) -> list[TrialEvent]:
    """Return the last event of each trial; an edit is made after each of them."""
    last = []
    for event in events:
        if isinstance(event, TrialFinished | TrialFailed):
            edit()
            last.append(event)
    return last


def test_an_edit_between_two_seeds_is_refused_and_planned_again(
    executor: LocalExecutor, corpus: Path, tmp_path: Path
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    nets, left = tmp_path / "nets.py", list(FILES)
    before = plan(executor, f"{nets}:words", corpus, seeds=1 + len(FILES))

    def edit() -> None:
        if left:
            file = tmp_path / left.pop(0)
            file.write_text(f"{file.read_text()}\n# edited")

    first, *others = ends(executor.run(before, corpus, tmp_path / "pending"), edit)
    assert isinstance(first, TrialFinished), first
    changes = []
    for file, event in zip(FILES, others, strict=True):
        changes = sorted([*changes, f"{file} has changed"])
        assert isinstance(event, TrialFailed)
        assert event.reason == f"not trained, since this is no longer the planned trial: {'; '.join(changes)}"

    resumed = plan(executor, f"{nets}:words", corpus)
    for earlier, now in zip(before, resumed, strict=False):
        assert earlier.fingerprint != now.fingerprint
        assert differing_parts(earlier.fingerprint_parts, now.fingerprint_parts) == changes
    again = ends(executor.run(resumed, corpus, tmp_path / "resumed"), edit)
    assert [type(event) for event in again] == [TrialFinished, TrialFinished]


WITH_AN_EDIT_OF_THE_HARNESS = """
import sys
from pathlib import Path
from tests.benchmark.executors import test_edited_code as here

corpus, folder, edited = map(Path, sys.argv[1:])
config = here.BenchmarkConfig(architectures=(), device="cpu", workers=1)
with here.LocalExecutor(config) as executor:
    trials = here.plan(executor, "majority_class", corpus)
    events = executor.run(trials, corpus, folder / "pending")
    for event in here.ends(events, lambda: edited.write_text(edited.read_text() + "# edited")):
        print(getattr(event, "reason", "finished"))
"""
PLAN = """
from benchmark.training.fingerprint import BASELINE_CODE
print(BASELINE_CODE["benchmark/training/baseline.py"])
"""


def test_an_edit_of_the_harness_between_two_seeds_is_refused_and_planned_again(corpus: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for package in ("benchmark", "models", "tracking", "tests"):
        shutil.copytree(PROJECT / package, checkout / package, ignore=shutil.ignore_patterns("__pycache__"))
    edited = checkout / "benchmark/training/baseline.py"

    def run(program: str, *arguments: Path) -> list[str]:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    before = run(PLAN)
    first, second = run(WITH_AN_EDIT_OF_THE_HARNESS, corpus, tmp_path, edited)
    assert first == "finished"
    assert second.endswith("benchmark/training/baseline.py has changed since this process imported it")
    assert run(PLAN) != before

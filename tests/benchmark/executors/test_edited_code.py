"""Code that is edited between two seeds, or before a benchmark is resumed, is refused or trained again."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.corpus import open_corpus
from benchmark.executors import LocalExecutor
from benchmark.results import PlannedTrial, TrialEvent, TrialFailed, TrialFinished
from benchmark.training.fingerprint import differing_parts, plan_trial
from tests.support.tiny_corpus import write_tiny_corpus

PROJECT = Path(__file__).resolve().parents[3]

# How the file imports the strength, where that stands, and what is edited.
EDITS = {
    "the file itself": ("STRENGTH = 1.0", "", "nets.py"),
    "an imported constant": ("from settings import STRENGTH", "", "settings.py"),
    "a package beside the file": ("from parts.logistic import STRENGTH", "", "parts/logistic.py"),
    "an import inside the function": ("", "from settings import STRENGTH", "settings.py"),
}
NETS = """
from models.registry import register_baseline
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
{top}

@register_baseline(deterministic=False)
def words():
    {inside}
    return make_pipeline(CountVectorizer(), LogisticRegression(C=STRENGTH))
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_corpus(tmp_path_factory.mktemp("corpus"), reviews=100)


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    config = BenchmarkConfig(architectures=(), device="cpu", workers=1)
    with LocalExecutor(config) as executor:
        yield executor


def plan(executor: LocalExecutor, spec: str, corpus: Path) -> list[PlannedTrial]:
    """Plan two seeds as `run` does."""
    [architecture] = executor.describe([spec])
    trials = []
    for seed in (1, 2):
        trial = TrialConfig(
            architecture=architecture.name,
            title=architecture.title,
            kind="baseline",
            spec=architecture.spec,
            seed=seed,
            epochs=None,
            batch_size=None,
            learning_rate=None,
        )
        digest = open_corpus(corpus).facts.digest
        trials.append(plan_trial(trial, architecture, digest, executor.environment()))
    return trials


def ends(events: Iterator[TrialEvent], edit: Callable[[], object]) -> list[TrialEvent]:
    """Return the last event of each trial; the edit is made when the first one is finished."""
    last = []
    for event in events:
        if isinstance(event, TrialFinished | TrialFailed):
            if not last:
                edit()
            last.append(event)
    return last


@pytest.mark.parametrize(("top", "inside", "file"), EDITS.values(), ids=EDITS)
def test_an_edit_between_two_seeds_is_refused_and_planned_again(
    executor: LocalExecutor, corpus: Path, tmp_path: Path, top: str, inside: str, file: str
) -> None:
    nets, edited = tmp_path / "nets.py", tmp_path / file
    edited.parent.mkdir(exist_ok=True)
    edited.write_text("STRENGTH = 1.0\n")
    nets.write_text(NETS.format(top=top, inside=inside or "pass"))
    before = plan(executor, f"{nets}:words", corpus)

    def edit() -> None:
        edited.write_text(edited.read_text().replace("1.0", "0.1"))

    first, second = ends(executor.run(before, corpus, tmp_path / "pending"), edit)
    assert isinstance(first, TrialFinished), first
    assert isinstance(second, TrialFailed)
    assert second.reason == f"not trained, since this is no longer the planned trial: {file} has changed"

    resumed = plan(executor, f"{nets}:words", corpus)
    for earlier, now in zip(before, resumed, strict=True):
        assert earlier.fingerprint != now.fingerprint
        assert differing_parts(earlier.fingerprint_parts, now.fingerprint_parts) == [f"{file} has changed"]
    again = ends(executor.run(resumed, corpus, tmp_path / "resumed"), lambda: None)
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

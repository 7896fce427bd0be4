"""The plan of a benchmark run, stored as ``benchmark.json``."""

from __future__ import annotations

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, PlannedTrial

PLAN_FILE = "benchmark.json"
HARD_REVIEWS_FILE = "hard_reviews.json"


class Plan(Settings):
    """All that a benchmark is, except its trials' results."""

    config: BenchmarkConfig
    planned: tuple[PlannedTrial, ...]
    corpus: CorpusFacts
    environment: Environment | None = None
    command: str
    looks: tuple[int, ...] = ()

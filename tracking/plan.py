"""The plan of a benchmark run, stored as ``benchmark.json``."""

from __future__ import annotations

from pydantic import AwareDatetime, ConfigDict, TypeAdapter

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.results import Environment, HardReview, PlannedTrial

PLAN_FILE = "benchmark.json"
HARD_REVIEWS_FILE = "hard_reviews.json"
# the file's content, with the key "reviews"
HARD_REVIEWS = TypeAdapter(dict[str, tuple[HardReview, ...]], config=ConfigDict(ser_json_inf_nan="constants"))


class Plan(Settings):
    """All that a benchmark is, except its trials' results."""

    config: BenchmarkConfig
    planned: tuple[PlannedTrial, ...]
    corpus: CorpusFacts
    environment: Environment | None = None
    command: str
    looks: tuple[int, ...] = ()
    started_at: AwareDatetime | None = None  # of an imported benchmark: nothing is trained here

"""What a benchmark run keeps of itself as ``benchmark.json``: the lossless record beside MLflow's params."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from benchmark.config import BenchmarkConfig
from benchmark.results import SCHEMA_VERSION, CorpusFacts, Environment, Execution

BENCHMARK_ARTIFACT = "benchmark.json"
HARD_REVIEWS_ARTIFACT = "hard_reviews.json"

KIND_TAG = "benchmark.kind"
BENCHMARK_KIND = "benchmark"
TRIAL_KIND = "trial"
REPRODUCTION_KIND = "reproduction"
COMPARISON_KIND = "comparison"


class BenchmarkFacts(BaseModel):
    """All that a benchmark is, but for its trials.

    Attributes
    ----------
    environment : Environment or None
        Of the newest worker; None until one was ready.
    taken_over : tuple of str
        Run ids of trials that other benchmarks finished.
    executions : tuple of Execution
        Each way in which trials of this benchmark were run; none of a benchmark that was logged without.
    trusted_since_ms : int or None
        When ``--force`` was last given, since the epoch: no trial that was begun before is to be taken over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    config: BenchmarkConfig
    corpus: CorpusFacts
    command: str
    environment: Environment | None = None
    taken_over: tuple[str, ...] = ()
    executions: tuple[Execution, ...] = ()
    trusted_since_ms: int | None = None

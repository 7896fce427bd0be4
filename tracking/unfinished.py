"""A benchmark that was begun before with the very same settings, and did not come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.config import BenchmarkConfig
from tracking.benchmark_facts import BENCHMARK_KIND, KIND_TAG
from tracking.benchmark_run import PROCESS_TAG, config_params
from tracking.processes import process_is_alive

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

NEWEST = 100


def unfinished_like(client: MlflowClient, experiment_id: str, config: BenchmarkConfig) -> str | None:
    """Give the id of the newest benchmark with these settings, where nobody is at work on it and it is not finished.

    Only the newest hundred benchmarks of the experiment are looked at.
    """
    benchmarks = client.search_runs(
        [experiment_id],
        f"tags.`{KIND_TAG}` = '{BENCHMARK_KIND}'",
        order_by=["attributes.start_time DESC"],
        max_results=NEWEST,
    )
    wanted = config_params(config).items()
    for run in benchmarks:
        if wanted <= run.data.params.items() and not _may_be_at_work(run):
            return None if run.info.status == "FINISHED" else run.info.run_id
    return None


def _may_be_at_work(run: Run) -> bool:
    process = run.data.tags.get(PROCESS_TAG)
    return run.info.status == "RUNNING" and process is not None and process_is_alive(process) is not False

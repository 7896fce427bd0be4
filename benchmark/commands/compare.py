"""``compare``: two benchmarks side by side, and an exit code that tells a regression."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from benchmark import numbers as n
from benchmark.commands.time_stamp import time_stamp
from benchmark.comparison import Comparison, Thresholds, compare
from benchmark.comparison.build import ComparisonFiles, build_comparison
from benchmark.errors import UserError
from benchmark.option_refusal import option_refusal
from benchmark.terminal import make_console
from benchmark.terminal.comparison_view import show_comparison
from tracking.comparison_runs import log_comparison
from tracking.records import read_benchmark
from tracking.run_lookup import find_benchmark, previous_benchmark
from tracking.store import connect, experiment_named, open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXIT_DONE = 0
EXIT_REGRESSION = 1


def compare_command(
    *,
    baseline: str,
    candidate: str,
    max_accuracy_drop_points: str,
    max_slowdown: str,
    certain_only: bool,
    output: str,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Compare two benchmark runs; the exit code is 1 where the candidate is worse than the thresholds allow."""
    thresholds = _thresholds(
        max_accuracy_drop_points=max_accuracy_drop_points, max_slowdown=max_slowdown, certain_only=certain_only
    )
    connect(tracking_uri)  # refuses a store that is not there; to open it for writing would make it
    store = open_store(tracking_uri, experiment_name)
    named = experiment_named(store.client, experiment_name)
    candidate_run_id = find_benchmark(store.client, named, candidate)
    baseline_run_id = _baseline(store.client, named, baseline, candidate_run_id)
    comparison = compare(
        read_benchmark(store.client, baseline_run_id), read_benchmark(store.client, candidate_run_id), thresholds
    )
    files = _write(comparison, Path(output))
    log_comparison(store, comparison, files.directory)
    console = make_console()
    show_comparison(console, comparison)
    console.print(f"comparison  {files.html}", markup=False, soft_wrap=True)
    return EXIT_DONE if comparison.passed else EXIT_REGRESSION


def _baseline(client: MlflowClient, experiment_id: str | None, which: str, candidate_run_id: str) -> str:
    if which == "previous":
        return previous_benchmark(client, candidate_run_id)
    run_id = find_benchmark(client, experiment_id, which)
    if run_id == candidate_run_id:
        raise UserError(f"--baseline and --candidate are both {run_id}; give two benchmark runs")
    return run_id


def _write(comparison: Comparison, output: Path) -> ComparisonFiles:
    names = (n.short_id(side.run_id) for side in (comparison.baseline, comparison.candidate))
    folder = output / f"comparison-{'-'.join(names)}"
    try:
        return build_comparison(comparison, folder, generated_at=time_stamp())
    except OSError as error:
        raise UserError(
            f"--output: the comparison cannot be written to {folder}: {error.strerror or error}; give another folder"
        ) from None


def _thresholds(**typed: str | bool) -> Thresholds:
    try:
        return Thresholds.model_validate(typed)
    except ValidationError as error:
        raise option_refusal(error, Thresholds.model_fields) from None

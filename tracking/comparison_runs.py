"""A comparison as the run that ``mlflow run`` has started for it."""

from __future__ import annotations

from pathlib import Path

from benchmark.comparison import Comparison
from tracking.benchmark_facts import COMPARISON_KIND, KIND_TAG
from tracking.benchmark_run import NOTE_TAG
from tracking.store import Store
from tracking.trial_runs import set_tags


def log_comparison(store: Store, comparison: Comparison, directory: Path) -> None:
    """Keep a comparison's files in the run that ``mlflow run`` has started; without it nothing is logged."""
    run_id = store.started_run_id
    if run_id is None:
        return
    tags = {
        KIND_TAG: COMPARISON_KIND,
        "benchmark.baseline": comparison.baseline.run_id,
        "benchmark.candidate": comparison.candidate.run_id,
        "benchmark.regressions": str(len(comparison.regressions)),
        NOTE_TAG: "\n\n".join([comparison.headline, *(one.sentence for one in comparison.architectures)]),
    }
    set_tags(store.client, run_id, tags)
    store.client.update_run(run_id, name=comparison.title)
    store.client.log_artifacts(run_id, str(directory), "comparison")

"""``list``: the stored benchmarks, the architectures, the registered models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from benchmark.terminal import make_console, print_table, say
from benchmark.wording import percent
from models.registry import ours
from tracking.reader import PLANNED_TAG, benchmark_runs, child_runs, train_reviews_of
from tracking.store import Store, open_store

ID_LENGTH = 8  # that many first characters are enough for other commands
NUMBERS = ("versions", "accuracy")


def list_command(*, what: str, tracking_uri: str | None, experiment_name: str | None) -> int:
    """Print a table."""
    if what == "architectures":
        rows = [{"name": one.name, "title": one.title, "group": one.group} for one in ours().values()]
    elif what == "benchmarks":
        rows = [*list_benchmarks(open_store(tracking_uri, experiment_name))]
    else:
        rows = [*list_models(open_store(tracking_uri, experiment_name))]
    if rows:
        print_table(make_console(), rows, right=NUMBERS)
    else:
        say(make_console(), f"There are no {what} yet. Train some: python -m benchmark run")
    return 0


def list_benchmarks(store: Store) -> Iterator[dict[str, str]]:
    """List the benchmarks, the newest first; a name has the best accuracy, the architectures and the seeds."""
    for run in benchmark_runs(store):
        tags = run.data.tags
        result = run.info.status.lower()
        if result == "finished":
            verdict = tags.get("benchmark.verdict", "none")
            if verdict != "none":
                result = verdict
        else:
            trials = child_runs(store, run.info.run_id)
            finished = sum(trial.info.status == "FINISHED" for trial in trials)
            planned = int(tags.get(PLANNED_TAG, 0))
            result += f" {min(finished, planned)}/{planned}"  # a trial of changed code was trained twice
        yield {
            "id": run.info.run_id[:ID_LENGTH],
            "started": f"{datetime.fromtimestamp(run.info.start_time / 1000, UTC):%m-%d %H:%M}",
            "benchmark": run.info.run_name,
            "reviews": f"{tags.get('benchmark.corpus', '')} {train_reviews_of(run):,}",
            "result": result,
        }


def list_models(store: Store) -> Iterator[dict[str, str]]:
    """List the registered models that this program has trained, with the champion's accuracy."""
    for model in store.client.search_registered_models(max_results=1000):
        found = store.client.search_model_versions(f"name = '{model.name}'", max_results=10_000)
        accuracies = {}
        for version in found:
            if "test_accuracy" in version.tags:
                accuracies[str(version.version)] = percent(float(version.tags["test_accuracy"]))
        champion = str(model.aliases.get("champion", "none"))
        if accuracies:
            yield {
                "model": model.name,
                "versions": str(len(accuracies)),
                "champion": champion,
                "accuracy": accuracies.get(champion, ""),
            }

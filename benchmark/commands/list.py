"""``list``: the stored benchmarks, the architectures, the registered models."""

from __future__ import annotations

from typing import Any

from benchmark.terminal import make_console, print_table, say
from benchmark.wording import percent
from models.registry import ours
from tracking.reader import list_benchmarks, list_models
from tracking.store import open_store

ID_LENGTH = 8  # that many first characters are enough for other commands
NUMBERS = ("versions", "accuracy")


def list_command(*, what: str, tracking_uri: str | None, experiment_name: str | None) -> int:
    """Print a table."""
    if what == "architectures":
        rows = [{"name": one.name, "title": one.title, "group": one.group} for one in ours().values()]
    elif what == "benchmarks":
        rows = [_benchmark(row) for row in list_benchmarks(open_store(tracking_uri, experiment_name))]
    else:
        rows = [_model(row) for row in list_models(open_store(tracking_uri, experiment_name))]
    if rows:
        print_table(make_console(), rows, right=NUMBERS)
    else:
        say(make_console(), f"There are no {what} yet. Train some: python -m benchmark run")
    return 0


def _benchmark(row: dict[str, Any]) -> dict[str, str]:
    """Return the cells of a benchmark; its name has the best accuracy, the architectures and the seeds."""
    result = row["status"]
    if result == "finished" and row["verdict"] not in (None, "none"):
        result = row["verdict"]
    if row["finished"] < row["planned"]:
        result += f" {row['finished']}/{row['planned']}"
    return {
        "id": row["run_id"][:ID_LENGTH],
        "started": row["started_at"][5:16].replace("T", " "),
        "benchmark": row["name"],
        "reviews": f"{row['corpus']} {row['train_reviews']:,}",
        "result": result,
    }


def _model(row: dict[str, Any]) -> dict[str, str]:
    return {
        "model": row["name"],
        "versions": str(row["versions"]),
        "champion": row["champion"] or "none",
        "accuracy": "" if row["accuracy"] is None else percent(row["accuracy"]),
    }

"""``list``: the stored benchmarks, the architectures, the registered models."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from benchmark.terminal import make_console, print_table, say
from benchmark.wording import percent
from models.registry import ours
from tracking.reader import list_benchmarks, list_models
from tracking.store import open_store

ID_LENGTH = 8  # that many first characters are enough for other commands
NUMBERS = ("versions", "accuracy")
NO_JSON = ("build", "source", "sources")  # of an architecture
NOTHING = {
    "benchmarks": "There is no benchmark yet. Start one: python -m benchmark run",
    "models": "There is no registered model yet. Train some: python -m benchmark run",
}


def list_command(
    *,
    what: str,
    as_json: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Print a table for people, or JSON with every field for scripts."""
    rows: list[dict[str, Any]]
    if what == "architectures":
        rows = [asdict(architecture) for architecture in ours().values()]
        cells = [{name: row[name] for name in ("name", "title", "group")} for row in rows]
    elif what == "benchmarks":
        rows = list_benchmarks(open_store(tracking_uri, experiment_name))
        cells = [_benchmark(row) for row in rows]
    else:
        rows = list_models(open_store(tracking_uri, experiment_name))
        cells = [_model(row) for row in rows]
    if as_json:
        for row in rows:
            for name in NO_JSON:
                row.pop(name, None)
        print(json.dumps(rows, indent=2))
    elif not cells:
        say(make_console(), NOTHING[what])
    else:
        print_table(make_console(), cells, right=NUMBERS)
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
        "champion": row["aliases"].get("champion", "none"),
        "accuracy": "" if row["accuracy"] is None else percent(row["accuracy"]),
    }

"""``list``: the stored benchmarks, the architectures, the registered models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, get_args

from benchmark.errors import UserError
from benchmark.statistics.verdict import VerdictKind
from benchmark.terminal import make_console, print_table, say
from benchmark.terminal.plan import seeds_text
from benchmark.wording import percent
from models.registry import ArchitectureError, expand, ours
from tracking.models import files_of_model
from tracking.reader import list_benchmarks, list_models
from tracking.store import Store, open_store

ID_LENGTH = 8  # so many first characters are enough for other commands
NUMBERS = ("best", "versions", "accuracy", "epochs", "batch size")
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
    if what == "architectures":
        rows, cells = _architectures()
    else:
        store = open_store(tracking_uri, experiment_name)
        rows, cells = _benchmarks(store) if what == "benchmarks" else _models(store)
    if as_json:
        print(json.dumps(rows, indent=2))
    elif not cells:
        say(make_console(), NOTHING[what])
    else:
        print_table(make_console(), cells, right=NUMBERS)
    return 0


def _benchmarks(store: Store) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    rows = list_benchmarks(store)
    cells = []
    for row in rows:
        architectures = ", ".join(_grouped(row.architectures))
        if row.seeds:
            architectures += f"; seeds {seeds_text(row.seeds)}"
        how = result(row.status, row.verdict)
        if row.finished < row.planned:
            how += f" {row.finished}/{row.planned}"
        cells.append(
            {
                "id": row.run_id[:ID_LENGTH],
                "started": row.started_at[5:16].replace("T", " "),
                "architectures": architectures,
                "reviews": f"{row.corpus} {row.train_reviews:,}",
                "best": _percent(row.best_accuracy),
                "result": how,
            }
        )
    return [asdict(row) for row in rows], cells


def result(status: str, verdict: str | None) -> str:
    """Return the verdict on the best architecture, or how the benchmark stands where there is none."""
    if status == "finished" and verdict is not None and verdict in get_args(VerdictKind):
        return verdict
    return status


def _grouped(names: Sequence[str]) -> list[str]:
    """Write a whole group of architectures as its name."""
    left = list(names)
    try:
        for group in ("tutorial", "baselines", "classics", "networks"):
            members = expand([group])
            if len(members) > 1 and set(members) <= set(left):
                left = [name if name != members[0] else group for name in left if name not in members[1:]]
    except ArchitectureError:  # a file in models/ does not import: names do for a list
        return list(names)
    return left


def _models(store: Store) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    rows = list_models(store)
    cells = []
    for row in rows:
        uses = row.aliases.get("champion", "none")
        if row.uri is not None:
            try:
                files_of_model(row.uri)
            except UserError:
                uses = "none: not of this project"
        cells.append(
            {
                "model": row.name,
                "versions": str(row.versions),
                "champion": uses,
                "accuracy": _percent(row.accuracy),
            }
        )
    return [asdict(row) for row in rows], cells


def _architectures() -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    rows, cells = [], []
    for architecture in ours().values():
        row = asdict(architecture)
        for name in ("build", "source", "sources"):
            del row[name]
        rows.append(row)
        is_network = architecture.kind == "network"
        cells.append(
            {
                "name": architecture.name,
                "title": architecture.title,
                "group": architecture.group,
                "epochs": str(architecture.epochs) if is_network else "",
                "batch size": str(architecture.batch_size) if is_network else "",
            }
        )
    return rows, cells


def _percent(accuracy: float | None) -> str:
    return "" if accuracy is None else percent(accuracy)

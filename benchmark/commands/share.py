"""``export`` and ``import``: a benchmark's results as a folder for another store."""

from __future__ import annotations

import shlex
import tempfile
from functools import partial
from pathlib import Path

from benchmark.commands.publish import publish
from benchmark.errors import UserError
from benchmark.terminal import make_console, print_pairs
from tracking.exchange import export_benchmark, import_benchmark
from tracking.reader import PLAN_FILE, find_run
from tracking.store import open_store, with_store


def export_command(
    *,
    run: str,
    output: Path | None,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Write the folder, and the command that reads it."""
    store = open_store(tracking_uri, experiment_name)
    run_id = find_run(store, run)
    folder = output or Path(f"benchmark-{run_id[:8]}")
    export_benchmark(store, run_id, folder)
    kilobytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1000
    read = shlex.join(["python", "-m", "benchmark", "import", str(folder)])
    print_pairs(make_console(), [("exported", f"{folder} ({kilobytes:,.0f} kB)"), ("to read it", read)])
    return 0


def import_command(*, folder: Path, tracking_uri: str | None, experiment_name: str | None) -> int:
    """Store the benchmark in the folder, and print its id."""
    if not (folder / PLAN_FILE).is_file():  # before a store is made for it
        raise UserError(f"FOLDER: {folder} has no {PLAN_FILE}; give a folder that export wrote")
    store = open_store(tracking_uri, experiment_name, create=True)
    with tempfile.TemporaryDirectory() as report_folder:
        run_id = import_benchmark(store, folder, partial(publish, folder=Path(report_folder)))
    report = with_store(["python", "-m", "benchmark", "report", run_id[:8]], store)
    print_pairs(make_console(), [("imported", run_id), ("its report", report)])
    return 0

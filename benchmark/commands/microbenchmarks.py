"""``microbenchmarks``: measure the parts on their own, log the timings, and say what is slower than before."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from rich.console import Console

from benchmark.corpus.sources import DATA_VARIABLE
from benchmark.errors import UserError
from benchmark.microbenchmarks import Timing, compare_timings, read_timings
from benchmark.runtime import cpu_model, gather_versions, git_state, tensorflow_threads
from benchmark.terminal.console import make_console
from benchmark.terminal.microbenchmarks_view import show_changes, show_timings
from tracking.microbenchmark_runs import EXPERIMENT, StoredMicrobenchmarks, log_microbenchmarks, read_microbenchmarks
from tracking.store import PROJECT, open_store

MICROBENCHMARKS = "tests/microbenchmarks"
SECONDS_FOR_EACH = 2.0
PYTEST_FOUND_NONE = 5

EXIT_DONE = 0
EXIT_REGRESSION = 1


def microbenchmarks_command(
    *,
    data: str | None,
    only: str | None,
    compare: str | None,
    threshold: str,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Run the microbenchmarks; the exit code is 1 where one fails, or is slower than in the run `compare`."""
    allowed_ratio = _allowed_ratio(threshold)
    _check_archive(data)
    console = make_console()
    store = open_store(tracking_uri, experiment_name or EXPERIMENT)
    before = None if compare is None else read_microbenchmarks(store, compare)
    with TemporaryDirectory() as folder:
        json_file = Path(folder) / "microbenchmarks.json"
        succeeded = _measure(json_file, data, only)
        timings = read_timings(json_file)
        facts = _machine_and_versions() | _device(timings.values())
        run_id = log_microbenchmarks(store, json_file, facts, succeeded)
    if before is None:
        show_timings(console, timings.values())
        regressions = []
    else:
        _show_what_else_differs(console, before, facts)
        left_out = set() if only is None else set(before.timings) - set(timings)
        baseline = {name: timing for name, timing in before.timings.items() if name not in left_out}
        regressions = _compare(console, baseline, timings, allowed_ratio)
        console.print(f"compared with {before.run_id}: {_found(regressions, allowed_ratio)}", markup=False)
    console.print(f"run  {run_id}", markup=False)
    return EXIT_REGRESSION if regressions or not succeeded else EXIT_DONE


def _allowed_ratio(threshold: str) -> float:
    try:
        ratio = float(threshold)
    except ValueError:
        ratio = 0.0
    if not 1 < ratio < float("inf"):
        raise UserError(f"--threshold: {threshold!r} is not possible; give a ratio over 1, such as 1.2 for 20% more")
    return ratio


def _check_archive(data: str | None) -> None:
    if data is not None and not (data.endswith(".gz") and Path(data).expanduser().is_file()):
        raise UserError(f"--data: {data!r} is not an archive; the microbenchmarks take the path of an aclImdb….tar.gz")


def _measure(json_file: Path, data: str | None, only: str | None) -> bool:
    """Run them in a process of their own; whether all of them passed."""
    command = [sys.executable, "-m", "pytest", MICROBENCHMARKS, "--quiet", "--benchmark-enable"]
    command += [
        "--benchmark-quiet",
        f"--benchmark-json={json_file}",
        f"--benchmark-max-time={SECONDS_FOR_EACH}",
        "--benchmark-disable-gc",
    ]
    command += ["-W", "default::pytest_benchmark.logger.PytestBenchmarkWarning"]
    if only is not None:
        command += ["-k", only]
    # whoever runs this beside other tests: here nothing runs beside what is measured
    variables = {"PYTEST_ADDOPTS": "", "PYTEST_XDIST_WORKER": ""}
    if data is not None:
        variables[DATA_VARIABLE] = str(Path(data).expanduser().absolute())
    ended = subprocess.run(command, cwd=PROJECT, env=os.environ | variables)
    if ended.returncode == PYTEST_FOUND_NONE:
        raise UserError(f"--only: no microbenchmark's name has {only!r} in it; they are in {MICROBENCHMARKS}")
    if not json_file.exists():
        raise UserError(f"the microbenchmarks measured nothing; pytest says why, above (exit code {ended.returncode})")
    return ended.returncode == 0


def _machine_and_versions() -> dict[str, str]:
    commit, dirty = git_state(PROJECT)
    return {
        "cpu_model": cpu_model(),
        "cpu_cores": str(os.cpu_count()),
        "memory_gb": f"{psutil.virtual_memory().total / 1e9:.1f}",
        "threads": str(tensorflow_threads()),
        "platform": platform.platform(),
        "git_commit": str(commit),
        "git_dirty": str(dirty),
        **{f"version.{package}": version for package, version in gather_versions().items()},
    }


def _device(timings: Iterable[Timing]) -> dict[str, str]:
    devices = {timing.device for timing in timings if timing.device is not None}
    return {"device": ", ".join(sorted(devices))} if devices else {}


def _show_what_else_differs(console: Console, before: StoredMicrobenchmarks, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        if before.facts.get(name) != value:
            console.print(f"{name} was {before.facts.get(name, 'not known')}, now {value}", markup=False)


def _compare(
    console: Console, before: Mapping[str, Timing], now: Mapping[str, Timing], allowed_ratio: float
) -> list[str]:
    """Show the ratios, and give the names of those that are slower."""
    changes = compare_timings(before, now, allowed_ratio)
    show_changes(console, changes)
    return [change.name for change in changes if change.verdict == "slower"]


def _found(slower: Sequence[str], allowed_ratio: float) -> str:
    return f"slower by more than {allowed_ratio:g} times: {', '.join(slower)}" if slower else "none is slower"

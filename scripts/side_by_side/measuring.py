"""What the scripts of this folder share: sizes as options, alternating rounds, results as JSON and as Markdown.

A script is a `Script`: its sizes, a function that measures, and one that makes Markdown of what was measured. The
Markdown is always made from the JSON, here at the terminal and by `write_tables` for the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmark.errors import UserError
from benchmark.runtime import cpu_model, gather_versions, git_state, tensorflow_threads

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "docs" / "results" / "performance"
QUICK_RESULTS = PROJECT / "reports" / "side_by_side_quick"

Data = dict[str, Any]
Sizes = Mapping[str, int | str]


@dataclass(frozen=True)
class Script:
    """One side-by-side measurement.

    Attributes
    ----------
    name : str
        Of its module, of its JSON file and of its place in the documentation.
    title : str
    full, quick : mapping of option to default
        Sizes for the published figures, and for seeing that everything runs.
    measure : callable
        Given the sizes, with ``data`` among them, gives plain data for JSON.
    markdown : callable
        Given what `measure` gave, gives Markdown.
    """

    name: str
    title: str
    full: Sizes
    quick: Sizes
    measure: Callable[[argparse.Namespace], Data]
    markdown: Callable[[Data], str]

    def main(self) -> None:
        """Measure with the sizes of the command line; write the JSON, print the Markdown."""
        is_quick = "--quick" in sys.argv
        parser = argparse.ArgumentParser(
            prog=f"python -m scripts.side_by_side.{self.name}",
            description=self.title,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        parser.add_argument("--data", default="auto", help="the corpus, as `python -m benchmark run --data` takes it")
        parser.add_argument("--output", type=Path, default=QUICK_RESULTS if is_quick else RESULTS, help="for the JSON")
        parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it runs")
        for option, default in (self.quick if is_quick else self.full).items():
            parser.add_argument(f"--{option.replace('_', '-')}", type=type(default), default=default, help=" ")
        options = parser.parse_args()
        load_before = os.getloadavg()[0]
        started = time.perf_counter()
        try:
            data = self.measure(options)
        except UserError as refusal:
            sys.exit(f"error: {refusal}")
        results = {
            "name": self.name,
            "command": f"python -m scripts.side_by_side.{self.name} {' '.join(_shown(sys.argv[1:]))}".rstrip(),
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "measured_for_seconds": time.perf_counter() - started,
            "quick": is_quick,
            "machine": machine() | {"load_before": load_before},
            "data": data,
        }
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / f"{self.name}.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
        print(section(self, results))


def section(script: Script, results: Data) -> str:
    """Give a script's part of the documentation: its tables, then where they are from."""
    facts = results["machine"]
    commit = f", commit {facts['git_commit'][:7]}" if facts["git_commit"] else ""
    provenance = (
        f"`{results['command']}`: {facts['cpu_model']}, {facts['cpu_cores']} cores, {facts['threads']} threads, "
        f"{facts['memory_gb']} GB, TensorFlow {facts['versions']['tensorflow']}, Keras {facts['versions']['keras']}; "
        f"{results['measured_at'][:10]}{commit}; load before it started {facts['load_before']:.1f}."
    )
    warning = "**Tiny sizes, to see that it runs: these figures say nothing.**\n\n" if results["quick"] else ""
    return f"{warning}{script.markdown(results['data'])}\n\n{provenance}"


def machine() -> Data:
    """Name the machine and the versions."""
    commit, dirty = git_state(PROJECT)
    return {
        "cpu_model": cpu_model(),
        "cpu_cores": os.cpu_count(),
        "threads": tensorflow_threads(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "platform": platform.platform(),
        "versions": gather_versions(),
        "git_commit": commit,
        "git_dirty": dirty,
    }


def alternate(rounds: int, arms: Mapping[str, Callable[[], Data]]) -> dict[str, list[Data]]:
    """Run every arm once a round, in turned order, so that a slow change of the machine falls on all alike."""
    measured: dict[str, list[Data]] = {name: [] for name in arms}
    order = list(arms)
    for number in range(rounds):
        for name in order:
            measured[name].append(arms[name]())
            print(f"round {number + 1}/{rounds}, {name}: {_brief(measured[name][-1])}", file=sys.stderr, flush=True)
        order = order[1:] + order[:1] if len(order) > 2 else order[::-1]
    return measured


def run_process(command: Sequence[str | Path], **variables: str) -> tuple[float, str]:
    """Run a whole process, from its start to its end.

    Returns
    -------
    seconds : float
    output : str
        What it printed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment = kept | {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(PROJECT)} | variables
    started = time.perf_counter()
    ended = subprocess.run(list(map(str, command)), cwd=PROJECT, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if ended.returncode:
        raise UserError(f"{' '.join(map(str, command))} failed:\n{ended.stdout}\n{ended.stderr}")
    return seconds, ended.stdout


def last_json(output: str) -> Data:
    """Read the last line of what a process printed."""
    return json.loads(output.strip().splitlines()[-1])


def seconds_of(action: Callable[[], Any]) -> float:
    """Time one call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def medians(rounds: Iterable[Data]) -> Data:
    """Take the median of every number over the rounds."""
    first, *_ = rounds = list(rounds)
    return {key: median(one[key] for one in rounds) for key, value in first.items() if isinstance(value, int | float)}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Set a Markdown table; all columns but the first are flush right."""
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def with_range(values: Sequence[float], decimals: int) -> str:
    """Write the median, and the smallest and largest value."""
    low, high = (f"{end:,.{decimals}f}" for end in (min(values), max(values)))
    return f"{median(values):,.{decimals}f} ({low} to {high})"


def _brief(data: Data) -> str:
    return ", ".join(f"{key} {value:.4g}" for key, value in data.items() if isinstance(value, int | float))


def _shown(words: Sequence[str]) -> list[str]:
    """Give the command's options as anyone can type them: without the folders of this machine."""
    shown: list[str] = []
    options = iter(words)
    for word in options:
        if word in ("--output", "--environments"):
            next(options)
        elif word == "--data":
            data = next(options)
            shown += [word, f"path/to/{Path(data).name}" if "/" in data else data]
        else:
            shown.append(word)
    return shown

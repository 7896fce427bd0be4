"""Kill a benchmark at random moments, resume it, and compare it with one that was not killed.

    python scripts/kill_and_resume.py --kills 20

It runs the real command on 200 synthetic reviews, in a folder of its own. A kill is a SIGKILL of the whole process
group, of the parent alone, or of a worker alone. The exit code is 0 where both benchmarks have the same weights and
predictions, nothing is stored twice, nothing is pending, and no run is RUNNING.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import numpy as np
import psutil

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmark.errors import UserError  # noqa: E402
from benchmark.results import BenchmarkRecord  # noqa: E402
from tracking.reader import benchmark_runs, find_run, read_benchmark  # noqa: E402
from tracking.store import Store, open_store  # noqa: E402

SETTINGS = ("--data", "synthetic", "--max-reviews", "200", "--max-length", "50", "--epochs", "2")
TARGETS = ("group", "parent", "worker")
MOMENTS = ("", "Plan", r"  1/2  loss", r"  2/2  loss", r"^\[\d+/\d+\]")  # printed lines; "" is the process's start
MAX_DELAY_SECONDS = 2.0
SECONDS_FOR_A_RUN = 1800.0
SECONDS_TO_END = 60.0
MAX_RESUMES_AT_THE_END = 3


@dataclass(frozen=True)
class Place:
    """A folder with a tracking store, a cache and reports of its own."""

    folder: Path

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def environment(self) -> dict[str, str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return os.environ | {
            "MLFLOW_TRACKING_URI": self.uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "IMDB_BENCHMARK_CACHE": str(self.folder / "cache"),
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def store(self) -> Store:
        return open_store(self.uri, None, create=False)

    def benchmarks(self) -> list[str]:
        """Return the ids of its benchmark runs; none where the store is not made yet."""
        try:
            return [run.info.run_id for run in benchmark_runs(self.store)]
        except UserError:
            return []

    def record(self) -> BenchmarkRecord:
        return read_benchmark(self.store, find_run(self.store, "latest"))


class Command:
    """The real command in a process group of its own, whose printed lines can be waited for."""

    def __init__(self, place: Place, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmark", *words],
            cwd=place.folder,
            env=place.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: Queue[str | None] = Queue()
        self.printed: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern: str) -> bool:
        """Wait for a line like this; False if the process ends without it."""
        while (line := self._lines.get(timeout=SECONDS_FOR_A_RUN)) is not None:
            if re.search(pattern, line):
                return True
        self._lines.put(None)
        return False

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self) -> int:
        try:
            return self._process.wait(SECONDS_FOR_A_RUN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise

    def kill(self, target: str) -> bool:
        """Kill one of `TARGETS` and wait until none of its processes is left; False if there is none."""
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return False
        if target == "worker":
            workers = [process for process in family if "executors.worker" in _command_line(process)]
            for worker in workers[:1]:
                worker.kill()
            return bool(workers)
        if target == "group":
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self.wait()
        give_up = time.monotonic() + SECONDS_TO_END
        while left := [_command_line(process) for process in family if _is_running(process)]:
            if time.monotonic() > give_up:
                raise RuntimeError(f"outlived its parent: {left}")
            time.sleep(0.05)
        return True


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def kill_at_random(place: Place, words: tuple[str, ...], kills: int, chance: random.Random) -> list[str]:
    """Start, kill and resume until so many processes were killed; return what was killed."""
    killed: list[str] = []
    command: Command | None = None
    while len(killed) < kills:
        if command is None or command.has_ended():
            command = Command(place, *next_words(place, words))
        target, moment, delay = chance.choice(TARGETS), chance.choice(MOMENTS), chance.uniform(0, MAX_DELAY_SECONDS)
        if moment and not command.wait_for(moment):
            command.wait()
            continue
        time.sleep(delay)
        if command.kill(target):
            killed.append(target)
            print(f"SIGKILL {len(killed)}/{kills}: {target}, {delay:.2f} s after {moment or 'its start'!r}", flush=True)
    if command is not None and not command.has_ended():
        command.wait()
    return killed


def next_words(place: Place, words: tuple[str, ...]) -> tuple[str, ...]:
    """Resume the benchmark once there is one."""
    return ("run", "--resume", "latest") if place.benchmarks() else words


def finish(place: Place, words: tuple[str, ...]) -> None:
    """Run or resume until every trial is finished.

    Raises
    ------
    RuntimeError
        If it does not end with exit code 0.
    """
    for _ in range(MAX_RESUMES_AT_THE_END):
        command = Command(place, *next_words(place, words))
        exit_code = command.wait()
        if exit_code == 0:
            return
    raise RuntimeError(f"it ends with exit code {exit_code}:\n{''.join(command.printed[-40:])}")


def differences(undisturbed: Place, killed: Place) -> Iterator[str]:
    """Yield what differs between the two benchmarks, and what was stored twice or left behind."""
    expected, found = undisturbed.record(), killed.record()
    status = killed.store.client.get_run(found.run_id).info.status
    if status != "FINISHED" or not found.complete:
        yield f"the benchmark is {status}, with {len(found.finished)} of {len(found.trials)} trials"
    for before, now in zip(expected.trials, found.trials, strict=True):
        if before.result is None or now.result is None or before.predictions is None or now.predictions is None:
            yield f"{before.config.name} did not finish"
        elif before.result.weights_sha256 != now.result.weights_sha256:
            yield f"{before.config.name} has other weights"
        elif not np.array_equal(before.predictions.probability, now.predictions.probability):
            yield f"{before.config.name} has other predictions"
    client = killed.store.client
    runs = client.search_runs([found.experiment_id])
    trials = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    finished = [run.info.run_name for run in trials if run.info.status == "FINISHED"]
    yield from (f"{name} is stored {finished.count(name)} times" for name in set(finished) if finished.count(name) > 1)
    yield from (f"the run {run.info.run_name} is RUNNING" for run in runs if run.info.status == "RUNNING")
    versions = len(client.search_model_versions())
    if versions != len(found.trials):
        yield f"{versions} models are registered for {len(found.trials)} trials"
    if len(killed.benchmarks()) != 1:
        yield f"there are {len(killed.benchmarks())} benchmark runs"
    yield from (f"{path} is pending" for path in (killed.folder / "cache" / "pending").glob("*/*/result.json"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--random-seed", type=int, default=0, help="of the moments and targets")
    parser.add_argument("--architectures", default="cnn_lstm,lstm_dropout,naive_bayes_logistic")
    parser.add_argument("--seeds", default="0-4", help="of the trials")
    parser.add_argument("--folder", type=Path, help="keep everything there, instead of in a temporary folder")
    options = parser.parse_args()
    words = ("run", "--architectures", options.architectures, "--seeds", options.seeds, *SETTINGS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        undisturbed, disturbed = Place(folder / "undisturbed"), Place(folder / "killed")
        finish(undisturbed, words)
        chance = random.Random(options.random_seed)
        killed = kill_at_random(disturbed, words, options.kills, chance)
        finish(disturbed, words)
        wrong = list(differences(undisturbed, disturbed))
        trials = len(undisturbed.record().trials)
    counts = ", ".join(f"{target} {killed.count(target)}" for target in TARGETS)
    print(f"{len(killed)} times SIGKILL ({counts}), {trials} trials")
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    if not wrong:
        print("The same trials, weights and predictions as without it; nothing is stored twice, pending or RUNNING.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Kill a benchmark at random moments, resume it until it is done, and compare it with one that nobody killed.

    python scripts/kill_and_resume.py --kills 20

It is the real command, on a few hundred generated reviews, in a folder of its own. Each kill is a SIGKILL: of the whole
process group, of the parent alone, or of the worker alone. With ``--signal SIGINT`` or SIGTERM, after which nothing may
be left RUNNING even before it is resumed, it is the group or the parent. The exit code is 0 where both benchmarks ended
the same.
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
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

import numpy as np
import psutil
from mlflow import MlflowClient
from mlflow.entities import Run

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from benchmark.results import BenchmarkRecord  # noqa: E402
from tracking.records import read_benchmark  # noqa: E402
from tracking.run_lookup import find_benchmark  # noqa: E402

SETTINGS = (
    *("--data", "generated", "--limit", "160", "--epochs", "2"),
    *("--review-length", "40", "--vocabulary-size", "300"),
)
TARGETS = ("group", "parent", "worker")
MOMENTS = ("", "Corpus", "Device", "epoch 1", "epoch 2", r"^\[\d+/\d+\]")  # printed; "" is the start of the process
EXPERIMENT = "imdb-benchmark"
SECONDS_FOR_A_RUN = 1200.0
SECONDS_TO_END = 60.0
MOST_RESUMES_AT_THE_END = 3


@dataclass(frozen=True)
class Place:
    """A folder with a tracking store, a cache and reports of its own."""

    folder: Path

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(self.tracking_uri)

    @property
    def tracking_uri(self) -> str:
        return f"sqlite:///{self.folder}/mlflow.db"

    @property
    def environment(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        return os.environ | {
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "IMDB_BENCHMARK_CACHE": str(self.folder / "cache"),
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(temporary),
        }

    def benchmark_runs(self) -> list[Run]:
        """Runs that are benchmarks; none where the store is not made yet."""
        if not (self.folder / "mlflow.db").exists() or (experiment := self._experiment()) is None:
            return []
        return list(self.client.search_runs([experiment], "tags.`benchmark.kind` = 'benchmark'"))

    def record(self) -> BenchmarkRecord:
        experiment = self._experiment()
        assert experiment is not None
        return read_benchmark(self.client, find_benchmark(self.client, experiment))

    def running_runs(self) -> list[Run]:
        if not (self.folder / "mlflow.db").exists():
            return []
        experiments = [experiment.experiment_id for experiment in self.client.search_experiments()]
        return list(self.client.search_runs(experiments, "attributes.status = 'RUNNING'"))

    def _experiment(self) -> str | None:
        experiment = self.client.get_experiment_by_name(EXPERIMENT)
        return None if experiment is None else experiment.experiment_id


class Command:
    """The real command in a process group of its own; what it prints can be waited for."""

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

    def wait_for(self, pattern: str) -> bool:
        """Wait until it prints a line like this; whether it did before it ended."""
        while (line := self._lines.get(timeout=SECONDS_FOR_A_RUN)) is not None:
            if re.search(pattern, line):
                return True
        self._lines.put(None)
        return False

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self) -> int:
        """Wait for its end, and give the exit code; one that never ends is killed."""
        try:
            return self._process.wait(SECONDS_FOR_A_RUN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise

    def kill(self, target: str, number: signal.Signals) -> bool:
        """Send a signal to one of `TARGETS`, and wait until nothing is left of it; whether there was one."""
        family = self._family()
        workers = [process for process in family if "spawn_main" in " ".join(_command_line(process))]
        if target == "worker":
            if not workers:
                return False
            workers[0].send_signal(number)
            return True
        if target == "group":
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)
        self.wait()
        give_up = time.monotonic() + SECONDS_TO_END
        while at_work := [process for process in family if _is_at_work(process)]:
            if time.monotonic() > give_up:
                raise RuntimeError(f"outlived its parent: {[_command_line(process) for process in at_work]}")
            time.sleep(0.05)
        return True

    def _family(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed.append(line)
            self._lines.put(line)
        self._lines.put(None)


@dataclass
class Killer:
    """Kills at moments that a seed decides, and tells what it killed."""

    place: Place
    first_words: tuple[str, ...]
    chance: random.Random
    longest_delay_seconds: float
    number: signal.Signals
    killed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def kill(self, kills: int) -> None:
        """Start, kill and resume, until something was killed so many times."""
        command: Command | None = None
        while len(self.killed) < kills:
            if command is None or command.has_ended():
                command = Command(self.place, *self.words())
            target, moment = self.chance.choice(self.targets), self.chance.choice(MOMENTS)
            delay_seconds = self.chance.uniform(0, self.longest_delay_seconds)
            if moment and not command.wait_for(moment):
                command.wait()
                continue  # it came to its end, or its worker's death ended it
            time.sleep(delay_seconds)
            if command.has_ended() or not command.kill(target, self.number):
                continue
            self.killed.append(target)
            when = f"{delay_seconds:.2f} s after {moment or 'its start'!r}"
            print(f"{self.number.name} {len(self.killed)}/{kills}: the {target}, {when}", flush=True)
            if self.number != signal.SIGKILL:
                self.wrong += [f"{run.info.run_name} was RUNNING after {when}" for run in self.place.running_runs()]
                if not command.wait():
                    self.wrong.append(f"{self.number.name} {when} ended nothing")
        if command is not None and not command.has_ended():
            command.wait()

    @property
    def targets(self) -> tuple[str, ...]:
        """Those that the signal is meant for: the worker leaves it to its parent what Ctrl-C means."""
        return TARGETS if self.number == signal.SIGKILL else ("group", "parent")

    def words(self) -> tuple[str, ...]:
        """Resume the benchmark once there is one."""
        return ("run", "--resume", "latest") if self.place.benchmark_runs() else self.first_words


def finish(place: Place, words: tuple[str, ...]) -> None:
    """Run or resume until nothing is left to do.

    Raises
    ------
    RuntimeError
        If it does not end with exit code 0.
    """
    for _ in range(MOST_RESUMES_AT_THE_END):
        command = Command(place, *words)
        exit_code = command.wait()
        if exit_code == 0:
            return
        words = ("run", "--resume", "latest")
    raise RuntimeError(f"it ends with exit code {exit_code}:\n{''.join(command.printed[-40:])}")


def differences(undisturbed: Place, killed: Place) -> Iterator[str]:
    """Say what the benchmark that was killed has, and the other one has not, or the other way round."""
    expected, found = undisturbed.record(), killed.record()
    if found.status != "finished" or not found.complete:
        yield f"the benchmark run is {found.status}, with {len(found.finished)} of {len(found.trials)} trials"
    for before, now in zip(expected.trials, found.trials, strict=True):
        if before.result is None or now.result is None or before.predictions is None or now.predictions is None:
            yield f"{before.config.name} did not finish"
        elif before.result.weights_sha256 != now.result.weights_sha256:
            yield f"{before.config.name} has other weights"
        elif not np.array_equal(before.predictions.probability, now.predictions.probability):
            yield f"{before.config.name} has other predictions"
    yield from _doubled(killed, found)
    for run in killed.running_runs():
        yield f"the run {run.info.run_name} ({run.info.run_id}) is RUNNING"
    if len(killed.benchmark_runs()) != 1:
        yield f"there are {len(killed.benchmark_runs())} benchmark runs"
    for path in (killed.folder / "cache" / "spool").glob("*"):
        yield f"{path} is left in the spool"


def _doubled(place: Place, record: BenchmarkRecord) -> Iterator[str]:
    children = f"tags.mlflow.parentRunId = '{record.run_id}' AND attributes.status = 'FINISHED'"
    finished = [run.info.run_name for run in place.client.search_runs([record.experiment_id], children)]
    for name in sorted({name for name in finished if finished.count(name) > 1}):
        yield f"{name} is finished {finished.count(name)} times"
    versions = len(place.client.search_model_versions())
    if versions != len(record.trials):
        yield f"there are {versions} registered versions of {len(record.trials)} trials"


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE  # nobody may be there to bury it
    except psutil.NoSuchProcess:
        return False


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the moments and targets")
    parser.add_argument("--architectures", default="cnn_lstm,lstm_dropout,cnn_lstm_tensorboard")
    parser.add_argument("--seeds", default="0-4", help="of the trials")
    parser.add_argument("--longest-delay-seconds", type=float, default=2.0)
    parser.add_argument("--signal", choices=["SIGKILL", "SIGINT", "SIGTERM"], default="SIGKILL")
    parser.add_argument("--folder", type=Path, help="keep everything there, instead of in a temporary folder")
    options = parser.parse_args()
    # a shell's background job ignores SIGINT, and what it starts would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words = ("run", "--architectures", options.architectures, "--seeds", options.seeds, *SETTINGS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        undisturbed, disturbed = Place(folder / "undisturbed"), Place(folder / "killed")
        finish(undisturbed, words)
        number = signal.Signals[options.signal]
        killer = Killer(disturbed, words, random.Random(options.seed), options.longest_delay_seconds, number)
        killer.kill(options.kills)
        finish(disturbed, killer.words())
        wrong = [*killer.wrong, *differences(undisturbed, disturbed)]
        trials = len(undisturbed.record().trials)
    counts = ", ".join(f"{killer.killed.count(target)} of the {target}" for target in killer.targets)
    print(f"{len(killer.killed)} times {number.name} ({counts}), {trials} trials")
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    if not wrong:
        print("The same trials, weights and predictions as without it; nothing finished twice, nothing left RUNNING.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

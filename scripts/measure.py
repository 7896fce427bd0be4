"""Side-by-side measurements of this checkout, another checkout and a plain Keras script.

    python scripts/measure.py trial --data path/to/aclImdb_v1.tar.gz
    python scripts/measure.py overhead --other path/to/another/checkout

The ways to compare take turns in one run, so that a slow change of the machine affects all of them alike. Printed are
medians, with the smallest and the largest value, as a Markdown table. Before anything is measured, both checkouts are
compiled to bytecode.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PLAIN_SCRIPT = Path(__file__).with_name("plain_script.py")
THREADS = 1  # the default of a trial
PACKAGES = ("benchmark", "models", "tracking")
TINY = ("--max-reviews", "200", "--max-length", "50", "--epochs", "1")
FOUR = "lstm,lstm_dropout,cnn_lstm,cnn_lstm_tensorboard"
SAMPLE_SECONDS = 0.02

# Program that prints the trials of the newest benchmark in the store given as the first argument.
READ_TRIALS = """
import json, sys
from tracking.reader import find_run, read_benchmark
from tracking.store import open_store
store = open_store(sys.argv[1], None, create=False)
record = read_benchmark(store, find_run(store, "latest", "benchmark"))
client = store.client
trials = []
for trial in record.trials:
    result, run = trial.result, client.get_run(trial.run_id)
    seconds = result.trace_seconds + sum(epoch.train_seconds + epoch.evaluation_seconds for epoch in result.epochs)
    trials.append({
        "started": run.info.start_time / 1000, "ended": run.info.end_time / 1000, "seconds": result.wall_seconds,
        "train_and_evaluate_seconds": seconds, "weights_sha256": result.weights_sha256,
        "accuracy": float(((trial.predictions.probability > 0.5) == trial.predictions.label).mean()),
    })
print(json.dumps(trials))
"""


@dataclass(frozen=True)
class Checkout:
    """A working tree of this project, with the folder for its stores, cache and reports."""

    name: str
    folder: Path
    scratch: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return kept | {
            "PYTHONPATH": str(self.folder),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "IMDB_BENCHMARK_CACHE": str(self.scratch / "cache"),
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "benchmark", *words]

    def store(self, number: int) -> str:
        return f"sqlite:///{self.scratch}/store-{number}.db"

    def run(self, store: str, *words: str) -> Process:
        """Train and report with a store of its own."""
        output = ("--tracking-uri", store, "--output", str(self.scratch / "reports"))
        return measure(self.words("run", *words, *output), self.scratch, self.environment())

    def trials(self, store: str) -> list[dict[str, Any]]:
        ended = measure([sys.executable, "-W", "ignore", "-c", READ_TRIALS, store], self.scratch, self.environment())
        return json.loads(ended.output.strip().splitlines()[-1])


@dataclass(frozen=True)
class Process:
    """A process that ended well."""

    output: str
    wall_seconds: float
    cpu_seconds: float
    samples: list[tuple[float, float]]

    @property
    def peak_mb(self) -> float:
        """Largest resident memory of the process itself, without its children."""
        return max((megabytes for _, megabytes in self.samples), default=0.0)


def measure(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Process:
    """Run a process to its end; its processor time includes that of its children.

    Raises
    ------
    SystemExit
        If it fails; with what it printed.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(words, cwd=folder, env=dict(environment), stdout=output, stderr=subprocess.STDOUT)
        samples: list[tuple[float, float]] = []
        sampler = threading.Thread(target=_sample_memory, args=(process.pid, samples), daemon=True)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_seconds = time.perf_counter() - started
        sampler.join()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with exit code {process.returncode}:\n{text}")
    return Process(text, wall_seconds, usage.ru_utime + usage.ru_stime, samples)


def _sample_memory(pid: int, samples: list[tuple[float, float]]) -> None:
    while True:
        try:
            found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        except OSError:
            return
        if found is None:  # ended, and not waited for yet
            return
        samples.append((time.time(), int(found[1]) / 1024))
        time.sleep(SAMPLE_SECONDS)


def alternate(rounds: int, ways: Mapping[str, Callable[[int], dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Measure every way once a round, in turned order."""
    measured: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    order = list(ways)
    for number in range(rounds):
        for name in order:
            measured[name].append(ways[name](number))
            numbers = {key: round(value, 3) for key, value in measured[name][-1].items() if isinstance(value, float)}
            print(f"round {number + 1}/{rounds}, {name}: {numbers}", file=sys.stderr, flush=True)
        order = order[1:] + order[:1]
    return measured


def table(measured: Mapping[str, Sequence[Mapping[str, Any]]], decimals: int = 1) -> str:
    """Write medians and ranges, and the ratio of each way to the first."""
    first, *_ = measured.values()
    names = [name for name, value in first[0].items() if isinstance(value, float)]
    lines = [["", *measured, *[f"{way} / {next(iter(measured))}" for way in list(measured)[1:]]]]
    lines.append(["---"] + ["---:"] * (len(lines[0]) - 1))
    for name in names:
        values = [[one[name] for one in rounds] for rounds in measured.values()]
        ratios = [f"{median(these) / median(values[0]):.2f}" for these in values[1:]]
        lines.append([name, *(_with_range(these, decimals) for these in values), *ratios])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _with_range(values: Sequence[float], decimals: int) -> str:
    low, high = (f"{end:,.{decimals}f}" for end in (min(values), max(values)))
    return f"{median(values):,.{decimals}f} ({low} to {high})"


def measure_trial(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure a trial with all its tracking against a plain Keras script: whole processes."""
    arrays = checkouts[0].scratch / "arrays"
    program = (
        "import sys, numpy as np; from pathlib import Path; from benchmark.corpus.load import load_corpus\n"
        "folder = Path(sys.argv[2]); folder.mkdir(exist_ok=True)\n"
        "encoded = load_corpus(sys.argv[1]).encode(5000, 500, int(sys.argv[3]) or None)\n"
        "for name in ('x_train', 'y_train', 'x_test', 'y_test'):\n"
        "    np.save(folder / f'{name}.npy', getattr(encoded, name))"
    )
    words = [sys.executable, "-c", program, options.data, str(arrays), str(options.max_reviews or 0)]
    measure(words, checkouts[0].scratch, checkouts[0].environment())
    reviews = ("--max-reviews", str(options.max_reviews)) if options.max_reviews else ()
    settings = ("--architectures", options.architecture, "--seeds", "7", "--epochs", str(options.epochs), *reviews)

    def plain(number: int) -> dict[str, Any]:
        script = [sys.executable, str(PLAIN_SCRIPT), str(arrays)]
        words = [*script, options.architecture, "7", str(options.epochs), str(THREADS)]
        ended = measure(words, checkouts[0].scratch, checkouts[0].environment())
        printed = json.loads(ended.output.strip().splitlines()[-1])
        return {"process until stored, s": ended.wall_seconds, "whole process, s": ended.wall_seconds} | {
            "build, train, evaluate, s": printed["seconds"],
            "weights": printed["weights_sha256"],
        }

    def trial(checkout: Checkout) -> Callable[[int], dict[str, Any]]:
        def run(number: int) -> dict[str, Any]:
            started = time.time()
            ended = checkout.run(checkout.store(number), "--data", options.data, *settings)
            [stored] = checkout.trials(checkout.store(number))
            return {"process until stored, s": stored["ended"] - started, "whole process, s": ended.wall_seconds} | {
                "build, train, evaluate, s": stored["seconds"],
                "weights": stored["weights_sha256"],
            }

        return run

    _fill_cache(checkouts, options.data)
    measured = alternate(options.rounds, {"plain script": plain} | {one.name: trial(one) for one in checkouts})
    weights = {name: {one["weights"][:12] for one in rounds} for name, rounds in measured.items()}
    return f"{table(measured)}\n\nWeights: {weights}"


def measure_overhead(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure what `run` costs beside training and evaluation: one tiny trial on synthetic reviews, a fresh store."""
    settings = ("--data", "synthetic", *TINY, "--architectures", "cnn_lstm", "--seeds", "7")

    def overhead(checkout: Checkout) -> Callable[[int], dict[str, Any]]:
        def run(number: int) -> dict[str, Any]:
            ended = checkout.run(checkout.store(number), *settings)
            [trial] = checkout.trials(checkout.store(number))
            rest = ended.wall_seconds - trial["train_and_evaluate_seconds"]
            return {"whole process, s": ended.wall_seconds, "without training and evaluation, s": rest} | {
                "processor time, s": ended.cpu_seconds
            }

        return run

    _fill_cache(checkouts, "synthetic")
    return table(alternate(options.rounds, {one.name: overhead(one) for one in reversed(checkouts)}))


def measure_report(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure `report` of twelve trials: four architectures, three seeds, trained for one short epoch."""
    reviews = str(options.max_reviews) if options.max_reviews else ""
    settings = ["--data", options.data, "--epochs", "1", "--max-length", "20", "--architectures", FOUR]
    for checkout in checkouts:
        checkout.run(checkout.store(0), *settings, *(["--max-reviews", reviews] if reviews else []))

    def report(checkout: Checkout) -> Callable[[int], dict[str, Any]]:
        def run(number: int) -> dict[str, Any]:
            words = checkout.words("report", "--tracking-uri", checkout.store(0), "--output", str(number))
            ended = measure(words, checkout.scratch, checkout.environment())
            return {"processor time, s": ended.cpu_seconds, "wall time, s": ended.wall_seconds} | {
                "peak memory, MB": ended.peak_mb
            }

        return run

    return table(alternate(options.rounds, {one.name: report(one) for one in reversed(checkouts)}))


def measure_help(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure `python -m benchmark --help`."""

    def show(checkout: Checkout) -> Callable[[int], dict[str, Any]]:
        def run(number: int) -> dict[str, Any]:
            ended = measure(checkout.words("--help"), checkout.scratch, checkout.environment())
            return {"wall time, s": ended.wall_seconds, "processor time, s": ended.cpu_seconds}

        return run

    return table(alternate(max(options.rounds, 9), {one.name: show(one) for one in reversed(checkouts)}), decimals=2)


def measure_memory(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure the parent's resident memory while trials train, and at its peak, which is while it reports."""
    reviews = ("--max-reviews", str(options.max_reviews)) if options.max_reviews else ()
    settings = ("--data", options.data, "--epochs", "1", "--architectures", FOUR, "--seeds", "7", *reviews)

    def memory(checkout: Checkout) -> Callable[[int], dict[str, Any]]:
        def run(number: int) -> dict[str, Any]:
            ended = checkout.run(checkout.store(number), *settings, "--max-length", "50")
            trials = checkout.trials(checkout.store(number))
            training = [
                megabytes
                for when, megabytes in ended.samples
                if any(trial["started"] <= when <= trial["ended"] for trial in trials)
            ]
            return {"parent while training, MB": max(training), "parent at its peak, MB": ended.peak_mb}

        return run

    _fill_cache(checkouts, options.data)
    return table(alternate(options.rounds, {one.name: memory(one) for one in reversed(checkouts)}), decimals=0)


def measure_inference(options: argparse.Namespace, checkouts: list[Checkout]) -> str:
    """Measure registered models: one text, and many reviews a second, raw text in and probability out."""
    checkout = checkouts[0]
    architectures = "cnn_lstm,lstm,baselines"
    reviews = ("--max-reviews", str(options.max_reviews or 2000))
    checkout.run(
        checkout.store(0),
        "--data",
        options.data,
        "--architectures",
        architectures,
        "--seeds",
        "7",
        "--epochs",
        "1",
        *reviews,
    )
    program = """
import json, sys, time
from statistics import median
from benchmark.corpus.load import load_corpus
from tracking.reader import find_run, read_benchmark
from tracking.store import open_store
from tracking.models import load_text_model, predict
store = open_store(sys.argv[1], None, create=False)
record = read_benchmark(store, find_run(store, "latest", "benchmark"))
corpus = load_corpus(sys.argv[2])
texts = list(corpus.test.raw_texts().values())
texts.sort(key=lambda text: len(text.split()))
one = texts[len(texts) // 2]
figures = {}
for trial in record.trials:
    started = time.perf_counter()
    model = load_text_model(trial.model_uri)
    loaded = time.perf_counter() - started
    for _ in range(3):
        predict(model, [one])
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        predict(model, [one])
        seconds.append(time.perf_counter() - started)
    started = time.perf_counter()
    predict(model, texts)
    many = time.perf_counter() - started
    figures[trial.config.architecture] = [loaded, 1000 * median(seconds), len(texts) / many]
print(json.dumps(figures))
"""
    words = [sys.executable, "-W", "ignore", "-c", program, checkout.store(0), options.data]
    ended = measure(words, checkout.scratch, checkout.environment())
    figures = json.loads(ended.output.strip().splitlines()[-1])
    lines = ["| model | load, s | one text of median length, ms | reviews a second |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| `{name}` | {load:.2f} | {one:.1f} | {many:,.0f} |" for name, (load, one, many) in figures.items()]
    return "\n".join(lines)


def _fill_cache(checkouts: Iterable[Checkout], data: str) -> None:
    """Read the reviews once, so that reading the archive is part of no measurement."""
    for checkout in checkouts:
        store = f"sqlite:///{checkout.scratch}/first.db"
        checkout.run(store, "--data", data, *TINY, "--architectures", "cnn_lstm", "--seeds", "7")


MEASUREMENTS = {
    "trial": measure_trial,
    "overhead": measure_overhead,
    "report": measure_report,
    "help": measure_help,
    "memory": measure_memory,
    "inference": measure_inference,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "what",
        choices=MEASUREMENTS,
        help="; ".join(
            f"{name}: {function.__doc__.removeprefix('Measure ').rstrip('.')}"
            for name, function in MEASUREMENTS.items()
        ),
    )
    parser.add_argument("--other", type=Path, help="another checkout, for example of the commit before")
    parser.add_argument("--data", default="auto", help="the reviews, as `python -m benchmark run --data` takes them")
    parser.add_argument("--max-reviews", type=int, help="only the first so many reviews of each split")
    parser.add_argument("--architecture", default="cnn_lstm", choices=FOUR.split(","), help="of `trial`")
    parser.add_argument("--epochs", type=int, default=3, help="of `trial`")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if os.path.exists(options.data):
        options.data = os.path.abspath(options.data)
    with tempfile.TemporaryDirectory() as temporary:
        folders = {"now": PROJECT} | ({"other": options.other.resolve()} if options.other else {})
        checkouts = []
        for name, folder in folders.items():
            for package in PACKAGES:
                compileall.compile_dir(folder / package, quiet=2)
            checkout = Checkout(name, folder, Path(temporary) / name)
            checkout.scratch.mkdir()
            checkouts.append(checkout)
        started = time.strftime("%Y-%m-%d")
        text = MEASUREMENTS[options.what](options, checkouts)
    print(text)
    print(f"\n{_machine()}; {started}; `python scripts/measure.py {' '.join(_without_folders(sys.argv[1:]))}`")


def _machine() -> str:
    found = re.findall(r"^(model name|cpu family|model)\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    facts = dict(found)
    processor = f"{facts.get('model name')}, family {facts.get('cpu family')}, model {facts.get('model')}"
    return f"{processor}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


def _without_folders(words: Sequence[str]) -> list[str]:
    """Write paths as anyone can type them, without the folders of this machine."""
    return [f"path/to/{Path(word).name}" if "/" in word else word for word in words]


if __name__ == "__main__":
    main()

"""Processor time of this project beside plain scripts and benchopt, as one table.

    python scripts/measure.py --data path/to/aclImdb_v1.tar.gz > table.md 2> measure.log
    python scripts/measure.py trial --max-reviews 2000 --repeats 3

Processor time is that of a process and its children, so that other programs disturb it little. The ways to do one
thing take turns; each has one thread and seed 7, and ends with the same weights. What is measured appears on stderr at
once; a part that fails does not stop the others. benchopt needs an environment of its own, with these versions:

    uv venv /tmp/benchopt
    uv pip install --python /tmp/benchopt benchopt==1.10.0 tensorflow keras scikit-learn -c requirements.txt
    python scripts/measure.py trial fixed --benchopt /tmp/benchopt/bin/benchopt
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

PROJECT = Path(__file__).resolve().parents[1]
PLAIN_SCRIPT = PROJECT / "scripts" / "plain_script.py"
BENCHOPT_FOLDER = PROJECT / "scripts" / "benchopt"
FURTHER_SEEDS = (8, 9, 10, 11)
TINY_REVIEWS = 200
SHORT = ("--architectures", "lstm,bag_of_words_svm", "--seeds", "7", "--epochs", "1", "--max-length", "20")
STORE_SIZES = (50, 500, 2000)
TRIALS_A_BENCHMARK = 25
REPORT_SIZES = (20, 50, 100)
TEXT_COUNTS = (1, 100, 25_000)
AVERAGED_WORDS = """
import keras


def averaged_words(vocabulary_size, max_length):
    layers = [keras.Input((max_length,)), keras.layers.Embedding(vocabulary_size, 4)]
    layers += [keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1, activation="sigmoid")]
    return keras.Sequential(layers)
"""


@dataclass(frozen=True)
class Row:
    """What was measured several times; `ratio` is to the first way of the same thing."""

    what: str
    values: list[float]
    ratio: float | None = None
    unit: str = "s"


@dataclass(frozen=True)
class Ended:
    """A process that ended well."""

    output: str
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Sitting:
    """The scratch folder and the settings of all measurements."""

    folder: Path
    data: str
    architectures: Sequence[str]
    max_reviews: int | None
    max_trials: int
    repeats: int
    benchopt: str | None

    def uri(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def train(self, store: str, *words: str, reviews: int | None = None) -> Ended:
        """Run a benchmark in a store, one trial at a time."""
        reviews = reviews or self.max_reviews
        limit = ("--max-reviews", str(reviews)) if reviews else ()
        options = ("--data", self.data, "--workers", "1", "--tracking-uri", self.uri(store), *limit)
        return command("run", *words, *options)

    def arrays(self, max_reviews: int | None) -> Path:
        """Write the arrays and texts for the plain script."""
        folder = self.folder / f"arrays-{max_reviews}"
        if not folder.exists():
            in_own_process(write_arrays, self.data, max_reviews, folder)
        return folder


def command(*words: str) -> Ended:
    return end([sys.executable, "-m", "benchmark", *words])


def command_seconds(*words: str) -> float:
    return command(*words).cpu_seconds


def end(words: Sequence[str]) -> Ended:
    """Run a process to its end.

    Raises
    ------
    RuntimeError
        If it fails; with what it printed.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with exit code {process.returncode}:\n{text}")
    return Ended(text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_own_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns in a new process: this one stays small, and imports nothing of the project."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def take_turns(what: str, ways: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Measure every way once a round; return the values of each."""
    values: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(repeats):
        for way, measure in ways.items():
            values[way].append(measure())
            say(f"{what}, {way}, {number + 1} of {repeats}: {values[way][-1]:.3f} s")
    return values


def rows_of(what: str, values: Mapping[str, list[float]]) -> list[Row]:
    first = median(next(iter(values.values()), [1.0]))
    return [Row(f"{what}: {way}", of_way, median(of_way) / first) for way, of_way in values.items()]


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


# Trainings


def measure_trial(sitting: Sitting) -> list[Row]:
    """Measure a trial as whole commands."""
    rows = []
    for architecture in sitting.architectures:
        what = f"a trial of `{architecture}`"
        ways = training_ways(sitting, architecture, sitting.max_reviews, 3, (7,))
        rows += rows_of(what, take_turns(what, ways, sitting.repeats))
    return rows


def measure_fixed(sitting: Sitting) -> list[Row]:
    """Measure the fixed cost: a tiny trial as a whole command, and each further one in the same command."""
    ways_of = partial(training_ways, sitting, "cnn_lstm", TINY_REVIEWS, 1)
    one = take_turns("a tiny trial", ways_of((7,)), sitting.repeats)
    five = take_turns("five tiny trials", ways_of((7, *FURTHER_SEEDS)), sitting.repeats)
    further = {}
    for way, seconds in five.items():
        further[way] = [
            (of_five - of_one) / len(FURTHER_SEEDS) for of_five, of_one in zip(seconds, one[way], strict=True)
        ]
    return rows_of("a tiny trial", one) + rows_of("each further tiny trial", further)


def training_ways(
    sitting: Sitting, architecture: str, max_reviews: int | None, epochs: int, seeds: Sequence[int]
) -> dict[str, Callable[[], float]]:
    """Return the ways to train; each refuses weights that are not those of the others."""
    arrays = sitting.arrays(max_reviews)
    seen: set[str] = set()
    for store in ("run", "autolog"):
        if not (sitting.folder / f"{store}.db").exists():
            in_own_process(make_store, sitting.uri(store))

    def check(weights: Sequence[str]) -> None:
        seen.add(" ".join(weights))
        if len(seen) > 1:
            raise RuntimeError(f"different weights: {seen}")

    def plain(*store: str) -> float:
        seconds = 0.0
        weights = []
        for seed in seeds:
            words = [str(arrays), architecture, str(seed), str(epochs), *store]
            ended = end([sys.executable, str(PLAIN_SCRIPT), *words])
            seconds += ended.cpu_seconds
            weights += printed_weights(ended)
        check(weights)
        return seconds

    def benchopt() -> float:
        solver = f"trial[architecture={architecture},seed=[{','.join(map(str, seeds))}],epochs={epochs}]"
        words = [str(sitting.benchopt), "run", str(BENCHOPT_FOLDER), "-s", solver, "-d", f"reviews[folder={arrays}]"]
        ended = end(
            [*words, "-r", "1", "--no-plot", "--no-cache", "--output", str(sitting.folder / "benchopt.parquet")]
        )
        check(printed_weights(ended))
        return ended.cpu_seconds

    def ours() -> float:
        words = ("--architectures", architecture, "--seeds", ",".join(map(str, seeds)), "--fresh")
        own_epochs = () if architecture == "bag_of_words_svm" else ("--epochs", str(epochs))
        ended = sitting.train("run", *words, *own_epochs, reviews=max_reviews)
        check(in_own_process(stored_weights, sitting.uri("run")))
        return ended.cpu_seconds

    ways = {"plain script": plain, "plain script with `mlflow.autolog`": partial(plain, sitting.uri("autolog"))}
    if sitting.benchopt:
        ways["benchopt"] = benchopt
    return ways | {"`run`, with plan, tracking, model and report": ours}


def printed_weights(ended: Ended) -> list[str]:
    return re.findall(r"weights\w*\W+(\w{64})", ended.output)


def stored_weights(uri: str) -> list[str]:
    """Return the digests of the newest benchmark's weights, as the plain script computes them."""
    from tracking.models import load_text_model

    weights = []
    for trial in newest_benchmark(uri).trials:
        if trial.config.kind == "network":
            weights.append(trial.result.weights_sha256)
        else:
            classifier = load_text_model(trial.model_uri).model[-1]
            weights.append(hashlib.sha256(classifier.coef_.tobytes()).hexdigest())
    return weights


def write_arrays(data: str, max_reviews: int | None, folder: Path) -> None:
    import numpy as np

    from benchmark.corpus.load import load_corpus

    folder.mkdir()
    corpus = load_corpus(data)
    encoded = corpus.encode(5000, 500, max_reviews)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.save(folder / f"{name}.npy", getattr(encoded, name))
    for name, split in (("train", corpus.train), ("test", corpus.test)):
        texts = corpus.texts(split, None, max_reviews)
        (folder / f"{name}.json").write_text(json.dumps(texts), encoding="utf-8")


def make_store(uri: str) -> None:
    from tracking.store import open_store

    open_store(uri, create=True)


# Predictions


def measure_inference(sitting: Sitting) -> list[Row]:
    """Measure the registered `lstm` against `model.predict` on the same ids, and `predict` from its start."""
    words = ("--architectures", "lstm,bag_of_words_svm", "--seeds", "7", "--epochs", "1")
    sitting.train("inference", *words, reviews=TINY_REVIEWS)
    uri = sitting.uri("inference")
    rows = in_own_process(predict_in_turns, uri, sitting.data, sitting.max_reviews, sitting.repeats)
    ways = {}
    for architecture, model in in_own_process(registered_models, uri).items():
        words = ("predict", "a wonderful film", "--model", model, "--tracking-uri", uri)
        ways[f"`{architecture}`"] = partial(command_seconds, *words)
    what = "`predict` of one text, whole command"
    return rows + rows_of(what, take_turns(what, ways, sitting.repeats))


def predict_in_turns(uri: str, data: str, max_reviews: int | None, repeats: int) -> list[Row]:
    from benchmark.corpus.load import load_corpus
    from tracking.models import load_text_model, predict

    model = load_text_model(registered_models(uri)["lstm"])
    reviews = list(load_corpus(data).test.raw_texts().values())[:max_reviews]
    rows = []
    for count in sorted({min(count, len(reviews)) for count in TEXT_COUNTS}):
        texts = reviews[:count]
        ids = model.vocabulary.encode(texts, model.vocabulary_size, model.max_length)
        calls = {
            "`model.predict` on ids": partial(model.model.predict, ids, verbose=0),
            "the registered model": partial(predict, model, texts),
        }
        ways = {}
        for way, call in calls.items():
            call()  # traces the graph
            ways[way] = partial(seconds_of, call, max(1, 100 // count))
        what = f"{count:,} texts"
        rows += rows_of(what, take_turns(what, ways, repeats))
    return rows


def seconds_of(function: Callable[[], object], times: int = 1) -> float:
    """Return the processor seconds of this process for a call."""
    started = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - started) / times


def registered_models(uri: str) -> dict[str, str]:
    return {trial.config.architecture: trial.model_uri for trial in newest_benchmark(uri).trials}


def newest_benchmark(uri: str) -> Any:
    from tracking.reader import find_run, read_benchmark
    from tracking.store import open_store

    store = open_store(uri)
    return read_benchmark(store, find_run(store, "latest"))


# The store


def measure_store(sitting: Sitting) -> list[Row]:
    """Measure a `run` that trains nothing, reading a trial, and listing and planning with many trials in the store."""
    sitting.train("filled", *SHORT)
    uri = sitting.uri("filled")
    again = {"two trials from the store": lambda: sitting.train("filled", *SHORT).cpu_seconds}
    rows = rows_of("a `run` that trains nothing", take_turns("a `run` that trains nothing", again, sitting.repeats))
    rows.append(Row("reading a trial", in_own_process(read_in_turns, uri, sitting.repeats)))

    listing, planning = {}, {}
    for size in STORE_SIZES:
        if size <= sitting.max_trials:
            say(f"filling a store with {size} trials")
            in_own_process(fill_store, uri, size)
            name = f"filled-{size}"
            shutil.copyfile(sitting.folder / "filled.db", sitting.folder / f"{name}.db")
            with_trials = f"with {size:,} trials"
            listing[with_trials] = partial(command_seconds, "list", "--tracking-uri", sitting.uri(name))
            planning[with_trials] = partial(plan_seconds, sitting, name)
    rows += rows_of("`list`", take_turns("`list`", listing, sitting.repeats))
    return rows + rows_of("`run --dry-run`", take_turns("`run --dry-run`", planning, sitting.repeats))


def plan_seconds(sitting: Sitting, store: str) -> float:
    return sitting.train(store, *SHORT, "--dry-run").cpu_seconds


def read_in_turns(uri: str, repeats: int) -> list[float]:
    from tracking.reader import read_trial_run
    from tracking.store import open_store

    record = newest_benchmark(uri)
    store = open_store(uri)
    values = []
    for _ in range(repeats):
        read = []
        for trial in record.trials:
            run = store.client.get_run(trial.run_id)
            read.append(seconds_of(partial(read_trial_run, store, trial.config, run, record.corpus)))
        values.append(sum(read) / len(read))
    return values


def fill_store(uri: str, trials: int) -> None:
    """Copy the newest benchmark's runs, with other fingerprints, until the store has this many trials."""
    from tracking.reader import child_runs, find_run
    from tracking.store import open_store
    from tracking.trial_log import KIND_TAG, PARENT_TAG

    store = open_store(uri)
    newest = store.client.get_run(find_run(store, "latest"))
    originals = child_runs(store, newest.info.run_id)
    missing = trials - len(store.search(f"tags.`{KIND_TAG}` = 'trial'"))
    for number in range(missing):
        if number % TRIALS_A_BENCHMARK == 0:
            parent = copy_run(store.client, newest, {})
        copy_run(store.client, originals[number % len(originals)], {PARENT_TAG: parent})


def copy_run(client: Any, run: Any, tags: Mapping[str, str]) -> str:
    from mlflow.entities import Metric

    from tracking.trial_log import log

    info = run.info
    copy = client.create_run(info.experiment_id, info.start_time - 1000, {**run.data.tags, **tags}, info.run_name)
    metrics = [Metric(name, value, info.end_time, 0) for name, value in run.data.metrics.items()]
    params = {**run.data.params, "fingerprint": uuid4().hex}
    client.log_inputs(copy.info.run_id, run.inputs.dataset_inputs)
    log(client, copy.info.run_id, params, metrics)
    client.set_terminated(copy.info.run_id, "FINISHED", info.end_time - 1000)
    return copy.info.run_id


def measure_memory(sitting: Sitting) -> list[Row]:
    """Measure the largest resident memory of `report`, of a benchmark that grows by trainings of a tiny network."""
    file = sitting.folder / "averaged.py"
    file.write_text(AVERAGED_WORDS, encoding="utf-8")
    words = ["--architectures", f"{file}:averaged_words", "--epochs", "1", "--max-length", "20", "--batch-size", "1024"]
    rows = []
    first = 0
    for size in REPORT_SIZES:
        if size <= sitting.max_trials:
            say(f"training up to {size} trials")
            sitting.train("memory", *words, "--seeds", f"{first}-{size - 1}")
            report = ("report", "--tracking-uri", sitting.uri("memory"))
            values = [command(*report).peak_mb for _ in range(sitting.repeats)]
            rows.append(Row(f"memory of `report` of {size} trials", values, unit="MB"))
            words = ["--resume", "latest"]
            first = size
    return rows


PARTS = {
    "trial": measure_trial,
    "fixed": measure_fixed,
    "inference": measure_inference,
    "store": measure_store,
    "memory": measure_memory,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; without one all of them")
    parser.add_argument("--data", default="auto", help="the reviews, as `python -m benchmark run --data` takes them")
    parser.add_argument("--architectures", default="lstm,cnn_lstm,bag_of_words_svm", help="of `trial`")
    parser.add_argument("--max-reviews", type=int, help="only the first of each split")
    parser.add_argument("--max-trials", type=int, default=STORE_SIZES[-1], help="no store and no report with more")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--benchopt", help="the command benchopt of another environment; without it that is left out")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; possible are {', '.join(PARTS)}")
    if os.path.exists(options.data):
        options.data = os.path.abspath(options.data)

    rows: list[Row] = []
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        prepare_environment(folder)
        sitting = Sitting(
            Path(folder),
            options.data,
            options.architectures.split(","),
            options.max_reviews,
            options.max_trials,
            options.repeats,
            options.benchopt,
        )
        for part in options.parts or PARTS:
            try:
                rows += PARTS[part](sitting)
            except Exception:
                failed = True
                say(f"{part} failed:\n{traceback.format_exc()}")
    words = [f"path/to/{Path(word).name}" if "/" in word else word for word in sys.argv[1:]]
    print(table(rows))
    print(f"\n{processor()}; {time.strftime('%Y-%m-%d')}; `python scripts/measure.py {' '.join(words)}`")
    return int(failed)


def prepare_environment(folder: str) -> None:
    """Let every process have one thread, our code, and a cache and a working folder that end with the measurements."""
    for name in list(os.environ):
        if name.startswith("MLFLOW_"):
            del os.environ[name]
    os.environ |= {
        "PYTHONPATH": str(PROJECT),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "IMDB_BENCHMARK_CACHE": f"{folder}/cache",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    sys.path.insert(0, str(PROJECT))
    os.chdir(folder)


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| processor time of | median | smallest to largest | ratio to the first |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        digits = 0 if row.unit == "MB" else 1 if median(row.values) >= 10 else 3
        low, middle, high = (f"{x:,.{digits}f}" for x in (min(row.values), median(row.values), max(row.values)))
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what} | {middle} {row.unit} | {low} to {high} | {ratio} |")
    return "\n".join(lines)


def processor() -> str:
    found = re.findall(r"^(model name|cpu family|model)\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    facts = dict(found)
    name = f"{facts.get('model name')}, family {facts.get('cpu family')}, model {facts.get('model')}"
    return f"{name}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())

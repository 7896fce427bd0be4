"""Several benchmarks write at once to one tracking server on PostgreSQL, and everything that they wrote is looked for.

    pip install psycopg2-binary        # and PostgreSQL itself: apt-get install postgresql
    python scripts/check_postgresql.py --writers 8 --trials 6

It starts a PostgreSQL of its own and `mlflow server` with proxied artifacts, both on the loopback address and in a
folder that is removed at the end. The writers are processes with the real tracker; their trials are not trained. With
`--tracking-uri` it writes to a server that runs already, in the experiment `concurrent-writers`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "scripts")]
os.environ["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] = "false"  # a trial here is too short to be sampled
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from simulate_scale import ARCHITECTURES, fake_events, fake_predictions  # noqa: E402

from benchmark.config import BenchmarkConfig  # noqa: E402
from benchmark.corpus import Vocabulary  # noqa: E402
from benchmark.events import TrialFinished  # noqa: E402
from tests.support.records import make_corpus_facts, make_predictions  # noqa: E402
from tracking.records import read_benchmark  # noqa: E402
from tracking.runs import BenchmarkTracker  # noqa: E402
from tracking.store import Store, open_store  # noqa: E402
from tracking.trial_runs import EPOCH_METRICS  # noqa: E402

EXPERIMENT = "concurrent-writers"
SECONDS_TO_START = 120.0


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL, and give its address; it refuses root, so root runs it as Debian's user ``postgres``."""
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    search = os.environ["PATH"] if programs is None else f"{programs}:{os.environ['PATH']}"
    password, port = secrets.token_hex(), free_port()
    folder.mkdir()
    (folder / "password").write_text(password)
    for path in (folder, folder / "password"):
        shutil.chown(path, user)

    def run(*command: str) -> None:
        program = shutil.which(command[0], path=search)
        if program is None:
            sys.exit(f"{command[0]} of PostgreSQL is not there; install it with `apt-get install postgresql`")
        subprocess.run([program, *command[1:]], check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "mlflow", "-A", "scram-sha-256", f"--pwfile={folder}/password")
    run("pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", f"-h 127.0.0.1 -p {port} -k {folder}")
    try:
        yield f"postgresql+psycopg2://mlflow:{password}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "stop", "-D", data, "-m", "fast")


@contextmanager
def tracking_server(backend: str, folder: Path) -> Iterator[str]:
    """Run `mlflow server` with artifacts through the server, and give its address."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", backend, "--serve-artifacts"]
    command += ["--artifacts-destination", str(folder), "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    with (folder.parent / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        give_up = time.monotonic() + SECONDS_TO_START
        while not answers(port):
            if server.poll() is not None or time.monotonic() > give_up:
                sys.exit(f"the tracking server did not start: {(folder.parent / 'server.log').read_text()[-2000:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def config_of(writer: int, trials: int) -> BenchmarkConfig:
    """Every writer has seeds of its own, and architectures in common with the others."""
    seeds = tuple(range(1000 * writer, 1000 * writer + -(-trials // len(ARCHITECTURES))))
    return BenchmarkConfig(architectures=ARCHITECTURES, seeds=seeds)


def write(uri: str, writer: int, trials: int, reviews: int, folder: Path) -> tuple[str, list[float]]:
    """Log one benchmark; gives its run's id and the seconds that each trial took to log."""
    config, facts = config_of(writer, trials), make_corpus_facts(test_reviews=reviews)
    folder.mkdir()
    Vocabulary(["the", "film"]).save(folder / "vocabulary.txt")
    store = open_store(uri, EXPERIMENT)
    seconds, spent = [], 0.0
    with BenchmarkTracker.open(store, config, facts, folder / "vocabulary.txt", config.command()) as tracker:
        for event in fake_events(config.trials(), reviews, folder / "spool"):
            started = time.perf_counter()
            tracker.handle(event)
            spent += time.perf_counter() - started
            if isinstance(event, TrialFinished):
                seconds.append(spent)
                spent = 0.0
    return tracker.run_id, seconds


def faults(store: Store, run_id: str, writer: int, trials: int, reviews: int) -> Iterator[str]:
    """Read a benchmark back, and tell all that is missing, doubled or changed."""
    shared = make_predictions("lstm", 0, 0.87, reviews)
    record = read_benchmark(store.client, run_id)
    if record.status != "finished" or len(record.finished) != len(config_of(writer, trials).trials()):
        yield f"benchmark {run_id} is {record.status} with {len(record.finished)} finished trials"
    for trial in record.finished:
        wrote = fake_predictions(shared, trial.config)
        if not np.array_equal(trial.predictions.probability, wrote.probability):
            yield f"{trial.config.name} has other predictions than it wrote"
        for metric in EPOCH_METRICS:
            steps = Counter(point.step for point in store.client.get_metric_history(trial.run_id, metric))
            if steps != Counter(range(1, trial.config.epochs + 1)):
                yield f"{trial.config.name} has {metric} at the steps {sorted(steps.elements())}"
        if len(store.client.search_model_versions(f"run_id = '{trial.run_id}'")) != 1:
            yield f"{trial.config.name} is not registered exactly once"


def check(uri: str, writers: int, trials: int, reviews: int, folder: Path) -> int:
    arguments = [(uri, writer, trials, reviews, folder / f"writer-{writer}") for writer in range(writers)]
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(writers) as pool:
        written = pool.starmap(write, arguments, chunksize=1)
    seconds = time.perf_counter() - started
    store = open_store(uri, EXPERIMENT)
    found = [
        fault for writer, (run_id, _) in enumerate(written) for fault in faults(store, run_id, writer, trials, reviews)
    ]
    each = np.array([spent for _, many in written for spent in many])
    print(
        f"{writers} writers at once, {len(each)} trials of {reviews:,} predictions: {seconds:.0f} s with the start of "
        f"the writers; a trial took {np.median(each):.2f} s to log (median), {np.quantile(each, 0.95):.2f} s (95%), "
        f"{each.max():.2f} s (longest)"
    )
    print("\n".join(found) or "Nothing is missing, doubled or changed.")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--trials", type=int, default=8, help="of each writer, in steps of four")
    parser.add_argument("--reviews", type=int, default=25_000, help="predictions of a trial")
    parser.add_argument("--tracking-uri", help="of a server that runs already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postgresql-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's user has to reach its own folder in it
        (folder / "artifacts").mkdir()
        given = arguments.tracking_uri
        with (
            nullcontext() if given else postgresql(folder / "postgresql") as backend,
            nullcontext(given) if given else tracking_server(backend, folder / "artifacts") as uri,
        ):
            return check(uri, arguments.writers, arguments.trials, arguments.reviews, folder)


if __name__ == "__main__":
    sys.exit(main())

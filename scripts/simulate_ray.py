"""Hand out trials that take no time to workers on Ray, and print what handing out and bringing back costs.

    python scripts/simulate_ray.py --trials 500 --workers 2

Ray is real, and started on this machine; the workers send back a model file of the real size (2.6 MB), and no training.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ["PYTHONPATH"] = str(PROJECT)  # for Ray's workers

from benchmark.config import BenchmarkConfig, TrialConfig  # noqa: E402
from benchmark.corpus import EncodedCorpus, load_corpus  # noqa: E402
from benchmark.events import TrialEvent, TrialFinished, WorkerReady  # noqa: E402
from benchmark.executors.ray_executor import RayExecutor  # noqa: E402
from benchmark.executors.ray_worker import Trainer  # noqa: E402
from benchmark.results import TrialOutcome  # noqa: E402
from tests.support import fake_trainer  # noqa: E402

MODEL_BYTES = 2_600_000


def run_trial(
    config: TrialConfig, encoded: EncodedCorpus, directory: Path, on_event: Callable[[TrialEvent], None]
) -> TrialOutcome:
    outcome = fake_trainer.run_trial(config, encoded, directory, on_event)
    (directory / "model.keras").write_bytes(bytes(MODEL_BYTES))
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    first = fake_trainer.FIRST_GOOD_SEED
    config = BenchmarkConfig(architectures=("cnn_lstm",), seeds=tuple(range(first, first + arguments.trials)))
    started = time.perf_counter()
    ends: list[float] = []
    executor = RayExecutor(
        "cpu", workers=arguments.workers, cpus_per_trial=1, trainer=Trainer(fake_trainer.prepare, run_trial)
    )
    with tempfile.TemporaryDirectory() as name, executor:
        corpus = load_corpus("generated", Path(name) / "cache")
        for event in executor.run(config.trials(), corpus.directory, Path(name) / "spool"):
            if isinstance(event, WorkerReady):
                ready = time.perf_counter()
            if isinstance(event, TrialFinished):
                ends.append(time.perf_counter())
    assert len(ends) == arguments.trials, "a trial was lost"
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{arguments.trials} trials on {arguments.workers} workers: {ready - started:.1f} s until the first worker is "
        f"ready, then {1000 * (ends[-1] - ready) / len(ends):.1f} ms a trial, with {MODEL_BYTES / 1e6:g} MB brought "
        f"back from each; the driver's highest memory is {memory_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()

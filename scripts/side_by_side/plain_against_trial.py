"""The tutorial's plain script against one trial with all tracking on: whole processes, alternating.

The plain script trains with ``validation_data`` and evaluates at the end, as the tutorial does. It loads arrays that
are encoded already. The trial is ``python -m benchmark run``: it opens the cached corpus, trains, logs to MLflow,
registers the model and writes the report.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmark.corpus import Corpus, default_cache_directory, load_corpus
from benchmark.results import TrialResult
from scripts.side_by_side.measuring import (
    PROJECT,
    Data,
    Script,
    alternate,
    last_json,
    medians,
    run_process,
    table,
    with_range,
)

VOCABULARY_SIZE, REVIEW_LENGTH = 5000, 500


def measure(options: argparse.Namespace) -> Data:
    corpus = load_corpus(options.data, default_cache_directory())
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        write_arrays(corpus, scratch, options.limit or None)

        def plain() -> Data:
            script = PROJECT / "scripts" / "side_by_side" / "plain_script.py"
            words = [scratch, options.architecture, options.seed, options.epochs]
            seconds, output = run_process([sys.executable, script, *words])
            return {"process_seconds": seconds, **last_json(output)}

        def trial() -> Data:
            uri = f"sqlite:///{scratch}/mlflow.db"
            command = [sys.executable, "-m", "benchmark", "run", "--data", options.data, "--architectures"]
            command += [options.architecture, "--seeds", options.seed, "--epochs", options.epochs]
            command += ["--limit", options.limit] if options.limit else []
            started_at = time.time()
            seconds, _ = run_process([*command, "--tracking-uri", uri, "--output", scratch / "reports"])
            result, ended_at = newest_trial(uri)
            return {
                "process_seconds": seconds,
                "until_logged_seconds": ended_at - started_at,
                "seconds": result.wall_seconds,
                "accuracy": result.test_accuracy,
                "weights_sha256": result.weights_sha256,
            }

        rounds = alternate(options.rounds, {"plain script": plain, "trial": trial})
    return {
        "architecture": options.architecture,
        "seed": options.seed,
        "epochs": options.epochs,
        "reviews": options.limit or corpus.facts.train_reviews,
        "corpus": corpus.facts.source,
        "rounds": rounds,
    }


def write_arrays(corpus: Corpus, folder: Path, limit: int | None = None) -> None:
    """Write the encoded corpus as the plain scripts read it."""
    encoded = corpus.encode(VOCABULARY_SIZE, REVIEW_LENGTH, limit)
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.save(folder / f"{name}.npy", getattr(encoded, name), allow_pickle=False)


def newest_trial(tracking_uri: str) -> tuple[TrialResult, float]:
    """Read the newest benchmark's only trial, and when its run ended, in seconds since 1970."""
    from tracking.records import read_benchmark
    from tracking.run_lookup import find_benchmark
    from tracking.store import open_store

    store = open_store(tracking_uri)
    [trial] = read_benchmark(store.client, find_benchmark(store.client, store.experiment_id)).trials
    assert trial.result is not None, trial.failure
    return trial.result, store.client.get_run(trial.run_id).info.end_time / 1000


def markdown(data: Data) -> str:
    plain, trial = data["rounds"]["plain script"], data["rounds"]["trial"]
    rows = []
    for title, key_of_plain, key_of_trial in (
        ("until the trial is logged, its model registered", "process_seconds", "until_logged_seconds"),
        ("whole process, report and all", "process_seconds", "process_seconds"),
        ("build, train and evaluate alone", "seconds", "seconds"),
    ):
        both = [one[key_of_plain] for one in plain], [one[key_of_trial] for one in trial]
        ratio = medians(trial)[key_of_trial] / medians(plain)[key_of_plain]
        rows.append([title, *(with_range(values, 1) for values in both), f"{ratio:.2f}"])
    rows.append(["accuracy on the test half", *(f"{arm[0]['accuracy']:.2%}" for arm in (plain, trial)), ""])
    hashes = [sorted({one["weights_sha256"] for one in arm}) for arm in (plain, trial)]
    same = "the same" if hashes[0] == hashes[1] and len(hashes[0]) == 1 else "**differ**"
    rows.append(["weights, SHA-256", *(" ".join(f"`{one[:12]}`" for one in arm) for arm in hashes), same])
    return (
        f"`{data['architecture']}`, seed {data['seed']}, {data['epochs']} epochs of {data['reviews']:,} reviews, "
        f"{len(plain)} alternating rounds; median and range. Corpus: {data['corpus']}.\n\n"
        + table(["seconds", "plain script", "a trial, all tracking on", "trial / plain"], rows)
    )


SCRIPT = Script(
    name="plain_against_trial",
    title="The tutorial's plain script against one trial with all tracking on.",
    full={"architecture": "cnn_lstm", "seed": 7, "epochs": 3, "rounds": 3, "limit": 0},
    quick={"architecture": "cnn_lstm", "seed": 7, "epochs": 2, "rounds": 1, "limit": 160},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()

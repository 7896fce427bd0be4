"""The parts on their own: the project's microbenchmarks, as ``python -m benchmark microbenchmarks`` runs them."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from tempfile import TemporaryDirectory

from scripts.side_by_side.measuring import Data, Script, run_process, table


def measure(options: argparse.Namespace) -> Data:
    from tracking.microbenchmark_runs import EXPERIMENT, read_microbenchmarks
    from tracking.store import open_store

    with TemporaryDirectory() as scratch:
        uri = f"sqlite:///{scratch}/mlflow.db"
        command = [sys.executable, "-m", "benchmark", "microbenchmarks", "--tracking-uri", uri]
        command += ["--data", options.data] if options.data.endswith(".gz") else []
        command += ["--only", options.only] if options.only else []
        run_process(command)
        stored = read_microbenchmarks(open_store(uri, EXPERIMENT), "latest")
        return {"timings": [dataclasses.asdict(timing) for timing in stored.timings.values()]}


def markdown(data: Data) -> str:
    rows = [
        [
            f"`{one['name']}`",
            *(f"{1000 * one[key]:,.2f}" for key in ("median_seconds", "min_seconds", "iqr_seconds")),
            str(one["rounds"]),
            ", ".join(f"{value} {key}" for key, value in one["work"].items() if key in ("reviews", "trials", "words")),
        ]
        for one in data["timings"]
    ]
    return table(["", "median, ms", "min, ms", "IQR, ms", "rounds", "of"], rows)


SCRIPT = Script(
    name="microbenchmarks",
    title="The parts on their own: the project's microbenchmarks.",
    full={"only": ""},
    quick={"only": "cached_corpus"},
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()

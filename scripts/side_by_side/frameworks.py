"""The same network in Keras on TensorFlow, in PyTorch, and in Keras on JAX: training step and inference.

Each framework runs in a process of its own, in turn, on the same cores, from the same initial weights. PyTorch and JAX
are installed into environments of their own, since this project needs neither.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmark.corpus import default_cache_directory, load_corpus
from scripts.side_by_side.measuring import PROJECT, Data, Script, alternate, last_json, run_process, table, with_range
from scripts.side_by_side.plain_against_trial import write_arrays

HERE = PROJECT / "scripts" / "side_by_side"
FRAMEWORKS = ("Keras on TensorFlow", "PyTorch", "Keras on JAX")


def measure(options: argparse.Namespace) -> Data:
    environments = Path(options.environments).expanduser().absolute()
    pythons = [Path(sys.executable), *(_environment(environments, name) for name in ("torch", "jax"))]
    scripts = [HERE / f"framework_{name}.py" for name in ("keras", "torch", "keras")]
    on_cpu = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    variables = [{**on_cpu, "KERAS_BACKEND": "tensorflow"}, on_cpu, {**on_cpu, "KERAS_BACKEND": "jax"}]
    corpus = load_corpus(options.data, default_cache_directory())
    measured = {}
    with TemporaryDirectory() as temporary:
        write_arrays(corpus, Path(temporary), max(options.steps * 64, options.reviews))
        for architecture in options.architectures.split(","):
            words = [temporary, architecture, options.steps, options.epochs, options.reviews]

            def arm(number: int, words: list = words) -> Callable[[], Data]:
                command = [pythons[number], scripts[number], *words]
                return lambda: last_json(run_process(command, **variables[number])[1])

            run_process([pythons[0], scripts[0], *words, "--write-weights"], **variables[0])
            measured[architecture] = alternate(
                options.rounds, {name: arm(number) for number, name in enumerate(FRAMEWORKS)}
            )
    return {"corpus": corpus.facts.source, "architectures": measured}


def _environment(folder: Path, framework: str) -> Path:
    """Give the interpreter of a framework's environment, which is made the first time."""
    python = folder / framework / "bin" / "python"
    if not python.exists():
        print(f"installing {framework} into {folder / framework}", file=sys.stderr, flush=True)
        run_process([sys.executable, "-m", "venv", folder / framework])
        run_process([python, "-m", "pip", "install", "-r", HERE / f"requirements-{framework}.txt"])
    return python


def markdown(data: Data) -> str:
    parts = []
    for architecture, rounds in data["architectures"].items():
        ours = rounds[FRAMEWORKS[0]]
        rows = []
        for name in FRAMEWORKS:
            steps = [1000 * one["step_seconds"] for one in rounds[name]]
            rates = [one["reviews"] / one["predict_seconds"] for one in rounds[name]]
            rows.append([_with_version(name, rounds[name][0]), with_range(steps, 1), with_range(rates, 0)])
        rates = [one["reviews"] / one["without_padding_seconds"] for one in ours]
        rows.insert(1, ["the same, predicting without the padding (`models.prediction`)", "", with_range(rates, 0)])
        reference = np.array(ours[0]["probabilities"])
        furthest = max(np.abs(np.array(rounds[name][0]["probabilities"]) - reference).max() for name in FRAMEWORKS)
        parts.append(
            f"`{architecture}`, {len(ours)} rounds; median and range. From the same weights, probabilities of 16 "
            f"reviews differ by at most {furthest:.1e}, so it is the same network.\n\n"
            + table(["", "training step of 64 x 500, ms", "inference, reviews per second"], rows)
        )
    return "\n\n".join(parts)


def _with_version(name: str, facts: Data) -> str:
    versions = ", ".join(f"{package} {version}" for package, version in facts["versions"].items())
    return f"{name} ({versions})"


SCRIPT = Script(
    name="frameworks",
    title="The same network in Keras on TensorFlow, in PyTorch, and in Keras on JAX.",
    full={
        "architectures": "lstm,cnn_lstm",
        "rounds": 3,
        "steps": 20,
        "epochs": 2,
        "reviews": 2048,
        "environments": "~/.cache/imdb-benchmark/frameworks",
    },
    quick={
        "architectures": "cnn_lstm",
        "rounds": 1,
        "steps": 1,
        "epochs": 1,
        "reviews": 64,
        "environments": "~/.cache/imdb-benchmark/frameworks",
    },
    measure=measure,
    markdown=markdown,
)

if __name__ == "__main__":
    SCRIPT.main()

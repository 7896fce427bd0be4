"""Train one trial in the foreground, in this process, without MLflow: for a debugger.

    python scripts/train_here.py cnn_lstm --seed 7 --data synthetic --max-reviews 200

The trial folder is left in ./trial.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmark.config import BenchmarkConfig, Choice
from benchmark.corpus.load import load_corpus
from benchmark.executors.worker import find_environment
from benchmark.plan import make_plan
from benchmark.training.trial import run_trial
from models.registry import lookup


@click.command()
@click.argument("architecture")
@click.option("--seed", type=int, default=7)
@click.option("--data", default="auto")
@click.option("--max-reviews", type=int)
@click.option("--epochs", type=int)
def main(architecture: str, seed: int, data: str, max_reviews: int | None, epochs: int | None) -> None:
    """Plan the trial as `run` does, and train it here."""
    choice = Choice(name=architecture, seeds=(seed,))
    config = BenchmarkConfig(architectures=(choice,), data=data, max_reviews=max_reviews, epochs=epochs)
    described = lookup(choice.name)
    corpus = load_corpus(config.data, on_progress=print)
    environment = find_environment(described.kind == "network", config.device, config.threads_per_worker)
    plan = make_plan(config, [described], corpus.facts, environment)
    folder = Path("trial")
    folder.mkdir(exist_ok=True)
    run_trial(plan.planned[0], corpus.folder, folder, print, environment)
    print(f"trained: {folder.resolve()}")


if __name__ == "__main__":
    main()

"""The reviews and the plan of what is to be trained."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from benchmark.corpus.load import load_corpus
from benchmark.errors import UserError
from benchmark.plan import Plan, make_plan
from benchmark.terminal import say

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.config import BenchmarkConfig
    from benchmark.corpus.corpus import Corpus
    from benchmark.executors import Executor
    from models.registry import Architecture


def prepare(
    console: Console,
    config: BenchmarkConfig,
    executor: Executor,
    architectures: Sequence[Architecture],
    resumed: Plan | None = None,
) -> tuple[Corpus, Plan]:
    """Read the reviews, and plan what to train; say which architectures cannot be trained on them.

    Parameters
    ----------
    architectures : sequence of Architecture
        Those of ``config.architectures``, in the same order.
    resumed : Plan or None
        Of the benchmark that is resumed.

    Raises
    ------
    UserError
        If nothing can be trained.
    """
    with console.status("Reading the reviews"):
        corpus = load_corpus(
            config.data,
            columns=config.columns,
            held_out=config.held_out,
            on_progress=partial(say, console),
            console=console,
        )
    plan = make_plan(config, architectures, corpus.facts, executor.environment(architectures), resumed)
    for trial in plan.planned:
        corpus.drawn(trial.config.train_reviews, trial.config.seed)  # what cannot be drawn is refused
    left_out = [architecture.name for architecture in architectures if architecture.name not in plan.architectures]
    if left_out:
        line = (
            f"{', '.join(left_out)} is left out: it learns from all unlabelled reviews too; give Stanford's archive, "
            "which has them in train/unsup, with --data path/to/aclImdb_v1.tar.gz, and neither --max-reviews nor "
            "--train-reviews"
        )
        if not plan.planned:
            raise UserError(line)
        say(console, line)
    return corpus, plan

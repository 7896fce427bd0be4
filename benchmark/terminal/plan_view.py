"""The plan, shown before anything starts."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmark.config import BenchmarkConfig, seeds_text
from benchmark.durations import guess_seconds
from benchmark.executors.settings import ExecutorSettings
from benchmark.plan import Plan
from benchmark.results import CorpusFacts
from benchmark.terminal.console import words_for_seconds
from models.registry import get_architecture

IMDB_TRAIN_REVIEWS = 25_000


def show_plan(console: Console, config: BenchmarkConfig, executors: ExecutorSettings) -> None:
    """Print what will be trained, on what, and about how long it takes."""
    trials = config.trials()
    reviews = "all reviews" if config.limit is None else f"the first {config.limit:,} reviews of each half"
    rows = [
        ("trials", f"{len(trials)}, every architecture with every seed"),
        ("seeds", seeds_text(config.seeds).replace(",", ", ")),
        ("training", f"{config.epochs} epochs, batches of {config.batch_size}, {reviews}"),
        ("text", f"{config.vocabulary_size:,} ids, {config.review_length} a review, cut and padded at the front"),
        ("corpus", config.data),
        ("device", {"auto": "the GPU where there is one, else the CPU"}.get(config.device, config.device.upper())),
    ]
    if executors.executor == "ray" or executors.asks_for_ray:
        where = "this machine" if executors.ray_address is None else executors.ray_address
        at_once = "as many at once as fit" if executors.workers is None else f"{executors.workers} at once"
        rows.append(("side by side", f"{at_once}, by Ray on {where}; seconds are not those of a trial that runs alone"))
    for name in config.architectures:
        architecture = get_architecture(name)
        count = f"{architecture.parameter_count:,} parameters" if architecture.parameter_count else ""
        rows.append((name, f"{architecture.title}  {count}".rstrip()))
    if config.data != "generated":
        seconds = sum(guess_seconds(trial, IMDB_TRAIN_REVIEWS) for trial in trials)
        rows.append(("time", f"about {words_for_seconds(seconds)} for IMDB on two CPU cores; less on a GPU"))
    table = Table(title="Plan", title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for row in rows:
        table.add_row(*row)
    console.print(table)


def show_corpus(console: Console, corpus: CorpusFacts) -> None:
    """Print what was loaded, and a warning where it is not the real thing."""
    console.print(
        f"Corpus: {corpus.source}; {corpus.train_reviews:,} + {corpus.test_reviews:,} reviews, "
        f"{corpus.vocabulary_words:,} words, digest {corpus.digest[:12]}",
        soft_wrap=True,
    )
    if corpus.kind == "generated":
        console.print(
            "This is the generated corpus, NOT the IMDB reviews: nothing here compares with 88.89%. "
            "For the real one give --data path/to/aclImdb_v1.tar.gz.",
            style="bold yellow",
            soft_wrap=True,
        )


def show_resumed(console: Console, plan: Plan) -> None:
    """Print what a benchmark that was begun before has already, and why something is trained again."""
    for trial, change in plan.changes.items():
        console.print(f"{trial.name} is trained again: {change}", markup=False)
    there = len(plan.finished) + len(plan.take_over)
    if there:
        console.print(f"{there} trials are finished and stay as they are; {len(plan.to_train)} to train")


def show_hint(console: Console, hint: str | None) -> None:
    """Print what would make this machine train faster, where there is something."""
    if hint is not None:
        console.print(hint, style="yellow", markup=False, soft_wrap=True)

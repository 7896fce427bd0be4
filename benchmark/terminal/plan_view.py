"""The plan, shown before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmark.config import BenchmarkConfig, TrialConfig, seeds_text
from benchmark.corpus.generated import REVIEWS_PER_HALF
from benchmark.durations import guess_seconds_in_all
from benchmark.executors.settings import ExecutorSettings
from benchmark.numbers import plural
from benchmark.plan import Plan
from benchmark.results import CorpusFacts
from benchmark.terminal.console import words_for_seconds
from models.registry import get_architecture

IMDB_TRAIN_REVIEWS = 25_000
MOST_NAMES = 6


def show_plan(
    console: Console, config: BenchmarkConfig, executors: ExecutorSettings, resumed: Plan | None = None
) -> None:
    """Print what will be trained, on what, and about how long it takes; of a resumed benchmark also what is left."""
    trials = config.trials()
    reviews = "all reviews" if config.limit is None else f"the first {config.limit:,} reviews of each half"
    rows = [
        ("trials", f"{len(trials)}, every architecture with every seed"),
        *([] if resumed is None else _rows_of_what_is_left(resumed)),
        ("seeds", seeds_text(config.seeds).replace(",", ", ")),
        ("training", f"{plural(config.epochs, 'epoch')}, batches of {config.batch_size}, {reviews}"),
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
    rows.append(("time", _time(config.data, trials if resumed is None else resumed.to_train)))
    table = Table(title="Plan", title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _rows_of_what_is_left(plan: Plan) -> list[tuple[str, str]]:
    there = len(plan.finished) + len(plan.take_over)
    names = [trial.name for trial in plan.to_train]
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "…"]
    to_train = f"{len(names)}: {', '.join(shown)}" if names else "none"
    return [
        ("finished", f"{there}, kept as {'it is' if there == 1 else 'they are'}" if there else "none"),
        ("to train", to_train),
    ]


def _time(data: str, trials: Sequence[TrialConfig]) -> str:
    is_generated = data == "generated"
    seconds = guess_seconds_in_all(trials, REVIEWS_PER_HALF if is_generated else IMDB_TRAIN_REVIEWS)
    corpus = "" if is_generated else " for IMDB"
    return f"about {words_for_seconds(seconds)}{corpus} on two idle CPU cores, start and report included; less on a GPU"


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
    show_trained_again(console, plan)
    there = len(plan.finished) + len(plan.take_over)
    if there:
        stay = "is finished and stays as it is" if there == 1 else "are finished and stay as they are"
        console.print(f"{plural(there, 'trial')} {stay}; {len(plan.to_train)} to train")


def show_trained_again(console: Console, plan: Plan) -> None:
    """Print why something that had finished is trained again."""
    for trial, change in plan.changes.items():
        console.print(f"{trial.name} is trained again: {change}", markup=False)


def show_hint(console: Console, hint: str | None) -> None:
    """Print what would make this machine train faster, where there is something."""
    if hint is not None:
        console.print(hint, style="yellow", markup=False, soft_wrap=True)

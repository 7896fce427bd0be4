"""The plan of a benchmark, with its time and what its seeds can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmark.corpus.facts import reviews_used
from benchmark.plan import Plan
from benchmark.results import Environment
from benchmark.terminal.console import clean, print_command, print_table, say
from benchmark.training.environment import gpu_command
from benchmark.wording import duration, plural
from models.registry import control_of

MAX_NAME_WIDTH = 40  # leaves half of a terminal for the rest
IMDB_REVIEWS = 25_000  # in the test split


def show_plan(console: Console, plan: Plan, typical_seconds: Mapping[str, float]) -> None:
    """Print what is trained on what, how long it takes, and which difference it can show.

    Parameters
    ----------
    typical_seconds : mapping of str to float
        Of a trial on this machine by its architecture, where they are known.
    """
    # What is trained
    config, corpus = plan.config, plan.corpus
    table = _architectures(plan)
    title = f"Plan: {plural(len(plan.planned), 'trial')} of {plural(len(table), 'architecture')}"
    in_store = len(plan.planned) - len(plan.to_train)
    if in_store:
        title += f"; {in_store} from the store, {len(plan.to_train)} to train"
    say(console, title, "bold")
    whole = []
    if max(len(row["architecture"]) for row in table) <= MAX_NAME_WIDTH:  # names are to be typed elsewhere
        whole.append("architecture")
    print_table(console, table, right=("epochs", "batch"), whole=whole)
    console.print()

    # On what, how long, and to which end
    numbers = config.train_reviews or (reviews_used(corpus.train_reviews, config.max_reviews),)
    train = [f"{reviews:,}" for reviews in numbers]
    test = reviews_used(corpus.test_reviews, config.max_reviews)
    to_test = "held out to test" if corpus.held_out else "to test"
    facts = [
        ("corpus", corpus.source.rstrip(".")),
        ("reviews", f"{' / '.join(train)} to train, {test:,} {to_test}; {corpus.vocabulary_words:,} different words"),
        ("encoding", f"{config.vocabulary_size:,} word ids, {config.max_length} a review, cut at the front"),
        ("device", _device(plan.environment)),
        ("time", _time(plan, typical_seconds)),
        ("workers", _side_by_side(plan)),
    ]
    label = "can show"
    for text in _can_show(plan):
        facts.append((label, text))
        label = ""
    grid = Table.grid(padding=(0, 2))
    for name, text in facts:
        if text:
            grid.add_row(Text(name, "bold"), Text(clean(text), overflow="fold"))
    console.print(grid)
    _warn(console, plan)


def _warn(console: Console, plan: Plan) -> None:
    """Say what is not as it may seem: synthetic reviews, a GPU without use."""
    if plan.corpus.kind == "synthetic":
        say(
            console,
            "These are synthetic reviews, NOT IMDB: nothing here compares with 88.89%. For the real ones give "
            "--data path/to/aclImdb_v1.tar.gz.",
            "bold yellow",
        )
    trains_networks = any(trial.config.kind == "network" for trial in plan.to_train)
    may_use_gpu = plan.config.device != "cpu" and plan.config.ray_address is None
    on_cpu = plan.environment.device_kind == "cpu"
    if trains_networks and may_use_gpu and on_cpu and (command := gpu_command()):
        say(
            console,
            "This machine has an NVIDIA GPU, which this environment cannot use: the networks train on the CPU. To use "
            "it, stop, type this, and run the benchmark again:",
            "bold yellow",
        )
        print_command(console, command)


def _device(environment: Environment) -> str:
    if environment.device_kind == "gpu":
        return f"GPU ({environment.device_name}), for the networks; baselines train on the CPU"
    return f"CPU ({environment.device_name})"


def _architectures(plan: Plan) -> list[dict[str, str]]:
    """Return one row an architecture; its name has to be typed elsewhere, so it stands beside the title."""
    rows = []
    for name in plan.architectures:
        trials = [planned.config for planned in plan.planned if planned.config.architecture == name]
        seeds = dict.fromkeys(trial.seed for trial in trials if trial.seed is not None)
        row = {
            "architecture": name,
            "title": trials[0].title,
            "seeds": seeds_text(list(seeds)) or "none",
            "epochs": str(trials[0].epochs or ""),
            "batch": str(trials[0].batch_size or ""),
        }
        rows.append(row)
    return rows


def seeds_text(seeds: Sequence[int]) -> str:
    """``7, 8, 9``; four or more consecutive ones as a range, ``0-9``."""
    if len(seeds) > 3 and seeds[-1] - seeds[0] == len(seeds) - 1:
        return f"{seeds[0]}-{seeds[-1]}"
    return ", ".join(map(str, seeds))


def _time(plan: Plan, typical_seconds: Mapping[str, float]) -> str:
    """``about 6.2 min``, from earlier trials; architectures that were not timed on this machine are named."""
    if not plan.to_train:
        return "nothing is left to train"
    seconds = []
    untimed = {}
    for trial in plan.to_train:
        name = trial.config.architecture
        if name in typical_seconds:
            seconds.append(typical_seconds[name])
        else:
            untimed[name] = trial
    if not seconds:
        return "not known: nothing of it was timed on this machine yet"
    needed = max(sum(seconds) / plan.environment.trials_at_once, max(seconds))
    about = "at most" if plan.config.train_reviews else "about"
    known = f"{about} {duration(needed)}, from earlier trials on this machine"
    return f"{known}; and that of {', '.join(untimed)}, not timed here yet" if untimed else known


def _side_by_side(plan: Plan) -> str:
    if not plan.to_train:
        return ""
    at_once = f"{plural(plan.environment.trials_at_once, 'trial')} at a time"
    if plan.config.ray_address is not None:
        return f"Ray at {plan.config.ray_address}, {at_once}"
    return f"{at_once}, {plural(plan.environment.threads, 'thread')} a trial"


def _can_show(plan: Plan) -> Iterator[str]:
    """Say which difference is shown in 80% of cases, once for each number of seeds; nothing where none is asked for."""
    config, corpus = plan.config, plan.corpus
    comparable = not corpus.not_comparable_reason(config.max_reviews)
    if corpus.kind == "synthetic" or not (comparable or len(plan.architectures) > 1):
        return
    if config.until_decided:
        yield "most answers, with up to 20 seeds: they are added until each is decided, which takes more time"
        return
    from benchmark.statistics.looks import TYPICAL_REVIEW_ERROR, TYPICAL_SDS, detectable_difference

    test_reviews = reviews_used(corpus.test_reviews, config.max_reviews)
    review_error = TYPICAL_REVIEW_ERROR * (IMDB_REVIEWS / test_reviews) ** 0.5
    numbers = {len(plan.by_seed(name)) for name in plan.architectures if control_of(name) is None}
    for seeds in sorted(numbers - {0}):
        if seeds == 1:
            yield "with 1 seed how this trained model does, nothing of its architecture"
            continue
        stable, unstable = (100 * detectable_difference(seeds, sd, review_error) for sd in TYPICAL_SDS)
        yield f"with {seeds} seeds differences of {stable:.1f} points, or {unstable:.1f} where seeds differ much"

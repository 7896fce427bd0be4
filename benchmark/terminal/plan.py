"""The plan of a benchmark, with its time and what its seeds can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console

from benchmark.config import TrialConfig
from benchmark.corpus.facts import reviews_used
from benchmark.plan import Past, Plan
from benchmark.results import Environment
from benchmark.terminal.console import print_command, print_pairs, print_table, say
from benchmark.training.machine import unused_gpu_command
from benchmark.wording import duration, plural

# Seconds of one epoch with 25,000 reviews of 500 words, and of predicting as many, on one core of a new CPU.
TYPICAL_SECONDS = {"ngram_sum": 8, "text_cnn": 27, "conv_gru": 41, "cnn_lstm": 53, "cnn_lstm_tensorboard": 53}
OTHER_SECONDS = 95  # of an LSTM
SLOWEST = 2.5  # times these: an old CPU, or one with other work
SECONDS_TO_STORE = 1.0  # a trial
SECONDS_AROUND = 12.0  # start of TensorFlow, the corpus from the cache, the report
IMDB_REVIEWS, TUTORIAL_LENGTH = 25_000, 500


def typical_seconds(trial: TrialConfig, train_reviews: int) -> float:
    """Return the seconds of a trial on one CPU core: building and saving, then each epoch, or fitting a baseline."""
    size = reviews_used(train_reviews, trial.max_reviews) / IMDB_REVIEWS
    if trial.kind == "baseline":
        return 1.0 + 12.0 * size
    seconds = TYPICAL_SECONDS.get(trial.architecture, OTHER_SECONDS) * trial.max_length / TUTORIAL_LENGTH
    return 3.0 + (trial.epochs or 1) * seconds * size


def show_plan(console: Console, plan: Plan, past: Past) -> None:
    """Print what is trained on what, how long it takes, and which difference it can show."""
    # What is trained
    config, corpus = plan.config, plan.corpus
    table = _architectures(plan)
    title = f"Plan: {plural(len(plan.planned), 'trial')} of {plural(len(table), 'architecture')}"
    in_store = len(plan.planned) - len(plan.to_train)
    if in_store:
        title += f"; {in_store} from the store, {len(plan.to_train)} to train"
    say(console, title, "bold")
    print_table(console, table, right=("epochs", "batch"))
    console.print()

    # On what, how long, and to which end
    train = reviews_used(corpus.train_reviews, config.max_reviews)
    test = reviews_used(corpus.test_reviews, config.max_reviews)
    pairs = [
        ("corpus", corpus.source.rstrip(".")),
        ("reviews", f"{train:,} to train, {test:,} to test; {corpus.vocabulary_words:,} different words"),
        ("encoding", f"{config.vocabulary_size:,} word ids, {config.max_length} a review, cut at the front"),
        ("device", _device(plan.environment)),
        ("time", _time(plan, past)),
        ("workers", _side_by_side(plan)),
    ]
    label = "can show"
    for text in _detectable(plan, past.spreads(plan)):
        pairs.append((label, text))
        label = ""
    print_pairs(console, [pair for pair in pairs if pair[1]])

    # What is not as it may seem
    if corpus.kind == "synthetic":
        say(
            console,
            "These are synthetic reviews, NOT IMDB: nothing here compares with 88.89%. For the real ones give "
            "--data path/to/aclImdb_v1.tar.gz.",
            "bold yellow",
        )
    trains_networks = any(trial.config.kind == "network" for trial in plan.to_train)
    command = unused_gpu_command(config.device, plan.environment)
    if command and trains_networks and config.ray_address is None:
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
    first: dict[str, TrialConfig] = {}
    for planned in plan.planned:
        first.setdefault(planned.config.architecture, planned.config)
    rows = []
    for name, trial in first.items():
        row = {
            "architecture": name,
            "title": trial.title,
            "seeds": seeds_text(plan.seeds_of(name)) or "none",
            "epochs": str(trial.epochs or ""),
            "batch": str(trial.batch_size or ""),
        }
        rows.append(row)
    return rows


def seeds_text(seeds: Sequence[int]) -> str:
    """``7, 8, 9``; from four consecutive ones on a range, ``0-9``."""
    words: list[str] = []
    for _, pairs in groupby(enumerate(seeds), lambda pair: pair[1] - pair[0]):  # equal for consecutive seeds
        stretch = [str(seed) for _, seed in pairs]
        if len(stretch) > 3:
            stretch = [f"{stretch[0]}-{stretch[-1]}"]
        words += stretch
    return ", ".join(words)


def _time(plan: Plan, past: Past) -> str:
    """``about 6.2 min``, or ``roughly 4.8 min`` where an architecture was not timed on this machine."""
    if not plan.to_train:
        return "nothing is left to train"
    durations = past.typical_seconds(plan)
    seconds = []
    timed = []
    for trial in plan.to_train:
        own = durations.get(trial.config.architecture)
        timed.append(own is not None)
        if own is None:
            own = SLOWEST * typical_seconds(trial.config, plan.corpus.train_reviews)
        seconds.append(SECONDS_TO_STORE + own)
    needed = duration(SECONDS_AROUND + max(sum(seconds) / _at_once(plan), max(seconds)))
    if all(timed):
        return f"about {needed}, from earlier trials on this machine"
    if any(timed):
        return f"roughly {needed}, partly from earlier trials on this machine"
    if plan.environment.device_kind == "gpu":
        return ""
    return f"roughly {needed}; not timed on this machine yet"


def _at_once(plan: Plan) -> int:
    return min(plan.environment.trials_at_once, len(plan.to_train))


def _side_by_side(plan: Plan) -> str:
    if not plan.to_train:
        return ""
    at_once = f"{plural(_at_once(plan), 'trial')} at a time"
    if plan.config.ray_address is not None:
        return f"Ray at {plan.config.ray_address}, {at_once}"
    threads = plural(plan.environment.threads, "thread")
    if _at_once(plan) == 1:
        return f"{at_once}, {threads}"
    return f"{at_once}, {threads} each; timings are then of trials that share the machine"


def _detectable(plan: Plan, spreads: Mapping[str, float]) -> Iterator[str]:
    """Say which distance from the reference is shown in 80% of cases, once for each number of seeds."""
    config, corpus = plan.config, plan.corpus
    if config.until_decided:
        yield "every verdict: seeds are added (to 5, 10, 20) until it is decided, which takes more time"
        return
    reference = "88.89%"
    if config.reference:
        reference = config.reference.name
    elif corpus.not_comparable_reason(config.max_reviews):
        return
    if corpus.kind == "synthetic":
        return
    from benchmark.statistics.looks import TYPICAL_REVIEW_ERROR, TYPICAL_SDS, detectable_difference

    counts = Counter(trial.config.architecture for trial in plan.planned if trial.config.seed is not None)
    review_error = TYPICAL_REVIEW_ERROR * (IMDB_REVIEWS / reviews_used(corpus.test_reviews, config.max_reviews)) ** 0.5
    for seeds in sorted(set(counts.values())):
        if seeds == 1:
            yield "with 1 seed how this trained model does, nothing of its architecture"
            continue
        known = []
        for name, count in counts.items():
            if count == seeds and name in spreads:
                known.append(spreads[name])
        least, most = min(known or TYPICAL_SDS), max(known or TYPICAL_SDS)
        distance = f"{100 * detectable_difference(seeds, least, review_error):.1f}"
        at_most = f"{100 * detectable_difference(seeds, most, review_error):.1f}"
        sentence = f"with {seeds} seeds {distance} points from {reference}"
        if at_most != distance:
            sentence += f", or {at_most} where seeds differ much"
        yield sentence

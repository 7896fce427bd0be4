"""The plan of a benchmark, with its time and what its seeds can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.terminal.console import print_pairs, print_table, say, words_for_seconds
from benchmark.wording import plural

# Seconds of one epoch with 25,000 reviews of 500 words on two CPU cores.
TYPICAL_SECONDS = {"cnn_lstm": 26, "cnn_lstm_tensorboard": 27, "bigram_average": 4, "text_cnn": 16, "conv_gru": 25}
OTHER_CPU = (1.0, 2.5)  # times the typical seconds: a new CPU to an old one, or one with other work
SECONDS_TO_STORE = 1.0  # a trial
SECONDS_AROUND = 12.0  # start of TensorFlow, the corpus from the cache, the report
IMDB_REVIEWS, TUTORIAL_LENGTH = 25_000, 500


def time_needed(
    shares: Mapping[TrialConfig, float],
    train_reviews: int,
    durations: Mapping[str, float],
    workers: int = 1,
    pace: tuple[float, float] = OTHER_CPU,
) -> str:
    """Return ``about 6 min``, or ``2 to 5 min`` where an architecture was not timed on this machine.

    Parameters
    ----------
    shares : mapping of TrialConfig to float
        What is left of each trial, from 0 to 1.
    durations : mapping of str to float
        Architecture to seconds of one trial with these settings on this machine.
    pace : tuple of float
        Factors of the typical seconds, between which an architecture without a time lies.
    """

    def total(factor: float) -> str:
        seconds = [
            SECONDS_TO_STORE + share * durations.get(trial.architecture, factor * typical_seconds(trial, train_reviews))
            for trial, share in shares.items()
        ]
        return words_for_seconds(SECONDS_AROUND + max(sum(seconds) / workers, max(seconds)))

    least, most = map(total, pace)
    if least == most:
        return f"about {least}"
    number, unit = least.rsplit(" ", 1)
    return f"{number if most.split(' ', 1)[1] == unit else least} to {most}"


def typical_seconds(trial: TrialConfig, train_reviews: int) -> float:
    """Return the seconds of a trial on two CPU cores: building and saving, then each epoch, or fitting a baseline."""
    size = min(train_reviews, trial.max_reviews or train_reviews) / IMDB_REVIEWS
    if trial.kind == "baseline":
        return 1.0 + 12.0 * size
    seconds = TYPICAL_SECONDS.get(trial.architecture, 40.0) * trial.max_length / TUTORIAL_LENGTH
    return 3.0 + (trial.epochs or 1) * seconds * size


def show_plan(
    console: Console,
    config: BenchmarkConfig,
    trials: Sequence[TrialConfig],
    finished: Collection[TrialConfig] = (),
    *,
    corpus: CorpusFacts,
    durations: Mapping[str, float] | None = None,
    spreads: Mapping[str, float] | None = None,
) -> None:
    """Print what is trained on what, how long it takes, and which difference it can show.

    Parameters
    ----------
    trials, finished : collections of TrialConfig
        All trials of the benchmark, and those that take no time any more.
    durations : mapping of str to float, optional
        As in `time_needed`.
    spreads : mapping of str to float, optional
        Architecture to the standard deviation of the accuracy over seeds, of earlier trials.
    """
    used_train, used_test = (
        min(reviews, config.max_reviews or reviews) for reviews in (corpus.train_reviews, corpus.test_reviews)
    )
    rows = [
        ("corpus", corpus.source.rstrip(".")),
        ("reviews", f"{used_train:,} to train, {used_test:,} to test; {corpus.vocabulary_words:,} different words"),
        ("encoding", f"{config.vocabulary_size:,} word ids, {config.max_length} a review, cut at the front"),
        ("device", {"auto": "the GPU where there is one, else the CPU"}.get(config.device, config.device.upper())),
        ("time", _time(config, [one for one in trials if one not in finished], corpus, durations or {})),
        ("workers", _side_by_side(config, trials)),
        *zip(("can show", "", "", ""), _detectable(config, trials, corpus, spreads or {}), strict=False),
    ]
    table = _architectures(trials)
    done = f", {len(finished)} finished already" if finished else ""
    say(console, f"Plan: {plural(len(trials), 'trial')} of {plural(len(table), 'architecture')}{done}", "bold")
    headings = ("architecture", "title", "seeds", "epochs", "batch")
    print_table(console, headings, table, right=headings[3:])
    console.print()
    print_pairs(console, [(name, text) for name, text in rows if text])
    if corpus.kind == "synthetic":
        say(
            console,
            "These are synthetic reviews, NOT IMDB: nothing here compares with 88.89%. For the real ones give "
            "--data path/to/aclImdb_v1.tar.gz.",
            "bold yellow",
        )


def _architectures(trials: Sequence[TrialConfig]) -> list[tuple[str, ...]]:
    """Return one row an architecture; its name has to be typed elsewhere, so it stands beside the title."""
    seeds: dict[str, list[int]] = {}
    for trial in trials:
        seeds.setdefault(trial.architecture, []).extend([] if trial.seed is None else [trial.seed])
    first = {trial.architecture: trial for trial in reversed(trials)}
    return [
        (
            name,
            first[name].title,
            seeds_text(of) or "none",
            *("" if size is None else str(size) for size in (first[name].epochs, first[name].batch_size)),
        )
        for name, of in seeds.items()
    ]


def seeds_text(seeds: Sequence[int]) -> str:
    """``7, 8, 9``; from four consecutive ones on a range, ``0-9``."""
    by_distance = groupby(enumerate(seeds), lambda one: one[1] - one[0])  # equal for consecutive seeds
    stretches = [[seed for _, seed in stretch] for _, stretch in by_distance]
    return ", ".join(
        f"{stretch[0]}-{stretch[-1]}" if len(stretch) > 3 else ", ".join(map(str, stretch)) for stretch in stretches
    )


def _time(
    config: BenchmarkConfig, trials: Sequence[TrialConfig], corpus: CorpusFacts, durations: Mapping[str, float]
) -> str:
    if not trials:
        return ""
    needed = time_needed(dict.fromkeys(trials, 1.0), corpus.train_reviews, durations, config.workers or 1)
    timed = {trial.architecture in durations for trial in trials}
    if timed == {False}:
        return "" if config.device == "gpu" else f"{needed} on two CPU cores; not timed on this machine yet"
    return f"{needed}, {'' if timed == {True} else 'partly '}from earlier trials on this machine"


def _side_by_side(config: BenchmarkConfig, trials: Sequence[TrialConfig]) -> str:
    at_once = min(config.workers or 1, len(trials))
    if config.ray_address is not None:
        return f"Ray at {config.ray_address}, {plural(at_once, 'trial')} at a time"
    if at_once < 2:
        return ""
    threads = plural(config.threads_per_worker, "thread")
    return f"{at_once} trials at a time, {threads} each; timings are then of trials that share the machine"


def _detectable(
    config: BenchmarkConfig, trials: Sequence[TrialConfig], corpus: CorpusFacts, spreads: Mapping[str, float]
) -> Iterator[str]:
    """Say which distance from the reference is shown in 80% of cases, once for each number of seeds."""
    if config.until_decided:
        yield "every verdict: seeds are added (to 5, 10, 20) until it is decided, which takes more time"
        return
    counts = Counter(trial.architecture for trial in trials if trial.seed is not None)
    has_reference = config.reference or not corpus.not_comparable_reason(config.max_reviews)
    if not has_reference or corpus.kind == "synthetic":
        return
    from benchmark.statistics.looks import TYPICAL_REVIEW_ERROR, TYPICAL_SDS, detectable_difference

    reference = config.reference.rpartition("=")[0] if config.reference else "88.89%"
    tested = min(corpus.test_reviews, config.max_reviews or corpus.test_reviews)
    review_error = TYPICAL_REVIEW_ERROR * (IMDB_REVIEWS / tested) ** 0.5
    for seeds in sorted(set(counts.values())):
        if seeds == 1:
            yield "with 1 seed how this trained model does, nothing of its architecture"
            continue
        known = [spreads[name] for name, count in counts.items() if count == seeds and name in spreads] or TYPICAL_SDS
        least, most = (f"{100 * detectable_difference(seeds, sd, review_error):.1f}" for sd in (min(known), max(known)))
        more = "" if least == most else f", or {most} where seeds differ much"
        yield f"with {seeds} seeds {least} points from {reference}{more}"

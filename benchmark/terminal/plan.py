"""The plan of a benchmark, with its time and what its seeds can show."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.corpus.facts import CorpusFacts
from benchmark.terminal.console import plural, print_pairs, print_table, say, words_for_seconds

# Seconds of one epoch, or of fitting a baseline, with 25,000 reviews of 500 words on two CPU cores.
TYPICAL_SECONDS: Mapping[str, float] = {
    "lstm": 40,
    "lstm_dropout": 40,
    "cnn_lstm": 26,
    "cnn_lstm_tensorboard": 27,
    "bigram_average": 15,
    "text_cnn": 30,
}
TYPICAL_NETWORK_SECONDS, TYPICAL_BASELINE_SECONDS = 40.0, 12.0
SECONDS_AROUND = 15.0  # start of TensorFlow, the corpus from the cache, the report
IMDB_TRAIN_REVIEWS, TUTORIAL_LENGTH = 25_000, 500


def estimate_trial_seconds(
    trial: TrialConfig, train_reviews: int, durations: Mapping[str, float] | None = None
) -> float:
    """Estimate the seconds of one trial; the parameters are those of `estimate_seconds`."""
    if durations and trial.architecture in durations:
        return durations[trial.architecture]
    reviews = min(train_reviews, trial.max_reviews or train_reviews)
    size = reviews / IMDB_TRAIN_REVIEWS
    if trial.kind == "baseline":
        return 0.5 + size * TYPICAL_BASELINE_SECONDS
    seconds = TYPICAL_SECONDS.get(trial.architecture, TYPICAL_NETWORK_SECONDS)
    return 3.0 + (trial.epochs or 1) * size * seconds * trial.max_length / TUTORIAL_LENGTH


def estimate_seconds(
    trials: Sequence[TrialConfig], train_reviews: int, durations: Mapping[str, float] | None = None, workers: int = 1
) -> float:
    """Estimate the wall time of all trials.

    Parameters
    ----------
    durations : mapping of str to float, optional
        Architecture to seconds of one trial: median of this machine's earlier trials with the same settings. Where
        one is missing, its typical time on two CPU cores is taken.
    """
    seconds = [estimate_trial_seconds(trial, train_reviews, durations) for trial in trials]
    return max(sum(seconds) / workers, max(seconds, default=0.0))


def show_plan(
    console: Console,
    config: BenchmarkConfig,
    trials: Sequence[TrialConfig],
    *,
    corpus: CorpusFacts,
    durations: Mapping[str, float] | None = None,
    spreads: Mapping[str, float] | None = None,
    cores: int | None = None,
) -> None:
    """Print what is trained on what, how long it takes, and which difference it can show.

    Parameters
    ----------
    trials : sequence of TrialConfig
        All trials of the benchmark.
    durations : mapping of str to float, optional
        As in `estimate_seconds`.
    spreads : mapping of str to float, optional
        Architecture to the standard deviation of the accuracy over seeds, of earlier trials.
    cores : int, optional
        Cores that this process may use; None counts them.
    """
    rows = [
        ("corpus", _corpus(corpus, config)),
        ("encoding", f"{config.vocabulary_size:,} word ids, {config.max_length} a review, cut at the front"),
        ("device", {"auto": "the GPU where there is one, else the CPU"}.get(config.device, config.device.upper())),
        ("time", _time(trials, corpus, durations, config.workers)),
        *_side_by_side(config, trials, cores or len(os.sched_getaffinity(0))),
        *_detectable(config, trials, corpus, spreads or {}),
    ]
    say(console, f"Plan: {plural(len(trials), 'trial')}", "bold")
    headings = ("architecture", "title", "seeds", "epochs", "batch")
    print_table(console, headings, _architectures(trials), right=headings[3:])
    console.print()
    print_pairs(console, rows)
    if corpus.kind == "synthetic":
        say(
            console,
            "These are synthetic reviews, NOT IMDB: nothing here compares with 88.89%. For the real ones give "
            "--data path/to/aclImdb_v1.tar.gz.",
            "bold yellow",
        )


def _corpus(corpus: CorpusFacts, config: BenchmarkConfig) -> str:
    def used(reviews: int) -> str:
        return f"{min(reviews, config.max_reviews or reviews):,}"

    return (
        f"{corpus.source.rstrip('.')}; {used(corpus.train_reviews)} reviews to train, {used(corpus.test_reviews)} to "
        f"test, {corpus.vocabulary_words:,} words, digest {corpus.digest[:12]}"
    )


def _architectures(trials: Sequence[TrialConfig]) -> list[tuple[str, str, str, str, str]]:
    """Return one row an architecture; its name has to be typed elsewhere, so it stands beside the title."""
    rows = []
    for name in dict.fromkeys(trial.architecture for trial in trials):
        same = [trial for trial in trials if trial.architecture == name]
        first = same[0]
        seeds = [trial.seed for trial in same if trial.seed is not None]
        sizes = (str(first.epochs), str(first.batch_size)) if first.kind == "network" else ("", "")
        rows.append((name, first.title, seeds_text(seeds) or "none", *sizes))
    return rows


def seeds_text(seeds: Sequence[int]) -> str:
    """``7, 8, 9``; from four consecutive ones on a range, ``0-9``."""
    stretches: list[list[int]] = []
    for seed in seeds:
        if stretches and seed == stretches[-1][-1] + 1:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    return ", ".join(
        f"{stretch[0]}-{stretch[-1]}" if len(stretch) > 3 else ", ".join(map(str, stretch)) for stretch in stretches
    )


def _time(
    trials: Sequence[TrialConfig], corpus: CorpusFacts, durations: Mapping[str, float] | None, workers: int
) -> str:
    if not trials:
        return "nothing to train"
    seconds = estimate_seconds(trials, corpus.train_reviews, durations, workers) + SECONDS_AROUND
    names = {trial.architecture for trial in trials}
    measured = names & set(durations or {})
    basis = (
        "from earlier trials on this machine"
        if measured == names
        else "typical of two CPU cores"
        if not measured
        else "partly from earlier trials on this machine"
    )
    return f"about {words_for_seconds(seconds)}, {basis}"


def _side_by_side(config: BenchmarkConfig, trials: Sequence[TrialConfig], cores: int) -> list[tuple[str, str]]:
    shared = "timings are then of trials that share the machine"
    if config.ray_address is not None:
        return [("workers", f"Ray at {config.ray_address}, {plural(config.workers, 'trial')} at a time")]
    if config.workers > 1:
        threads = config.threads_per_worker or max(1, cores // config.workers)
        return [("workers", f"{config.workers} trials at a time, {plural(threads, 'thread')} each; {shared}")]
    possible = min(cores // 2, 8, len(trials))
    if config.device == "gpu" or possible < 2:
        return []
    return [("workers", f"1; with {cores} cores, --workers {possible} trains {possible} trials at a time; {shared}")]


def _detectable(
    config: BenchmarkConfig, trials: Sequence[TrialConfig], corpus: CorpusFacts, spreads: Mapping[str, float]
) -> list[tuple[str, str]]:
    counts = Counter(trial.architecture for trial in trials if trial.seed is not None)
    seeds = min(counts.values(), default=0)
    if config.until_decided:
        return [("seeds", "added at 3, 5, 10 and 20 until each verdict is decided; the time may grow to that of 20")]
    if not seeds or corpus.kind == "synthetic":
        return []
    if not config.reference and corpus.not_comparable_reason(config.max_reviews):
        return []
    if seeds == 1:
        return [("shows", "one seed: only how this trained model does, nothing of its architecture")]
    from benchmark.statistics.looks import TYPICAL_SDS, detectable_difference

    names = {trial.architecture for trial in trials if trial.seed is not None}
    known = [spreads[name] for name in names if name in spreads]
    sds = (min(known), max(known)) if known else TYPICAL_SDS
    lowest, highest = (100 * detectable_difference(seeds, sd) for sd in sds)
    reference = config.reference.rpartition("=")[0] if config.reference else "88.89%"
    gap = f"{lowest:.1f}" if f"{lowest:.1f}" == f"{highest:.1f}" else f"{lowest:.1f} to {highest:.1f}"
    basis = "from the spread of earlier seeds" if known else "the less stable the training, the more"
    return [("can show", f"with {seeds} seeds, only distances from {reference} of at least {gap} points ({basis})")]

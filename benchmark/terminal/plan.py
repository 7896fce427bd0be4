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


def estimate_seconds(trial: TrialConfig, train_reviews: int, durations: Mapping[str, float] | None = None) -> float:
    """Estimate the seconds of one trial.

    Parameters
    ----------
    durations : mapping of str to float, optional
        Architecture to seconds of one trial: median of this machine's earlier trials on the same reviews. Where one
        is missing, its typical time on two CPU cores is taken.
    """
    if durations and trial.architecture in durations:
        return durations[trial.architecture]
    size = min(train_reviews, trial.max_reviews or train_reviews) / IMDB_TRAIN_REVIEWS
    if trial.kind == "baseline":
        return 0.5 + size * TYPICAL_BASELINE_SECONDS
    seconds = TYPICAL_SECONDS.get(trial.architecture, TYPICAL_NETWORK_SECONDS)
    return 3.0 + (trial.epochs or 1) * size * seconds * trial.max_length / TUTORIAL_LENGTH


def show_plan(
    console: Console,
    config: BenchmarkConfig,
    trials: Sequence[TrialConfig],
    *,
    corpus: CorpusFacts,
    durations: Mapping[str, float] | None = None,
    spreads: Mapping[str, float] | None = None,
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
    """
    used_train, used_test = (
        min(reviews, config.max_reviews or reviews) for reviews in (corpus.train_reviews, corpus.test_reviews)
    )
    rows = [
        ("corpus", corpus.source.rstrip(".")),
        ("reviews", f"{used_train:,} to train, {used_test:,} to test; {corpus.vocabulary_words:,} different words"),
        ("encoding", f"{config.vocabulary_size:,} word ids, {config.max_length} a review, cut at the front"),
        ("device", {"auto": "the GPU where there is one, else the CPU"}.get(config.device, config.device.upper())),
        ("time", _time(trials, corpus, durations or {}, config.workers)),
        ("workers", _side_by_side(config, trials)),
        ("can show", _detectable(config, trials, corpus, spreads or {})),
    ]
    say(console, f"Plan: {plural(len(trials), 'trial')}", "bold")
    headings = ("architecture", "title", "seeds", "epochs", "batch")
    print_table(console, headings, _architectures(trials), right=headings[3:])
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
    stretches: list[list[int]] = []
    for seed in seeds:
        if stretches and seed == stretches[-1][-1] + 1:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    return ", ".join(
        f"{stretch[0]}-{stretch[-1]}" if len(stretch) > 3 else ", ".join(map(str, stretch)) for stretch in stretches
    )


def _time(trials: Sequence[TrialConfig], corpus: CorpusFacts, durations: Mapping[str, float], workers: int) -> str:
    seconds = [estimate_seconds(trial, corpus.train_reviews, durations) for trial in trials]
    measured = [trial.architecture in durations for trial in trials]
    earlier = "from earlier trials on this machine"
    basis = earlier if all(measured) else f"partly {earlier}" if any(measured) else "typical of two CPU cores"
    return f"about {words_for_seconds(max(sum(seconds) / workers, max(seconds)) + SECONDS_AROUND)}, {basis}"


def _side_by_side(config: BenchmarkConfig, trials: Sequence[TrialConfig]) -> str:
    shared = "timings are then of trials that share the machine"
    cores = len(os.sched_getaffinity(0))
    if config.ray_address is not None:
        return f"Ray at {config.ray_address}, {plural(config.workers, 'trial')} at a time"
    if config.workers > 1:
        threads = config.threads_per_worker or max(1, cores // config.workers)
        return f"{config.workers} trials at a time, {plural(threads, 'thread')} each; {shared}"
    possible = min(cores // 2, 8, len(trials))
    if config.device == "gpu" or possible < 2:
        return ""
    return f"1; with {cores} cores, --workers {possible} trains {possible} trials at a time; {shared}"


def _detectable(
    config: BenchmarkConfig, trials: Sequence[TrialConfig], corpus: CorpusFacts, spreads: Mapping[str, float]
) -> str:
    if config.until_decided:
        return "every verdict: seeds are added at 3, 5, 10 and 20 until it is decided; the time may grow to that of 20"
    counts = Counter(trial.architecture for trial in trials if trial.seed is not None)
    has_reference = config.reference or not corpus.not_comparable_reason(config.max_reviews)
    if not counts or not has_reference or corpus.kind == "synthetic":
        return ""
    seeds = min(counts.values())
    if seeds == 1:
        return "one seed: only how this trained model does, nothing of its architecture"
    from benchmark.statistics.looks import TYPICAL_SDS, detectable_difference

    known = [spreads[name] for name in counts if name in spreads]
    sds = (min(known), max(known)) if known else TYPICAL_SDS
    gaps = [f"{100 * detectable_difference(seeds, sd):.1f}" for sd in sds]
    reference = config.reference.rpartition("=")[0] if config.reference else "88.89%"
    basis = "from the spread of earlier seeds" if known else "the less stable the training, the more"
    distances = " to ".join(dict.fromkeys(gaps))
    return f"with {seeds} seeds, only distances from {reference} of at least {distances} points ({basis})"

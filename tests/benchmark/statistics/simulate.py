"""Simulation of intervals and verdicts: python -m tests.benchmark.statistics.simulate [repetitions].

Every repetition draws 20 seeds on 25,000 reviews of IMDB's 3,581 films, whole, and hands them to the project's own
functions. A seed is right on a review if the review's difficulty (of its film and of its own, shared by all seeds) and
what is peculiar to this seed (of film and review too) stay below a threshold, which gives the seed's true accuracy. The
truth of a row is the mean over seeds that do not collapse: what a verdict's sentence is about.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from benchmark.config import LOOKS
from benchmark.corpus.films import FILMS_FILE
from benchmark.statistics.collapse import collapsed_seeds
from benchmark.statistics.looks import look_error_rate, next_look
from benchmark.statistics.pairs import accuracy_change, compare
from benchmark.statistics.variance import (
    ERROR_RATE,
    RightCounts,
    count_right,
    estimate_mean,
    prediction_interval,
)
from benchmark.statistics.verdict import Verdict, decide

TRUE_MEAN = 0.88
MARGIN = 0.01
REFERENCE_REVIEWS = 25_000
SEED_COUNTS = (3, 5, 10)
TRUE_DIFFERENCES = (0.0, -0.01, -0.02)
RIGHT_ANSWERS = {0.0: {"equivalent"}, -0.01: {"below"}, -0.02: {"below"}}  # "undecided" is never wrong
SHARED = 0.85  # of a review's latent variance; two seeds then disagree on 8% of the reviews, as two real networks do
FILM_SHARE = 0.10  # of the shared part; a mean's standard error is then a fifth larger than without films
PECULIAR_FILM_SHARE = 0.05  # of the rest; the standard error of a paired difference is then 2 to 3% larger


@dataclass(frozen=True)
class Scenario:
    """How seeds of one architecture scatter; a hidden collapse leaves no trace in the training accuracy."""

    name: str
    seed_sd: float
    collapse_share: float = 0.0
    hidden_share: float = 0.0


SCENARIOS = (
    Scenario("noise 0.25 points", 0.0025),
    Scenario("noise 1.4 points", 0.014),
    Scenario("noise 0.5, one seed in five collapses", 0.005, 0.2),
    Scenario("the same, a third of them hidden", 0.005, 0.2, 1 / 3),
    Scenario("noise 1.4, one in five collapses, a third hidden", 0.014, 0.2, 1 / 3),
)
COLLAPSE = 0.08  # of test accuracy
TRAIN_COLLAPSE = 0.06


@dataclass(frozen=True)
class Seeds:
    """Drawn seeds of one architecture: training accuracy, right answers by review, and by film."""

    train_accuracy: NDArray[np.float64]
    right: NDArray[np.bool_]
    counts: RightCounts

    parts: dict[tuple[int, int], tuple[RightCounts, int]] = field(default_factory=dict)

    def first(self, n: int, start: int = 0) -> tuple[RightCounts, int]:
        """Counts of those of `n` seeds that are not found collapsed, and how many are."""
        if (n, start) not in self.parts:
            chosen = np.arange(start, start + n)
            # all labels taken as 1: seeds agree just where both are right or both are wrong
            collapsed = collapsed_seeds(self.train_accuracy[chosen].tolist(), self.right[chosen])
            self.parts[n, start] = self.counts[np.delete(chosen, collapsed)], len(collapsed)
        return self.parts[n, start]


def films_of_test_split() -> NDArray[np.int64]:
    """The film of each of IMDB's test reviews, numbered from 0, reviews of one film side by side."""
    with np.load(FILMS_FILE, allow_pickle=False) as arrays:
        films = np.concatenate([arrays[name] for name in arrays.files if name.startswith("test")])
    return np.sort(np.unique(films, return_inverse=True)[1])


def draw(scenario: Scenario, films: NDArray[np.int64], rng: np.random.Generator, seeds: int = 20) -> Seeds:
    """Draw seeds, and what each makes of every review."""
    deviation = scenario.seed_sd * rng.standard_normal(seeds)
    collapsed = rng.random(seeds) < scenario.collapse_share
    hidden = rng.random(seeds) < scenario.hidden_share
    train = 0.88 + 0.5 * deviation + 0.5 * scenario.seed_sd * rng.standard_normal(seeds)
    threshold = ndtri(TRUE_MEAN + deviation - COLLAPSE * collapsed).astype(np.float32)
    shared = np.sqrt(FILM_SHARE) * rng.standard_normal(films[-1] + 1)[films]
    shared += np.sqrt(1 - FILM_SHARE) * rng.standard_normal(len(films))
    peculiar = rng.standard_normal((seeds, len(films)), dtype=np.float32)
    peculiar *= np.float32(np.sqrt(1 - PECULIAR_FILM_SHARE))
    of_film = rng.standard_normal((seeds, films[-1] + 1), dtype=np.float32)
    peculiar += np.float32(np.sqrt(PECULIAR_FILM_SHARE)) * of_film[:, films]
    peculiar *= np.float32(np.sqrt(1 - SHARED))
    peculiar += (np.sqrt(SHARED) * shared).astype(np.float32)
    right = peculiar < threshold[:, None]
    return Seeds(train - TRAIN_COLLAPSE * (collapsed & ~hidden), right, count_right(right, films))


def judge(seeds: Seeds, n: int, reference: float, error_rate: float) -> Verdict:
    """The verdict that a report gives on the first `n` seeds."""
    kept, collapsed = seeds.first(n)
    estimate = estimate_mean(kept, error_rate)
    return decide(estimate, reference, MARGIN, reference_reviews=REFERENCE_REVIEWS, collapsed=collapsed)


def train_until_decided(seeds: Seeds, reference: float) -> tuple[Verdict, int]:
    """The last verdict, and the seeds that it took."""
    further: int | None = LOOKS[0]
    while further is not None:
        n = further
        verdict = judge(seeds, n, reference, look_error_rate(LOOKS))
        further = next_look(n, verdict.kind, LOOKS)
    return verdict, n


@dataclass
class Tally:
    """What was counted in the repetitions of one scenario."""

    repetitions: int = 0
    counted: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def rate(self, *key: object) -> float:
        return self.counted[key] / self.repetitions

    def wrong(self, design: object, difference: float) -> float:
        """Share of verdicts that are false, of a number of seeds or of "until decided"."""
        kinds = {"above", "below", "equivalent"} - RIGHT_ANSWERS[difference]
        return sum(self.rate(design, difference, kind) for kind in kinds)

    def coverage(self, n: int) -> float:
        return self.counted["covered", n] / self.counted["interval", n]

    def mean_seeds(self, difference: float) -> float:
        return self.counted["seeds", difference] / self.repetitions


def simulate(scenario: Scenario, repetitions: int, seed: int, films: NDArray[np.int64] | None = None) -> Tally:
    """Repeat one scenario; the same seed gives the same counts."""
    films = films_of_test_split() if films is None else films
    rng = np.random.default_rng(seed)
    tally = Tally(repetitions)
    counted = tally.counted
    for _ in range(repetitions):
        seeds = draw(scenario, films, rng)
        error = rng.normal(0, np.sqrt(TRUE_MEAN * (1 - TRUE_MEAN) / REFERENCE_REVIEWS))
        for difference in TRUE_DIFFERENCES:
            reference = TRUE_MEAN - difference + error
            for n in SEED_COUNTS:
                counted[n, difference, judge(seeds, n, reference, ERROR_RATE).kind] += 1
            verdict, n = train_until_decided(seeds, reference)
            counted["until decided", difference, verdict.kind] += 1
            counted["seeds", difference] += n
        for n in SEED_COUNTS:
            (kept, collapsed), (others, _) = seeds.first(n), seeds.first(n, start=10)
            estimate = estimate_mean(kept)
            if not estimate.one_model:
                counted["interval", n] += 1
                counted["covered", n] += estimate.interval.contains(TRUE_MEAN)
            counted["collapse found", n] += collapsed > 0
            counted["pair", n] += compare(kept, others).significant
            counted["gate", n] += accuracy_change(kept, others).regression
            predicted = prediction_interval(kept.accuracies.tolist())
            counted["reproduced", n] += predicted is None or predicted.contains(others.accuracies[0])
    return tally


def tables(tallies: dict[str, Tally]) -> str:
    """The tables of docs/statistics.md."""
    lines = [
        "| seeds scatter with | seeds | coverage | true difference | above | equivalent | below | undecided | wrong |"
    ]
    lines += ["| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, tally in tallies.items():
        for design in (*SEED_COUNTS, "until decided"):
            for difference in TRUE_DIFFERENCES:
                shares = [
                    tally.rate(design, difference, kind) for kind in ("above", "equivalent", "below", "undecided")
                ]
                if isinstance(design, int):
                    seeds, coverage = str(design), f"{100 * tally.coverage(design):.1f}"
                else:
                    seeds, coverage = f"until decided: {tally.mean_seeds(difference):.1f}", ""
                cells = [name, seeds, coverage, f"{100 * difference:.0f}", *(f"{100 * share:.1f}" for share in shares)]
                lines.append("| " + " | ".join([*cells, f"{100 * tally.wrong(design, difference):.1f}"]) + " |")
    lines += ["", "Two draws of one network, so that every finding is false:", ""]
    lines += ["| seeds scatter with | seeds | pair significant | regression | not reproduced | collapse found |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for name, tally in tallies.items():
        for n in SEED_COUNTS:
            rates = [tally.rate("pair", n), tally.rate("gate", n), 1 - tally.rate("reproduced", n)]
            cells = [f"{100 * rate:.1f}" for rate in (*rates, tally.rate("collapse found", n))]
            lines.append("| " + " | ".join([name, str(n), *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    started, films = time.perf_counter(), films_of_test_split()
    tallies = {one.name: simulate(one, repetitions, seed, films) for seed, one in enumerate(SCENARIOS)}
    print(tables(tallies))
    error = 100 * np.sqrt(0.05 * 0.95 / repetitions)
    print(f"\n{repetitions:,} repetitions each: a rate of 5% has a standard error of {error:.2f} points.")
    print(f"{time.perf_counter() - started:.0f} seconds.")


if __name__ == "__main__":
    main()

"""Simulation of intervals and verdicts: python -m tests.benchmark.statistics.simulate [repetitions].

Every repetition draws 20 seeds on 25,000 reviews of IMDB's 3,581 films, whole, and hands them to the project's own
functions. A seed is right on a review if the review's difficulty (of its film and of its own, shared by all seeds) and
what is peculiar to this seed (of film and review too) stay below a threshold, which gives the seed's true accuracy. The
truth of a row is the mean over seeds that do not collapse: what a verdict's sentence is about.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from benchmark.config import LOOKS
from benchmark.corpus.films import FILMS_FILE
from benchmark.statistics.collapse import collapsed_seeds
from benchmark.statistics.looks import look_error_rate
from benchmark.statistics.pairs import Difference, accuracy_change, compare, holm
from benchmark.statistics.variance import (
    ERROR_RATE,
    Interval,
    MeanEstimate,
    RightCounts,
    Uncertainty,
    count_right,
    estimate_mean,
    prediction_interval,
)
from benchmark.statistics.verdict import Verdict, decide

TRUE_MEAN = 0.88
MARGIN = 0.01
REFERENCE_REVIEWS = 25_000
REVIEW_ERROR = 0.00217  # standard error of a mean from the reviews that `draw` makes
PAIR_ERROR = 0.0018  # standard error of a paired difference from the reviews
PECULIAR_SD = 0.00135  # of an accuracy, from what is peculiar to one seed in them
SEED_COUNTS = (3, 5, 10)
UNTIL_DECIDED = "decided"
MEAN_LOSS = 0.016  # of all seeds, where one in five loses 8 points: at this difference their mean equals the reference
RIGHT_ANSWERS = {MEAN_LOSS: "above", 0.0: "equivalent", -0.01: "below", -0.02: "below"}  # by true difference
SHARED_WITH_REFERENCE = 0.7  # its right answers correlate at 0.5 with a network's
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
    Scenario("0.25", 0.0025),
    Scenario("1.4", 0.014),
    Scenario("0.5, collapses", 0.005, 0.2),
    Scenario("0.5, hidden", 0.005, 0.2, 1 / 3),
    Scenario("1.4, hidden", 0.014, 0.2, 1 / 3),
)
COLLAPSE = 0.08  # of test accuracy
TRAIN_COLLAPSE = 0.06


@dataclass
class Seeds:
    """Drawn seeds of one architecture, and the accuracy on the same reviews of a reference whose true one is 88%."""

    train_accuracy: NDArray[np.float64]
    right: NDArray[np.bool_]
    counts: RightCounts
    reference: float
    parts: dict[tuple[int, int], tuple[RightCounts, int]] = field(default_factory=dict)
    estimates: dict[tuple[int, float], MeanEstimate] = field(default_factory=dict)

    def first(self, n: int, start: int = 0) -> tuple[RightCounts, int]:
        """Counts of those of `n` seeds that are not found collapsed, and how many are."""
        if (n, start) not in self.parts:
            chosen = np.arange(start, start + n)
            # all labels taken as 1: seeds agree just where both are right or both are wrong
            right = self.right[chosen]
            collapsed = collapsed_seeds(
                right.mean(axis=1).tolist(), self.train_accuracy[chosen].tolist(), right.shape[1], right
            )
            self.parts[n, start] = self.counts[np.delete(chosen, collapsed)], len(collapsed)
        return self.parts[n, start]

    def estimate(self, n: int, error_rate: float = ERROR_RATE) -> MeanEstimate:
        """The estimate that a report gives on the first `n` seeds."""
        if (n, error_rate) not in self.estimates:
            self.estimates[n, error_rate] = estimate_mean(self.first(n)[0], error_rate)
        return self.estimates[n, error_rate]


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
    good = ndtri(TRUE_MEAN + deviation)
    noise = np.where(collapsed, good / ndtri(TRUE_MEAN + deviation - COLLAPSE), 1)  # a collapsed seed only adds noise
    shared_weight = (np.sqrt(SHARED) / noise).astype(np.float32)
    shared = np.sqrt(FILM_SHARE) * rng.standard_normal(films[-1] + 1, dtype=np.float32)[films]
    shared += np.sqrt(1 - FILM_SHARE) * rng.standard_normal(len(films), dtype=np.float32)
    peculiar = np.float32(np.sqrt(1 - PECULIAR_FILM_SHARE)) * rng.standard_normal((seeds, len(films)), dtype=np.float32)
    of_film = rng.standard_normal((seeds, films[-1] + 1), dtype=np.float32)
    peculiar += np.float32(np.sqrt(PECULIAR_FILM_SHARE)) * of_film[:, films]
    peculiar *= np.sqrt(1 - shared_weight[:, None] ** 2)
    peculiar += shared_weight[:, None] * shared
    right = peculiar < (good / noise).astype(np.float32)[:, None]
    others = rng.standard_normal(len(films), dtype=np.float32)
    of_reference = np.sqrt(SHARED_WITH_REFERENCE) * shared + np.sqrt(1 - SHARED_WITH_REFERENCE) * others
    reference = float((of_reference < ndtri(TRUE_MEAN)).mean())
    train -= TRAIN_COLLAPSE * (collapsed & ~hidden)
    return Seeds(train, right, count_right(right, films), reference)


def judge(seeds: Seeds, n: int, reference: float, error_rate: float) -> Verdict:
    """The verdict that a report gives on the first `n` seeds."""
    estimate, collapsed = seeds.estimate(n, error_rate), seeds.first(n)[1]
    return decide(estimate, reference, MARGIN, reference_reviews=REFERENCE_REVIEWS, collapsed=collapsed)


def train_until_decided(seeds: Seeds, reference: float) -> tuple[Verdict, int]:
    """The last verdict, and the seeds that it took."""
    for n in LOOKS:
        verdict = judge(seeds, n, reference, look_error_rate(LOOKS))
        if verdict.kind != "undecided":
            break
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
        kinds = {"above", "below", "equivalent"} - {RIGHT_ANSWERS[difference]}
        return sum(self.rate(design, difference, kind) for kind in kinds)  # "undecided" is never wrong

    def coverage(self, n: int) -> float:
        return self.counted["covered", n] / self.counted["interval", n]

    def mean_seeds(self, difference: float) -> float:
        return self.counted["seeds", difference] / self.repetitions


def simulate(scenario: Scenario, repetitions: int, seed: int, films: NDArray[np.int64]) -> Tally:
    """Repeat one scenario; the same seed gives the same counts."""
    rng = np.random.default_rng(seed)
    counted = (tally := Tally(repetitions)).counted
    for _ in range(repetitions):
        seeds = draw(scenario, films, rng)
        for difference in RIGHT_ANSWERS:
            reference = seeds.reference - difference
            for n in SEED_COUNTS:
                counted[n, difference, judge(seeds, n, reference, ERROR_RATE).kind] += 1
            verdict, n = train_until_decided(seeds, reference)
            counted[UNTIL_DECIDED, difference, verdict.kind] += 1
            counted["seeds", difference] += n
        for n in SEED_COUNTS:
            (kept, collapsed), (others, _) = seeds.first(n), seeds.first(n, start=10)
            estimate = seeds.estimate(n)
            if not estimate.one_model:
                counted["interval", n] += 1
                counted["covered", n] += estimate.interval.contains(TRUE_MEAN)
            counted["collapse found", n] += collapsed > 0
            counted["pair", n] += compare(kept, others).significant
            counted["gate", n] += accuracy_change(kept, others).regression
            predicted = prediction_interval(kept.accuracies.tolist())
            counted["not reproduced", n] += predicted is not None and not predicted.contains(others.accuracies[0])
    return tally


def tables(tallies: dict[str, Tally]) -> str:
    """The tables of docs/statistics.md."""
    columns = [f"{100 * difference:+.1f}" if difference else "0" for difference in RIGHT_ANSWERS]
    lines = [_row("spread", "seeds", "coverage", *columns, "most wrong"), _row(*["---"] * 8)]
    for name, tally in tallies.items():
        for design in (*SEED_COUNTS, UNTIL_DECIDED):
            cells = [
                "/".join(_percent(tally.rate(design, difference, kind)) for kind in ("above", "equivalent", "below"))
                + (f" ({tally.mean_seeds(difference):.1f})" if design == UNTIL_DECIDED else "")
                for difference in RIGHT_ANSWERS
            ]
            coverage = _percent(tally.coverage(design)) if isinstance(design, int) else ""
            most_wrong = max(tally.wrong(design, difference) for difference in RIGHT_ANSWERS)
            lines.append(_row(name, design, coverage, *cells, _percent(most_wrong)))
    columns = ["pair significant", "regression", "not reproduced", "collapse found"]
    lines += ["", "Two draws of one network:", "", _row("spread", "seeds", *columns), _row(*["---"] * 6)]
    for name, tally in tallies.items():
        for n in SEED_COUNTS:
            rates = (tally.rate(key, n) for key in ("pair", "gate", "not reproduced", "collapse found"))
            lines.append(_row(name, n, *map(_percent, rates)))
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _row(*cells: object) -> str:
    return f"|{'|'.join(map(str, cells))}|"


def exact_reference(seed_sd: float, n: int, repetitions: int, seed: int = 0) -> float:
    """Largest share of wrong verdicts against an exact figure; to be fast, `draw` is reduced to its normal parts."""
    rng = np.random.default_rng(seed)
    tally = Tally(repetitions)
    for seeds in np.hypot(seed_sd, PECULIAR_SD) * rng.standard_normal((repetitions, n)):
        mean = float(TRUE_MEAN + seeds.mean() + REVIEW_ERROR * rng.standard_normal())
        parts = Uncertainty(float(seeds.var(ddof=1)) / n, n - 1, REVIEW_ERROR**2, 3580)
        estimate = MeanEstimate(mean, Interval(0, 1), None, n, False, parts)
        for difference in RIGHT_ANSWERS:
            tally.counted[n, difference, decide(estimate, TRUE_MEAN - difference, MARGIN).kind] += 1
    return max(tally.wrong(n, difference) for difference in RIGHT_ANSWERS)


def best_of_equals(seed_sd: float, n: int, architectures: int, repetitions: int, seed: int = 0) -> float:
    """How often the best of equal architectures is said to beat another one; reduced like `exact_reference`."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(repetitions):
        drawn = seed_sd * rng.standard_normal((architectures, n))
        drawn += PAIR_ERROR / np.sqrt(2) * rng.standard_normal((architectures, 1))
        means, variances = drawn.mean(axis=1), drawn.var(axis=1, ddof=1) / n
        best, family = int(means.argmax()), []
        for other in set(range(architectures)) - {best}:
            both = variances[[best, other]]
            freedom = (n - 1) * both.sum() ** 2 / np.square(both).sum()
            parts = Uncertainty(both.sum(), freedom, PAIR_ERROR**2, 3580)
            family.append(Difference(means[best] - means[other], Interval(0, 0), False, False, parts))
        found += any(one.significant for one in holm(family))
    return found / repetitions


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    films = films_of_test_split()
    tallies = {one.name: simulate(one, repetitions, seed, films) for seed, one in enumerate(SCENARIOS)}
    print(tables(tallies))
    error = 100 * np.sqrt(0.05 * 0.95 / repetitions)
    print(f"\n{repetitions:,} repetitions each: a rate of 5% has a standard error of {error:.2f} points.")
    print("\nAgainst an exact figure, most wrong:")
    for scenario in SCENARIOS[:2]:
        most_wrong = [exact_reference(scenario.seed_sd, n, 8 * repetitions) for n in SEED_COUNTS]
        print(_row(scenario.name, *map(_percent, most_wrong)))
    print("\nThe best of seven equal architectures beats another:")
    for scenario in SCENARIOS[:2]:
        found = [best_of_equals(scenario.seed_sd, n, 7, 4 * repetitions) for n in SEED_COUNTS]
        print(_row(scenario.name, *map(_percent, found)))


if __name__ == "__main__":
    main()

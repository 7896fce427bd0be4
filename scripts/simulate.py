"""Simulation of questions, intervals, comparisons and designs for docs/results/statistics.md.

    python -m scripts.simulate 1000 questions

The seeds of an architecture scatter in one of ten ways. Right counts of 100 groups of 250 reviews are drawn, with
errors of the size that IMDB's 25,000 reviews of 3,581 films have, and go to the functions that the report calls. The
same seed gives the same table.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from benchmark.config import LOOKS
from benchmark.statistics.changes import accuracy_change
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.questions import Family, judge_family
from benchmark.statistics.variance import ERROR_RATE, RightCounts
from benchmark.statistics.verdict import compare, decide

Floats = NDArray[np.float64]
Tally = Counter[object]  # what happened, and in how many repetitions

MARGIN = 0.01
SEED_COUNTS = (3, 5, 10, 20)

# Standard errors of the groups that `draw` makes
REVIEW_ERROR = 0.00217  # of an accuracy
PAIR_ERROR = 0.0018  # of the difference of two architectures
PECULIAR_ERROR = 0.00135  # of an accuracy, from what is peculiar to one seed
GROUPS, GROUP_REVIEWS = 100, 250

# Accuracies that are known, of three kinds of processor: docs/results/README.md
KNOWN = {
    "lstm": np.array([0.8559, 0.8328, 0.8572, 0.8360, 0.8237, 0.8427, 0.8735, 0.7844, 0.8697]),
    "lstm_dropout": np.array([0.8718, 0.8702, 0.8462, 0.8656, 0.8244, 0.6933, 0.8552, 0.8590, 0.7951]),
    "cnn_lstm": np.array([0.8813, 0.8826, 0.8700, 0.8802, 0.8840, 0.8644, 0.8829, 0.8721, 0.8622]),
}
NORMAL_SDS = {"lstm": 0.012, "lstm_dropout": 0.012, "cnn_lstm": 0.006}
SEED_MINUTES = {"lstm": 6.7, "lstm_dropout": 6.7, "cnn_lstm": 3.7}
CONTROL_MINUTES = 3.3
BASELINE_MINUTES = 2.1
PAPER, PAPER_REVIEWS = 0.8889, 25_000
BASELINES = np.array([0.8771, 0.9123, 0.9109, 0.8913, 0.5])  # the bag of words first


@dataclass(frozen=True)
class Situation:
    """How the true accuracies of an architecture's seeds scatter."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]

    @property
    def median(self) -> float:
        """The true typical training."""
        return float(np.median(self.draw(np.random.default_rng(0), 1_000_001)))


def normal(points: float) -> Situation:
    return Situation(f"spread {points}", lambda rng, n: 0.88 + points / 100 * rng.standard_normal(n))


def collapses(share: float, points: float) -> Situation:
    """A share of the seeds loses this many points; the others have a spread of 0.5."""

    def draw(rng: np.random.Generator, n: int) -> Floats:
        return 0.88 + 0.005 * rng.standard_normal(n) - points / 100 * (rng.random(n) < share)

    return Situation(f"{100 * share:.0f}% lose {points}", draw)


SITUATIONS = (
    normal(0.25),
    normal(1.4),
    *(collapses(share, points) for share in (0.1, 0.3) for points in (4, 8, 20)),
    Situation("exponential tail", lambda rng, n: 0.89 - 0.02 * rng.standard_exponential(n)),
    Situation("`lstm_dropout`", lambda rng, n: rng.choice(KNOWN["lstm_dropout"], n)),
)
FAILING = tuple(collapses(share, points) for share in (0.4, 0.45) for points in (4, 20))


def draw(
    accuracies: Sequence[Floats],
    rng: np.random.Generator,
    pair_error: float = PAIR_ERROR,
    deterministic: Sequence[int] = (),
) -> list[RightCounts]:
    """Draw right counts of architectures on the same reviews; some are without randomness."""

    def errors(standard_error: float, rows: int = 1) -> Floats:
        return standard_error * np.sqrt(GROUPS) * rng.standard_normal((rows, GROUPS))

    common = errors(np.sqrt(REVIEW_ERROR**2 - pair_error**2 / 2))
    drawn = []
    for place, seeds in enumerate(accuracies):
        share = seeds[:, None] + common + errors(pair_error / np.sqrt(2))
        if place not in deterministic:
            share = share + errors(PECULIAR_ERROR, len(seeds))
        right = np.rint(GROUP_REVIEWS * share).astype(np.int64)
        drawn.append(RightCounts(right, np.full(GROUPS, GROUP_REVIEWS), place in deterministic))
    return drawn


def is_wrong(kind: str, true_difference: float) -> bool:
    """Whether this is false; "undecided" never is."""
    wrong = {
        "above": true_difference <= 0,
        "below": true_difference >= 0,
        "equivalent": abs(true_difference) >= MARGIN,
    }
    return wrong.get(kind, False)


# The planned questions

NINE = {
    "nine equal": (0.0,) * 9,
    "three on top": (0.0,) * 3 + (-0.05,) * 6,
    "all over": (0.0, -0.01, 0.01, -0.02, 0.0, -0.01, -0.03, 0.02, -0.1),
}


def ask_nine(situation: Situation, n: int, places: Sequence[float], repetitions: int, seed: int = 0) -> Tally:
    """Count wrong answers about nine architectures, and how many are decided.

    Parameters
    ----------
    places : sequence of float
        True typical trainings, minus the reference.
    """
    rng, tally, reference = np.random.default_rng(seed), Counter(), situation.median
    for _ in range(repetitions):
        accuracies = [situation.draw(rng, n) + place for place in places]
        *nine, other = draw([*accuracies, np.array([reference])], rng, deterministic=[9])
        best = int(np.argmax([counts.median for counts in nine]))
        others = [place for place in range(9) if place != best]
        below_best = [places[best] - places[place] for place in others]
        with_best = partial(compare, nine[best], margin=MARGIN)
        answers = {
            "reference": (against_reference(nine, reference), places),
            "bag of words": (against_one(nine, other), places),
            "best": (judge_family(with_best, {place: nine[place] for place in others}, picked=True), below_best),
        }
        for question, (family, truth) in answers.items():
            tally["wrong", question] += any_wrong(family, truth)
            kinds = [verdict.kind for verdict in family.verdicts.values()]
            tally["decided", question] += len(kinds) - kinds.count("undecided")
    return tally


def against_reference(architectures: Sequence[RightCounts], reference: float, reviews: int | None = None) -> Family:
    judge = partial(decide, reference=reference, margin=MARGIN, reference_reviews=reviews)
    return judge_family(judge, dict(enumerate(architectures)))


def against_one(architectures: Sequence[RightCounts], other: RightCounts) -> Family:
    return judge_family(partial(compare, second=other, margin=MARGIN), dict(enumerate(architectures)))


def any_wrong(family: Family, true_differences: Sequence[float]) -> bool:
    for verdict, difference in zip(family.verdicts.values(), true_differences, strict=True):
        if is_wrong(verdict.kind, difference):
            return True
    return False


def question_table(repetitions: int) -> Iterable[str]:
    questions = ("reference", "bag of words", "best")
    yield row("wrong, %", *(f"{question}: {n}" for question in questions for n in SEED_COUNTS))
    yield row(*["---"] * 13)
    for situation in (*SITUATIONS, *FAILING):
        worst = []
        tallies = {}
        for n in SEED_COUNTS:
            tallies[n] = [ask_nine(situation, n, places, repetitions) for places in NINE.values()]
        for question in questions:
            for n in SEED_COUNTS:
                worst.append(max(tally["wrong", question] for tally in tallies[n]))
        yield row(situation.name, *(f"{100 * count / repetitions:.1f}" for count in worst))


# One architecture

DIFFERENCES = (0.0, -0.02, -0.01, 0.01, 0.02)


def judge_one(situation: Situation, repetitions: int, seed: int = 0) -> Tally:
    """Count wrong verdicts, intervals that cover, and verdicts on five true differences to an exact reference."""
    rng, tally, median = np.random.default_rng(seed), Counter(), situation.median
    for _ in range(repetitions):
        (counts,) = draw([situation.draw(rng, max(SEED_COUNTS))], rng)
        parts = {n: replace(counts, right=counts.right[:n]) for n in SEED_COUNTS}
        for n, part in parts.items():
            tally["covered", n] += typical_interval(part).contains(median)
        for difference in DIFFERENCES:
            kinds = {n: decide(part, median - difference, MARGIN).kind for n, part in parts.items()}
            kinds["looks"] = until_decided(parts, median - difference)
            for design, kind in kinds.items():
                tally[kind, design, difference] += 1
                tally["wrong", design, difference] += is_wrong(kind, difference)
    return tally


def until_decided(parts: Mapping[int, RightCounts], reference: float) -> str:
    """The last verdict on the first seeds."""
    kind = "undecided"
    for seeds in LOOKS:
        kind = decide(parts[seeds], reference, MARGIN, error_rate=ERROR_RATE / len(LOOKS)).kind
        if kind != "undecided":
            break
    return kind


def verdict_table(repetitions: int) -> Iterable[str]:
    yield row("situation", "wrong", "covered", *SEED_COUNTS, "`--until-decided`")
    yield row(*["---"] * 8)
    for situation in (*SITUATIONS, *FAILING):
        tally = judge_one(situation, repetitions)
        wrong = max(count for key, count in tally.items() if key[0] == "wrong")
        covered = min(tally["covered", n] for n in SEED_COUNTS)
        power = []
        for design in (*SEED_COUNTS, "looks"):
            above, below = tally["above", design, 0.02], tally["below", design, -0.02]
            power.append(f"{100 * above / repetitions:.0f}/{100 * below / repetitions:.0f}")
        yield row(situation.name, f"{100 * wrong / repetitions:.1f}", f"{100 * covered / repetitions:.1f}", *power)


# Two benchmarks


def judge_changes(before: Situation, now: Situation, n: int, repetitions: int, seed: int = 0) -> Tally:
    """Count what `compare` says at its defaults of three networks, of which one changes."""
    rng, tally = np.random.default_rng(seed), Counter()
    for _ in range(repetitions):
        regressions = []
        for after in (now, before, before):
            first, second = draw([before.draw(rng, n), after.draw(rng, n)], rng, pair_error=0)
            change = accuracy_change(first, second, tolerated=0.01, tests=3)
            regressions.append(change.regression)
            tally["unseen"] += change.unseen
        tally["any"] += any(regressions)
        tally["found"] += regressions[0]
    return tally


def change_table(repetitions: int) -> Iterable[str]:
    yield row("before → now", *(f"{n} seeds" for n in SEED_COUNTS), *(f"exit code 3: {n}" for n in SEED_COUNTS))
    yield row(*["---"] * 9)
    changes = [(situation, situation) for situation in SITUATIONS]
    changes += [(normal(0.5), collapses(0.1, 20)), (normal(0.5), collapses(0.3, 8)), (normal(0.5), collapses(0.3, 20))]
    for before, now in changes:
        tallies = [judge_changes(before, now, n, repetitions) for n in SEED_COUNTS]
        same = before == now
        found = [tally["any" if same else "found"] for tally in tallies]
        unseen = [tally["unseen"] / 3 for tally in tallies]
        name = before.name if same else f"{before.name} → {now.name}"
        yield row(name, *(f"{100 * count / repetitions:.1f}" for count in (*found, *unseen)))


# Seeds of the default benchmark


def wall_minutes(design: Sequence[int], control: int = 1) -> float:
    """Time on two cores, one seed of every architecture after the other."""
    jobs = [BASELINE_MINUTES]
    for turn in range(max(design)):
        for minutes, seeds in zip(SEED_MINUTES.values(), design, strict=True):
            if turn < seeds:
                jobs.append(minutes)
        if turn < control:
            jobs.append(CONTROL_MINUTES)
    cores = [0.0, 0.0]
    for minutes in jobs:
        heappush(cores, heappop(cores) + minutes)
    return max(cores)


def judge_design(design: Sequence[int], known: bool, repetitions: int, seed: int = 0) -> tuple[list[float], Floats]:
    """Return the shares of draws in which each network, and two of three, have both questions decided, and half widths.

    Parameters
    ----------
    known : bool
        Seeds are drawn from the known accuracies; else normal around their medians.
    """
    rng, decided, halves = np.random.default_rng(seed), [], []
    for _ in range(repetitions):
        accuracies = []
        for (name, values), n in zip(KNOWN.items(), design, strict=True):
            if known:
                accuracies.append(rng.choice(values, n))
            else:
                accuracies.append(np.median(values) + NORMAL_SDS[name] * rng.standard_normal(n))
        baselines = [np.array([accuracy]) for accuracy in BASELINES]
        networks = draw([*accuracies, *baselines], rng, deterministic=range(3, 8))
        bag_of_words = networks[3]
        del networks[3:]
        paper = against_reference(networks, PAPER, PAPER_REVIEWS).verdicts.values()
        words = against_one(networks, bag_of_words).verdicts.values()
        both = ["undecided" not in (verdict.kind, pair.kind) for verdict, pair in zip(paper, words, strict=True)]
        decided.append([*both, sum(both) >= 2])
        intervals = map(typical_interval, networks)
        halves.append([(interval.high - interval.low) / 2 for interval in intervals])
    return np.mean(decided, axis=0).tolist(), np.median(halves, axis=0)


DESIGNS = (
    (3, 3, 3),
    (4, 4, 8),
    (5, 5, 5),
    (6, 5, 4),
    (6, 6, 1),
    (6, 6, 3),
    (7, 7, 3),
    (7, 7, 7),
    (8, 8, 5),
    (10, 10, 10),
)


def design_table(repetitions: int) -> Iterable[str]:
    yield row("seeds of " + ", ".join(f"`{name}`" for name in KNOWN), "minutes", "known: each", "two of three",
              "± points", "normal: each", "two of three", "± points")  # fmt: skip
    yield row(*["---"] * 8)
    for design in DESIGNS:
        cells = [" / ".join(map(str, design)), f"{wall_minutes(design):.0f}"]
        for known in (True, False):
            (*each, two), halves = judge_design(design, known, repetitions)
            cells.append(" / ".join(f"{100 * share:.0f}" for share in each))
            cells.append(f"{100 * two:.0f}")
            cells.append(" / ".join(f"{100 * half:.1f}" for half in halves))
        yield row(*cells)


# Small corpora

SMALL = {
    "8 films of 5 to 100 reviews": (0.88, 8, 5, 100),
    "20 films of 5 to 100 reviews": (0.88, 20, 5, 100),
    "100 reviews, 98% right": (0.98, 100, 1, 1),
}


def judge_small(accuracy: float, films: int, fewest: int, most: int, repetitions: int, seed: int = 0) -> Tally:
    """Count wrong verdicts on a model without randomness, and intervals that cover."""
    rng, tally = np.random.default_rng(seed), Counter()
    for _ in range(repetitions):
        reviews = rng.integers(fewest, most + 1, films)
        concentration = 15.0  # of a beta distribution over films: a standard error half again as large
        of_film = rng.beta(accuracy * concentration, (1 - accuracy) * concentration, films)
        counts = RightCounts(rng.binomial(reviews, of_film)[None], reviews, deterministic=True)
        tally["covered"] += typical_interval(counts).contains(accuracy)
        for difference in DIFFERENCES:
            tally["wrong", difference] += is_wrong(decide(counts, accuracy - difference, MARGIN).kind, difference)
    return tally


def small_table(repetitions: int) -> Iterable[str]:
    yield row("test reviews", "wrong", "covered")
    yield row(*["---"] * 3)
    for name, (accuracy, films, fewest, most) in SMALL.items():
        tally = judge_small(accuracy, films, fewest, most, repetitions)
        wrong = max(count for key, count in tally.items() if key != "covered")
        yield row(name, f"{100 * wrong / repetitions:.1f}", f"{100 * tally['covered'] / repetitions:.1f}")


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


TABLES = {
    "questions": question_table,
    "verdicts": verdict_table,
    "changes": change_table,
    "designs": design_table,
    "small": small_table,
}


def main() -> None:
    repetitions, *names = sys.argv[1:] or ["1000"]
    for name in names or TABLES:
        started = time.monotonic()
        for line in TABLES[name](int(repetitions)):
            print(line, flush=True)
        print(f"\n{name}: {time.monotonic() - started:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()

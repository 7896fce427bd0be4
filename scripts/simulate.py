"""Simulation of verdicts, pairs and changes for docs/statistics.md.

    python -m scripts.simulate 2500

The seeds of an architecture scatter in one of ten ways. Where one architecture is judged, every repetition draws 20
seeds on 25,000 reviews of IMDB's 3,581 films, whole: a seed is right on a review if the review's difficulty (of its
film and of its own, shared by all models) and what is peculiar to this seed (of film and review too) stay below a
threshold. Where nine architectures are compared, right counts of 100 groups of reviews are drawn, with errors of the
same size. All counts go to the functions that the report calls.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from benchmark.config import LOOKS
from benchmark.corpus.films import FILMS_FILE
from benchmark.statistics.changes import accuracy_change
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.variance import ERROR_RATE, RightCounts, prediction_interval
from benchmark.statistics.verdict import compare, compare_all, decide

Floats = NDArray[np.float64]
Tally = Counter[tuple[object, ...]]  # what happened, and in how many repetitions

MARGIN = 0.01
DIFFERENCES = (0.0, -0.02, -0.01, 0.01, 0.02)  # true ones
SEED_COUNTS = (1, 3, 5, 10, 20)
UNTIL_DECIDED = "`--until-decided`"
PAPER_REVIEWS = 25_000

# of the reviews that `draw_reviews` makes
SHARED = 0.85  # of a review's latent variance; two seeds then disagree on 8% of the reviews, as two real networks do
SHARED_WITH_BASELINE = 0.7  # a baseline's right answers correlate at 0.5 with a network's
FILM_SHARE = 0.10  # of the shared part; a standard error is then a fifth larger than without films
PECULIAR_FILM_SHARE = 0.05  # of the rest; the standard error of a difference is then 2 to 3% larger

# of the groups that `draw_groups` makes: standard errors
REVIEW_ERROR = 0.00217  # of an accuracy
PAIR_ERROR = 0.0018  # of the difference of two architectures
PECULIAR_ERROR = 0.00135  # of an accuracy, from what is peculiar to one seed
GROUPS, GROUP_REVIEWS = 100, 250

LSTM_DROPOUT = np.array([0.6933, 0.7951, 0.8244, 0.8462, 0.8552, 0.8590, 0.8656, 0.8702, 0.8718])


@dataclass(frozen=True)
class Situation:
    """How the true accuracies of an architecture's seeds scatter."""

    name: str
    draw: Callable[[np.random.Generator, tuple[int, ...]], Floats]

    @property
    def median(self) -> float:
        """The true typical training."""
        return float(np.median(self.draw(np.random.default_rng(0), (1_000_001,))))


def normal(points: float) -> Situation:
    return Situation(f"spread {points}", lambda rng, shape: 0.88 + points / 100 * rng.standard_normal(shape))


def collapses(share: float, points: float) -> Situation:
    """A share of the seeds loses so many points; the others have a spread of 0.5."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        return 0.88 + 0.005 * rng.standard_normal(shape) - points / 100 * (rng.random(shape) < share)

    return Situation(f"{100 * share:.0f}% lose {points}", draw)


SITUATIONS = (
    normal(0.25),
    normal(1.4),
    *(collapses(share, points) for share in (0.1, 0.3) for points in (4, 8, 20)),
    Situation("exponential tail", lambda rng, shape: 0.89 - 0.02 * rng.standard_exponential(shape)),
    Situation("`lstm_dropout`", lambda rng, shape: rng.choice(LSTM_DROPOUT, shape)),
)


# one architecture, review by review


def films_of_test_split() -> NDArray[np.int64]:
    """Number of test reviews of each of IMDB's films."""
    with np.load(FILMS_FILE, allow_pickle=False) as arrays:
        films = np.concatenate([arrays[name] for name in arrays.files if name.startswith("test")])
    return np.unique(films, return_counts=True)[1]


def draw_reviews(
    seeds: Floats, baselines: Sequence[float], reviews: NDArray[np.int64], rng: np.random.Generator
) -> tuple[RightCounts, list[RightCounts]]:
    """Draw what seeds, and baselines without randomness, make of the same reviews.

    Parameters
    ----------
    seeds, baselines : sequence of float
        True accuracies.
    reviews : array of int, shape (n_films,)
    """
    total, starts = int(reviews.sum()), np.append(0, np.cumsum(reviews)[:-1])

    def noise(models: int, film_share: float) -> NDArray[np.float32]:
        of_film = rng.standard_normal((models, len(reviews)), dtype=np.float32)
        of_review = rng.standard_normal((models, total), dtype=np.float32)
        of_review *= np.float32(np.sqrt(1 - film_share))
        of_review += np.float32(np.sqrt(film_share)) * np.repeat(of_film, reviews, axis=1)
        return of_review

    def count(difficulty: NDArray[np.float32], accuracies: Floats, deterministic: bool) -> RightCounts:
        right = difficulty < ndtri(accuracies).astype(np.float32)[:, None]
        return RightCounts(np.add.reduceat(right, starts, axis=1, dtype=np.int64), reviews, deterministic)

    shared = noise(1, FILM_SHARE)
    # a seed far below the others reads the same signal with more noise
    weight = np.sqrt(SHARED) * np.minimum(ndtri(seeds) / ndtri(np.quantile(seeds, 0.75)), 1)
    difficulty = noise(len(seeds), PECULIAR_FILM_SHARE)
    difficulty *= np.sqrt(1 - weight**2).astype(np.float32)[:, None]
    difficulty += weight.astype(np.float32)[:, None] * shared
    network = count(difficulty, seeds, False)
    difficulty = np.sqrt(SHARED_WITH_BASELINE) * shared + np.sqrt(1 - SHARED_WITH_BASELINE) * noise(1, 0)
    return network, [count(difficulty, np.array([accuracy]), True) for accuracy in baselines]


def is_wrong(kind: str, true_difference: float) -> bool:
    """Whether this is false; "undecided" never is."""
    match kind:
        case "above":
            return true_difference <= 0
        case "below":
            return true_difference >= 0
        case "equivalent":
            return abs(true_difference) >= MARGIN
        case _:
            return False


def until_decided(parts: Mapping[int, RightCounts], reference: float) -> tuple[str, int]:
    """The last verdict on the first seeds, and how many it took."""
    for seeds in LOOKS:
        verdict = decide(parts[seeds], reference, MARGIN, error_rate=ERROR_RATE / len(LOOKS))
        if verdict.kind != "undecided":
            break
    return verdict.kind, seeds


def judge_one(situation: Situation, repetitions: int, reviews: NDArray[np.int64], seed: int = 0) -> Tally:
    """Count verdicts, intervals and pairs of one architecture; the same seed gives the same counts."""
    rng, tally, median = np.random.default_rng(seed), Counter(), situation.median
    for _ in range(repetitions):
        counts, baselines = draw_reviews(
            situation.draw(rng, (20,)), [median - difference for difference in DIFFERENCES], reviews, rng
        )
        parts = {seeds: replace(counts, right=counts.right[:seeds]) for seeds in SEED_COUNTS}
        published = float(baselines[0].accuracies[0])
        for difference, baseline in zip(DIFFERENCES, baselines, strict=True):
            for seeds, part in parts.items():
                exact = decide(part, median - difference, MARGIN).kind
                paper = decide(part, published - difference, MARGIN, reference_reviews=PAPER_REVIEWS).kind
                pair = compare(part, baseline, MARGIN).kind
                for judged, kind in (("exact", exact), ("paper", paper), ("baseline", pair)):
                    tally[judged, seeds, difference, kind] += 1
                    tally["wrong", judged, seeds, difference] += is_wrong(kind, difference)
            kind, needed = until_decided(parts, median - difference)
            tally["exact", UNTIL_DECIDED, difference, kind] += 1
            tally["wrong", "exact", UNTIL_DECIDED, difference] += is_wrong(kind, difference)
            tally["seeds", difference] += needed
        for seeds in SEED_COUNTS[1:]:
            tally["covered", seeds] += typical_interval(parts[seeds]).contains(median)
        for first, second in ((3, 3), (5, 5), (10, 10), (3, 10)):
            others = replace(counts, right=counts.right[20 - second :])
            kind = compare(parts[first], others, MARGIN).kind
            tally["wrong", "itself", (first, second), 0.0] += is_wrong(kind, 0)
    return tally


def most_wrong(tally: Tally, *judged: str) -> int:
    """Largest number of wrong decisions at any number of seeds and any true difference."""
    return max(count for key, count in tally.items() if key[0] == "wrong" and key[1] in judged)


def verdict_table(repetitions: int) -> Iterable[str]:
    reviews, percent, paper = films_of_test_split(), percent_of(repetitions), []
    counts = SEED_COUNTS[1:]
    yield row("situation", "wrong", "coverage", *counts, UNTIL_DECIDED, "pairs")
    yield row(*["---"] * 9)
    for seed, situation in enumerate(SITUATIONS):
        tally = judge_one(situation, repetitions, reviews, seed)
        power = []
        for design in (*counts, UNTIL_DECIDED):
            above, below = tally["exact", design, 0.02, "above"], tally["exact", design, -0.02, "below"]
            power.append(f"{100 * above / repetitions:.0f}/{100 * below / repetitions:.0f}")
        needed = [f"{tally['seeds', difference] / repetitions:.0f}" for difference in (0.02, -0.02)]
        yield row(
            situation.name,
            percent(most_wrong(tally, "exact")),
            percent(min(tally["covered", n] for n in counts)),
            *power[:-1],
            f"{power[-1]} ({'/'.join(needed)})",
            percent(most_wrong(tally, "baseline", "itself")),
        )
        paper.append(most_wrong(tally, "paper"))
    yield ""
    yield f"Against the paper's figure, whose own error is counted, at most {percent(max(paper))}% are wrong."


# nine architectures, group by group


def draw_groups(
    accuracies: Sequence[Floats], rng: np.random.Generator, pair_error: float = PAIR_ERROR
) -> list[RightCounts]:
    """Draw right counts of architectures on the same reviews; one of a single accuracy is deterministic."""

    def errors(standard_error: float, rows: int = 1) -> Floats:
        return standard_error * np.sqrt(GROUPS) * rng.standard_normal((rows, GROUPS))

    common = errors(np.sqrt(REVIEW_ERROR**2 - pair_error**2 / 2))
    reviews = np.full(GROUPS, GROUP_REVIEWS)
    drawn = []
    for seeds in accuracies:
        deterministic = len(seeds) == 1
        share = seeds[:, None] + common + errors(pair_error / np.sqrt(2))
        if not deterministic:
            share = share + errors(PECULIAR_ERROR, len(seeds))
        right = np.rint(GROUP_REVIEWS * share).astype(np.int64)
        drawn.append(RightCounts(right, reviews, deterministic))
    return drawn


FAMILIES = {"3": [3] * 9, "5": [5] * 9, "10": [10] * 9, "20": [20] * 9, "mixed": [10, 10, 10, 5, 5, 3, 1, 1, 1]}


def judge_nine(situation: Situation, seeds: Sequence[int], repetitions: int, seed: int = 0) -> Tally:
    """Count false findings among nine architectures whose typical trainings are equal, and the power of one pair.

    Parameters
    ----------
    seeds : sequence of int
        Of each architecture; 1 for a deterministic one.
    """
    rng, tally, median = np.random.default_rng(seed), Counter(), situation.median
    for _ in range(repetitions):
        accuracies = [situation.draw(rng, (n,)) for n in seeds]
        for place, n in enumerate(seeds):
            if n == 1:
                accuracies[place] = np.array([median])
        family = draw_groups(accuracies, rng)
        best = int(np.argmax([np.median(counts.accuracies) for counts in family]))
        pairs = compare_all(family, MARGIN)
        beaten = []
        for (first, second), pair in pairs.items():
            beaten.append((best == first and pair.kind == "above") or (best == second and pair.kind == "below"))
        tally["beats",] += any(beaten)
        tally["hold",] += all(pair.interval.contains(0) for pair in pairs.values())
        tally["above",] += decide(family[best], median, MARGIN, error_rate=ERROR_RATE / len(family)).kind == "above"
        shift = GROUP_REVIEWS * 2 // 100
        higher = RightCounts(family[0].right + shift, family[0].reviews)
        tally["power",] += compare(higher, family[1], MARGIN, error_rate=ERROR_RATE / len(pairs)).kind == "above"
    return tally


def family_table(repetitions: int) -> Iterable[str]:
    yield row("situation", *FAMILIES, "hold: 3", "5 to 20", "above", "power: 5", 10, 20)
    yield row(*["---"] * 12)
    percent = percent_of(repetitions)
    for seed, situation in enumerate(SITUATIONS):
        tallies = {name: judge_nine(situation, counts, repetitions, seed) for name, counts in FAMILIES.items()}
        yield row(
            situation.name,
            *(percent(tally["beats",]) for tally in tallies.values()),
            percent(tallies["3"]["hold",]),
            percent(min(tallies[name]["hold",] for name in ("5", "10", "20"))),
            percent(max(tally["above",] for tally in tallies.values())),
            *(percent(tallies[name]["power",]) for name in ("5", "10", "20")),
        )


# two benchmarks


def judge_changes(before: Situation, now: Situation, n: int, repetitions: int, seed: int = 0) -> Tally:
    """Count what `compare` and `reproduce` say of two benchmarks with `n` seeds each."""
    rng, tally = np.random.default_rng(seed), Counter()
    for _ in range(repetitions):
        first, second = draw_groups([before.draw(rng, (n,)), now.draw(rng, (n,))], rng, pair_error=0)
        predicted = prediction_interval(first.accuracies.tolist())
        tally["regression",] += accuracy_change(first, second).regression
        tally["not reproduced",] += not predicted.contains(float(second.accuracies[0]))
    return tally


def change_table(repetitions: int) -> Iterable[str]:
    yield row("before → now", *(f"regression: {n} seeds" for n in SEED_COUNTS[1:]), "not reproduced")
    yield row(*["---"] * 6)
    percent = percent_of(repetitions)
    changes = [(situation, situation) for situation in SITUATIONS]
    changes += [(normal(0.5), collapses(0.1, 20)), (normal(0.5), collapses(0.3, 8)), (normal(0.5), collapses(0.3, 20))]
    for seed, (before, now) in enumerate(changes):
        tallies = [judge_changes(before, now, n, repetitions, seed) for n in SEED_COUNTS[1:]]
        yield row(
            before.name if before == now else f"{before.name} → {now.name}",
            *(percent(tally["regression",]) for tally in tallies),
            percent(max(tally["not reproduced",] for tally in tallies)),
        )


# small corpora


def films(number: int) -> Callable[[np.random.Generator], NDArray[np.int64]]:
    return lambda rng: rng.integers(5, 101, number)


SMALL = {
    "8 films of 5 to 100 reviews": (0.88, films(8)),
    "20 films of 5 to 100 reviews": (0.88, films(20)),
    "100 reviews, 98% right": (0.98, lambda rng: np.ones(100, dtype=np.int64)),
}


def judge_small(
    accuracy: float, draw_films: Callable[[np.random.Generator], NDArray[np.int64]], repetitions: int, seed: int = 0
) -> Tally:
    """Count what is said of a deterministic model and of three seeds on a small corpus."""
    rng, tally = np.random.default_rng(seed), Counter()
    for _ in range(repetitions):
        seeds = accuracy + 0.0025 * rng.standard_normal(4)
        seeds[0] = accuracy
        others = [accuracy - difference for difference in DIFFERENCES]
        drawn, baselines = draw_reviews(seeds, others, draw_films(rng), rng)
        model = replace(drawn, right=drawn.right[:1], deterministic=True)
        network = replace(drawn, right=drawn.right[1:])
        for difference, baseline in zip(DIFFERENCES, baselines, strict=True):
            of_model = decide(model, accuracy - difference, MARGIN).kind
            of_network = decide(network, accuracy - difference, MARGIN).kind
            pair = compare(model, baseline, MARGIN).kind
            for judged, kind in (("model", of_model), ("network", of_network), ("pair", pair)):
                tally["wrong", judged, difference] += is_wrong(kind, difference)
        tally["covered", "model"] += typical_interval(model).contains(accuracy)
        tally["covered", "network"] += typical_interval(network).contains(accuracy)
    return tally


def small_table(repetitions: int) -> Iterable[str]:
    yield row("test reviews", "baseline: wrong", "coverage", "3 seeds: wrong", "coverage", "pair: wrong")
    yield row(*["---"] * 6)
    percent = percent_of(repetitions)
    for name, (accuracy, draw_films) in SMALL.items():
        tally = judge_small(accuracy, draw_films, repetitions)
        yield row(
            name,
            percent(most_wrong(tally, "model")),
            percent(tally["covered", "model"]),
            percent(most_wrong(tally, "network")),
            percent(tally["covered", "network"]),
            percent(most_wrong(tally, "pair")),
        )


# printing


def percent_of(repetitions: int) -> Callable[[int], str]:
    return lambda count: f"{100 * count / repetitions:.1f}"


def row(*cells: object) -> str:
    return f"|{'|'.join(map(str, cells))}|"


def main() -> None:
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 2500
    for table in (small_table, change_table, family_table, verdict_table):
        started = time.monotonic()
        for line in table(repetitions):
            print(line, flush=True)
        print(f"\n{table.__name__}: {time.monotonic() - started:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()

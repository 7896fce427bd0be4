"""Architectures against each other: pairs, their sentences and their table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmark.report.architecture_trials import ArchitectureTrials
from benchmark.report.ladder import LadderRow, Rules
from benchmark.statistics.variance import Interval
from benchmark.statistics.verdict import Verdict, VerdictKind, compare_all
from benchmark.wording import listing, points, points_interval, signed_interval, too_few_seeds
from models.registry import yardstick

MIN_SEEDS = 6  # fewer are too few to tell where nothing is shown
MAX_NAMED = 2
OPPOSITE: dict[VerdictKind, VerdictKind] = {"above": "below", "below": "above"}
RESULTS = {"above": "better", "below": "worse", "equivalent": "equivalent", "undecided": "not shown"}
QUESTION = "Do sequence models beat a bag of words?"


@dataclass(frozen=True)
class Pair(Verdict):
    """Two architectures on the same reviews: the first minus the second. The intervals of all pairs hold together."""

    first: str  # in a report, the one with the higher accuracy
    second: str
    fewest_seeds: int | None  # of the two; None where both are deterministic

    @property
    def too_few_seeds(self) -> bool:
        """Whether nothing is shown, and there are too few seeds to show it."""
        return self.kind == "undecided" and self.fewest_seeds is not None and self.fewest_seeds < MIN_SEEDS

    @property
    def result(self) -> str:
        """What the first is, or why that is not shown."""
        if self.too_few_seeds:
            return too_few_seeds(self.fewest_seeds or 0)
        return RESULTS[self.kind]

    def seen_from(self, first: str) -> Pair:
        """The same pair, this one first."""
        if first == self.first:
            return self
        return replace(
            self,
            first=self.second,
            second=self.first,
            kind=OPPOSITE.get(self.kind, self.kind),
            difference=-self.difference,
            interval=Interval(-self.interval.high, -self.interval.low),
        )


def compare_pairs(best_first: Sequence[ArchitectureTrials], rules: Rules) -> Iterator[Pair]:
    """Compare each with each, from the best to the worst; all intervals hold together."""
    counts = [architecture.counts for architecture in best_first]
    verdicts = compare_all(counts, rules.margin, rules.error_rate)
    for (i, j), verdict in verdicts.items():
        seeds = [len(side.right) for side in (counts[i], counts[j]) if not side.deterministic]
        yield Pair(
            **vars(verdict),
            first=best_first[i].name,
            second=best_first[j].name,
            fewest_seeds=min(seeds, default=None),
        )


def find_pair(pairs: Sequence[Pair], first: str, second: str) -> Pair | None:
    """Return how `first` compares with `second`; None where they are not compared."""
    for pair in pairs:
        if {pair.first, pair.second} == {first, second}:
            return pair.seen_from(first)
    return None


def pair_sentences(rows: Sequence[LadderRow], pairs: Sequence[Pair]) -> Iterator[str]:
    """Say whether sequence models beat a bag of words, and which others the best one beats.

    Parameters
    ----------
    rows : sequence of LadderRow
        Those that are compared, the best first.
    """
    answered = False
    for row in rows:
        models = [model for model in rows if model.sequence_model]
        if row.architecture == yardstick() and models:
            yield f"{QUESTION} {_beats_bag_of_words(models, row, pairs)}"
            answered = True
    if len(rows) > 1 + answered:
        yield _beats_others(rows, pairs)


def pairs_table(rows: Sequence[LadderRow], pairs: Sequence[Pair]) -> list[dict[str, str]]:
    """Each architecture against the best and against the bag of words."""
    best, *others = rows
    controls = [best]
    if len(others) > 1:
        controls += [row for row in others if row.architecture == yardstick()]
    table = []
    for row in rows:
        if [row] == controls:
            continue
        cells = {"Architecture": row.title}
        for control in controls:
            pair = find_pair(pairs, row.architecture, control.architecture)
            text = ""
            if pair:
                text = f"{signed_interval(pair.difference, pair.interval)}, {pair.result}"
            cells[f"Against {control.title}"] = text
        table.append(cells)
    return table


def _beats_bag_of_words(models: Sequence[LadderRow], bag_of_words: LadderRow, pairs: Sequence[Pair]) -> str:
    better: list[str] = []
    undecided: list[Pair] = []
    for model in models:
        pair = find_pair(pairs, model.architecture, bag_of_words.architecture)
        if pair and pair.kind == "above":
            better.append(f"{model.title} by {points(pair.difference_points)} ({points_interval(pair.interval)})")
        if pair and pair.kind == "undecided":
            undecided.append(pair)
    if better:
        how_many = f", {len(better)} of {len(models)}" if len(models) > 1 else ""
        return f"Yes{how_many}: {listing(better)}."

    # No, or nothing is shown: how far the best of them is
    best = find_pair(pairs, models[0].architecture, bag_of_words.architecture)
    assert best
    name = models[0].title
    if len(models) > 1:
        name += f", the best of {len(models)},"
    side = "above" if best.difference > 0 else "below"
    place = f"{name} is {points(best.difference_points)} {side} {bag_of_words.title}"
    if best.kind == "equivalent":
        place += ", which counts as equal"
    if not undecided:
        return f"No: {place}."
    answer = "Not shown"
    if all(pair.too_few_seeds for pair in undecided):
        answer = too_few_seeds(max(pair.fewest_seeds or 0 for pair in undecided))
    return f"{answer}: {place} ({points_interval(best.interval)})."


def _beats_others(rows: Sequence[LadderRow], pairs: Sequence[Pair]) -> str:
    best, *others = rows
    not_beaten: list[str] = []
    few: list[int] = []
    for row in others:
        pair = find_pair(pairs, best.architecture, row.architecture)
        if pair is None or pair.kind == "above":
            continue
        not_beaten.append(row.title)
        if pair.too_few_seeds:
            few.append(pair.fewest_seeds or 0)
    if not not_beaten:
        return f"{best.title} beats all others."
    if len(few) == len(others):
        return f"{too_few_seeds(max(few))} whether {best.title} beats another."
    if len(not_beaten) == len(others):
        return f"{best.title} is not shown to beat another."
    sentence = f"{best.title} is shown to beat {len(others) - len(not_beaten)} of the {len(others)} others"
    if len(not_beaten) <= MAX_NAMED:
        sentence += f", but not {listing(not_beaten, 'or')}"
    return f"{sentence}."

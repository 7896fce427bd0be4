"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from benchmark.report.report_types import MIN_SEEDS, LadderRow, Pair, Reference, find_pair
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.variance import RightCounts, small_sample
from benchmark.statistics.verdict import VerdictKind
from benchmark.wording import listing, percent, percent_interval, plural, points, points_interval, too_few_seeds

SIMPLE = "bag_of_words_svm"  # the paper's own baseline: what a sequence model has to beat
MAX_NAMED = 2


def answer_sentences(
    record: BenchmarkRecord,
    rows: Sequence[LadderRow],
    pairs: Sequence[Pair],
    reference: Reference | None,
    verdict: VerdictKind | Literal[""],
) -> Iterator[str]:
    """Say what is best, whether a network beats a bag of words, and whether the best beats the others.

    Parameters
    ----------
    verdict : {"above", "below", "equivalent", "undecided", ""}
        Of the best row: "above" only where that holds though it was picked.
    """
    if record.corpus.kind == "synthetic":
        yield "Synthetic reviews: the figures show that the benchmark runs, and nothing about architectures on IMDB."
    if not rows:
        yield "No trial finished, so there is no result."
        return
    yield _best(record.config.equivalence_margin_points, rows, reference, verdict)
    question = _beats_bag_of_words(rows, pairs)
    if question:
        yield question
    telling = [row for row in rows if not row.one_label]
    if len(telling) > 2 or (len(telling) == 2 and not question):
        yield _beats_others(telling, pairs)


def _best(
    margin_points: float, rows: Sequence[LadderRow], reference: Reference | None, verdict: VerdictKind | Literal[""]
) -> str:
    best = rows[-1]
    result = f"{percent(best.accuracy)} ({percent_interval(best.interval)})"
    sentence = f"Best: {best.title}, {result}"
    if len(rows) == 1:
        sentence = f"{best.title}: {result}"
    if reference is None or best.difference_points is None:
        return f"{sentence}."
    figure = f"{percent(reference.accuracy)} ({reference.name})"
    if reference.is_paper:
        figure = f"the paper's {percent(reference.accuracy)}"
    if verdict in ("above", "below"):
        return f"{sentence}, {points(best.difference_points)} {verdict} {figure}."
    if verdict == "equivalent":
        return f"{sentence}, equivalent to {figure} within ±{points(margin_points)}."
    if best.verdict == "above":
        return f"{sentence}. Since it was picked as the best of {len(rows)}, it is not shown to be above {figure}."
    if not best.deterministic and len(best.trials) < MIN_SEEDS:
        return f"{sentence}. {too_few_seeds(len(best.trials))} whether it is above {figure}."
    return f"{sentence}. It is not shown to be above or below {figure}."


def _beats_bag_of_words(rows: Sequence[LadderRow], pairs: Sequence[Pair]) -> str | None:
    """Answer whether a network beats the bag of words; None where one of the two is missing."""
    networks: list[tuple[str, Pair]] = []
    better: list[str] = []
    few: list[int] = []
    simple = ""
    for row in reversed(rows):
        if row.architecture == SIMPLE:
            simple = row.title
        pair = find_pair(pairs, row.architecture, SIMPLE)
        if pair is None or row.kind != "network":
            continue
        networks.append((row.title, pair))
        if pair.kind == "better":
            better.append(f"{row.title} by {points(pair.difference_points)} ({points_interval(pair.interval_points)})")
        if pair.too_few_seeds:
            few.append(pair.fewest_seeds or 0)
    if not networks:
        return None

    # Yes: which, and by how much
    if better and len(networks) == 1:
        return f"A network beats {simple}: {better[0]}."
    if better:
        verb = "beats" if len(better) == 1 else "beat"
        return f"{len(better)} of {plural(len(networks), 'network')} {verb} {simple}: {listing(better)}."

    # No, or nothing is shown: how far the best of them is
    best, pair = networks[0]
    side = "above" if pair.difference_points > 0 else "below"
    if len(networks) > 1:
        best += ", the best of them,"
    place = f"{best} is {points(pair.difference_points)} {side} {simple}"
    if pair.kind == "equivalent":
        place += ", which counts as equal"
    if few:
        return f"{too_few_seeds(max(few))} whether a network beats a bag of words: {place}."
    if any(pair.kind == "undecided" for _, pair in networks):
        return f"No network is shown to beat a bag of words: {place}."
    return f"No network here beats a bag of words: {place}."


def _beats_others(rows: Sequence[LadderRow], pairs: Sequence[Pair]) -> str:
    """Say which of the others the best one is shown to beat."""
    best, others = rows[-1], rows[-2::-1]
    not_beaten: list[str] = []
    few: list[int] = []
    for row in others:
        pair = find_pair(pairs, best.architecture, row.architecture)
        if pair is None or pair.kind == "better":
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
    named = listing(not_beaten, "or")
    if len(not_beaten) > MAX_NAMED:
        named = f"the other {len(not_beaten)}"
    beaten = len(others) - len(not_beaten)
    return f"{best.title} beats {beaten} of {len(others)} others, and is not shown to beat {named}."


def note_sentences(record: BenchmarkRecord, sample: RightCounts | None, twins_agree: bool | None) -> Iterator[str]:
    """Say what weakens the answer, where trials come from, and whether the benchmark's own control held.

    Parameters
    ----------
    sample : RightCounts or None
        Of any architecture: all are tested on the same reviews.
    """
    if len(record.finished) < len(record.trials):
        yield f"{len(record.finished)} of {plural(len(record.trials), 'trial')} finished."
    if record.looks and not record.config.until_decided:
        seen = listing([plural(look, "seed") for look in record.looks], "and with")
        yield f"Seeds were added after a look at the result with {seen}: the plain intervals no longer hold."
    if sample and small_sample(sample):
        yield f"The test split is small ({_size(record, sample)}): its intervals are rough."
    from_store = [trial for trial in record.finished if trial.trained_in]
    if from_store:
        yield _from_store(from_store, len(record.finished))
    if twins_agree:
        yield "Sanity check passed: the same network, trained twice, ended with the same weights."
    if twins_agree is False:
        yield "Sanity check FAILED: the same network gave other weights."


def _size(record: BenchmarkRecord, sample: RightCounts) -> str:
    reviews = plural(int(sample.reviews.sum()), "review")
    return f"{reviews} of {plural(len(sample.reviews), 'film')}" if record.corpus.groups else reviews


def _from_store(trials: Sequence[TrialRecord], finished: int) -> str:
    benchmarks: dict[str, str] = {}
    for trial in trials:
        benchmarks[(trial.trained_in or "")[:8]] = (trial.trained_at or "")[:10]
    named = []
    for run_id, day in benchmarks.items():
        named.append(f"{run_id} ({day})" if day else run_id)
    verb = "is" if len(trials) == 1 else "are"
    word = "benchmark" if len(named) == 1 else "benchmarks"
    return (
        f"{len(trials)} of {plural(finished, 'trial')} {verb} from the store: trained in the {word} {listing(named)}. "
        "Their times were measured then."
    )

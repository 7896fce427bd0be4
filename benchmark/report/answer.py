"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from benchmark.report.evidence import SAME_NETWORK
from benchmark.report.report_types import MIN_SEEDS, LadderRow, Pair, Reference, Shuffled, find_pair
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.variance import Interval, RightCounts, small_sample
from benchmark.statistics.verdict import VerdictKind
from benchmark.wording import listing, percent, percent_interval, plural, points, points_interval, too_few_seeds

SIMPLE = "bag_of_words_svm"  # the paper's own baseline: what a sequence model has to beat
NO_ORDER = ("ngram_sum",)  # networks that see no order of words beyond triples
QUESTION = "Do sequence models beat a bag of words?"
MAX_NAMED = 2


def answer_sentences(
    record: BenchmarkRecord,
    rows: Sequence[LadderRow],
    pairs: Sequence[Pair],
    reference: Reference | None,
    verdict: VerdictKind | Literal[""],
) -> Iterator[str]:
    """Say what is best, whether sequence models beat a bag of words, whether the best beats the others, and who reads
    the order of the words.

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
    order = _worth_of_order(record.config.equivalence_margin_points, telling)
    if order:
        yield order
    if record.config.max_reviews and record.corpus.kind != "synthetic":
        yield f"Trained on a part of the corpus: {training_reviews(record)}."


def training_reviews(record: BenchmarkRecord) -> str:
    """Say how many reviews of the training split were used."""
    reviews, limit = record.corpus.train_reviews, record.config.max_reviews
    if limit and limit < reviews:
        return f"the first {limit:,} of {plural(reviews, 'training review')}"
    return f"all {plural(reviews, 'training review')}"


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
    """Answer whether a sequence model beats the bag of words; None where one of the two is missing."""
    models: list[tuple[str, Pair]] = []
    better: list[str] = []
    without_order = ""
    simple = ""
    for row in reversed(rows):
        if row.architecture == SIMPLE:
            simple = row.title
        pair = find_pair(pairs, row.architecture, SIMPLE)
        if pair is None or row.kind != "network":
            continue
        distance = f"by {points(pair.difference_points)} ({points_interval(pair.interval_points)})"
        if row.architecture in NO_ORDER:
            if pair.kind == "better":
                without_order = f" {row.title}, which sees no order beyond triples, does, {distance}."
            continue
        models.append((row.title, pair))
        if pair.kind == "better":
            better.append(f"{row.title} {distance}")
    if not models:
        return None
    best, pair = models[0]
    how_many = ""
    if len(models) > 1:
        best += f", the best of {len(models)},"
        how_many = f", {len(better)} of {len(models)}"
    if better:
        return f"{QUESTION} Yes{how_many}: {listing(better)}."

    # No, or nothing is shown: how far the best of them is
    side = "above" if pair.difference_points > 0 else "below"
    place = f"{best} is {points(pair.difference_points)} {side} {simple}"
    if pair.kind == "equivalent":
        place += ", which counts as equal"
    undecided = [other for _, other in models if other.kind == "undecided"]
    answer = "No"
    if undecided:
        answer = "Not shown"
        place += f" ({points_interval(pair.interval_points)})"
    if undecided and all(other.too_few_seeds for other in undecided):
        answer = too_few_seeds(max(other.fewest_seeds or 0 for other in undecided))
    return f"{QUESTION} {answer}: {place}.{without_order}"


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
    sentence = f"{best.title} is shown to beat {len(others) - len(not_beaten)} of the {len(others)} others"
    if len(not_beaten) <= MAX_NAMED:
        sentence += f", but not {listing(not_beaten, 'or')}"
    return f"{sentence}."


def _worth_of_order(margin_points: float, rows: Sequence[LadderRow]) -> str | None:
    """Say who is shown to lose more than the margin where words are shuffled, and who to lose less."""
    losses: dict[str, Shuffled] = {}
    hardly: list[str] = []
    for row in reversed(rows):
        shuffled = row.shuffled
        if shuffled and shuffled.verdict == "equivalent":
            hardly.append(row.title)
        elif shuffled and shuffled.verdict == "below" and shuffled.interval_points.high < -margin_points:
            losses[row.title] = shuffled
    margin = points(margin_points)
    parts: list[str] = []
    if losses:
        title, largest = min(losses.items(), key=lambda loss: loss[1].change_points)
        low, high = largest.interval_points
        worth = f"{points(largest.change_points)}, {points_interval(Interval(-high, -low))}"
        if len(losses) > 1:
            worth = f"most to {title}: {worth}"
        parts.append(f"more than {margin} to {_some(losses, rows)} ({worth})")
    if hardly:
        parts.append(f"less than {margin} to {_some(hardly, rows)}")
    return f"The order of the words is worth {' and '.join(parts)}." if parts else None


def _some(titles: Collection[str], rows: Sequence[LadderRow]) -> str:
    return listing(list(titles)) if len(titles) <= MAX_NAMED else f"{len(titles)} of {len(rows)}"


def note_sentences(
    record: BenchmarkRecord, rows: Sequence[LadderRow], sample: RightCounts | None, twins_agree: bool | None
) -> Iterator[str]:
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
    for row in rows:
        if row.twins:
            check = "Sanity check passed: " if twins_agree and row.architecture in SAME_NETWORK else ""
            titles = listing([row.title, *(twin.title for twin in row.twins)])
            yield f"{check}{titles} ended with the same weights for every seed, and share a row."
    if twins_agree is False:
        yield "Sanity check FAILED: the same network gave other weights."


def _size(record: BenchmarkRecord, sample: RightCounts) -> str:
    reviews = plural(int(sample.reviews.sum()), "review")
    group = "film" if record.corpus.kind == "imdb" else "group"
    return f"{reviews} of {plural(len(sample.reviews), group)}" if record.corpus.groups else reviews


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

"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.report.report_types import LadderRow, Pair, Reference, Report
from benchmark.report.wording import listing, percent, percent_interval, plural, points, points_interval


def answer_sentences(report: Report) -> Iterator[str]:
    """Say what is best and how far from the reference, and what is shown between architectures."""
    if report.corpus.kind == "synthetic":
        yield "Synthetic reviews: the figures show that the benchmark runs, and nothing about architectures on IMDB."
    if not report.rows:
        yield "No trial finished, so there is no result."
        return
    yield best_sentence(report)
    yield from _against_reference(report)
    yield from _between(report)


def note_sentences(report: Report) -> Iterator[str]:
    """Say what weakens the answer, and whether the benchmark's own control held."""
    if report.finished_trials < report.planned_trials:
        yield f"{report.finished_trials} of {plural(report.planned_trials, 'trial')} finished."
    if report.looks and not report.config.until_decided:
        looks = listing([plural(look, "seed") for look in report.looks], "and with")
        yield f"Seeds were added after a look at the result with {looks}: the plain intervals no longer hold."
    for row in report.rows:
        if row.collapse:
            yield collapse_sentence(row)
        if row.withheld_reason:
            yield row.withheld_reason
    if report.twins_agree is not None:
        held = "passed: the same network, trained twice, ended with the same weights"
        yield f"Sanity check {held if report.twins_agree else 'FAILED: the same network gave other weights'}."
    yield from report.left_out


def verdict_words(report: Report) -> str:
    """The answer in a few words, for a table of benchmarks."""
    if not report.rows:
        return "no result"
    best = report.rows[-1]
    words = f"{best.title} {percent(best.accuracy)}"
    if report.reference is None:
        return words
    if best.verdict == "undecided":
        return f"{words}, undecided against {percent(report.reference.accuracy)}"
    relation = {"above": "above", "below": "below", "equivalent": "equivalent to"}[best.verdict or "above"]
    return f"{words}, {relation} {percent(report.reference.accuracy)}"


def best_sentence(report: Report) -> str:
    best = report.rows[-1]
    name = f"{best.title}:" if len(report.rows) == 1 else f"Best: {best.title},"
    sentence = f"{name} {percent(best.accuracy)} ({percent_interval(best.interval)})"
    reference, difference = report.reference, best.difference_points
    if reference is None or difference is None:
        return sentence + "."
    side = "above" if difference > 0 else "below"
    sentence += f", {points(difference)} {side} {reference_words(reference)}"
    if best.verdict == "equivalent":
        sentence += f": equivalent within ±{points(report.config.equivalence_margin_points)}"
    elif best.verdict == "undecided":
        one_seed = len(best.seeds) == 1 and not best.deterministic
        sentence += ", which one seed cannot decide" if one_seed else ", which is not decided"
    return sentence + "."


def reference_words(reference: Reference) -> str:
    accuracy = percent(reference.accuracy)
    return f"the paper's {accuracy}" if reference.is_paper else f"{accuracy} ({reference.name})"


def collapse_sentence(row: LadderRow) -> str:
    assert row.collapse is not None
    k, n = len(row.collapse.seeds), len(row.seeds)
    share = row.collapse.share
    median = f", and the median lies in {percent_interval(row.median_interval)}" if row.median_interval else ""
    return (
        f"{k} of {n} seeds of {row.title} collapsed ({'seed' if k == 1 else 'seeds'} {listing(row.collapse.seeds)}; "
        f"share 95% interval {100 * share.low:.0f} to {100 * share.high:.0f}%): {percent(row.accuracy)} is the mean "
        f"of the others, {percent(row.collapse.plain_mean)} of all{median}."
    )


def _against_reference(report: Report) -> Iterator[str]:
    """Sort the other architectures by their verdict."""
    others = [row for row in report.rows[:-1] if row.verdict and not row.one_label]
    if not others or report.reference is None:
        return
    words = {"above": "Above", "equivalent": "Equivalent", "undecided": "Not decided", "below": "Below"}
    parts = []
    for verdict, word in words.items():
        if titles := [row.title for row in reversed(others) if row.verdict == verdict]:
            also = verdict == report.rows[-1].verdict
            parts.append(f"{f'Also {word.lower()}' if also else word}: {listing(titles)}.")
    yield " ".join(parts)


def _between(report: Report) -> Iterator[str]:
    pairs = [pair for pair in report.pairs if not pair.about_models]
    titles = {row.architecture: row.title for row in report.rows}
    best = report.rows[-1].architecture
    of_best = [pair for pair in pairs if best in (pair.better, pair.worse)]
    equal: list[str] = []
    beaten: list[str] = []
    for pair in of_best:
        (beaten if pair.significant else equal).append(titles[pair.worse if pair.better == best else pair.better])
    wins = f"beats {listing(beaten) if len(beaten) < 3 else f'{len(beaten)} others'}"
    if pairs and not any(pair.significant for pair in pairs):
        yield "No architecture is shown to beat another."
    elif equal:
        yield f"{titles[best]} is not shown to beat {listing(equal, 'or')}{f'; it {wins}' if beaten else ''}."
    elif beaten:
        yield f"{titles[best]} {wins}."
    if len(pairs) < len(report.pairs):
        yield "Nothing is concluded about networks with one seed: how much their seeds differ is unknown."


def pair_sentences(report: Report) -> Iterator[str]:
    """For each architecture from the best down, the next one below it that it beats, and how many more."""
    titles = {row.architecture: row.title for row in report.rows}
    for row in reversed(report.rows):
        below = [pair for pair in report.pairs if pair.better == row.architecture]
        beaten = [pair for pair in below if pair.significant]
        if beaten:
            first, more = beaten[0], len(beaten) - 1
            sentence = f"{row.title} beats {titles[first.worse]} by {_points_with_interval(first)}"
            yield sentence + (f", and {more} more below it." if more else ".")
        elif below:
            first = below[0]
            why = "with one seed, nothing is concluded" if first.about_models else "not shown to be a difference"
            yield f"{row.title} is ahead of {titles[first.worse]} by {_points_with_interval(first)}: {why}."


def _points_with_interval(pair: Pair) -> str:
    interval = pair.interval_points
    return f"{points(pair.difference_points)} ({points_interval(interval)})"

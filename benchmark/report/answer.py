"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.report.report_types import LadderRow, Report
from benchmark.wording import listing, percent, percent_interval, plural, points

SIMPLE = "bag_of_words_svm"  # the paper's own baseline: compared with each other architecture, as the best is


def answer_sentences(report: Report) -> Iterator[str]:
    """Say what is best and how far from the reference, and what is shown between architectures."""
    if report.corpus.kind == "synthetic":
        yield "Synthetic reviews: the figures show that the benchmark runs, and nothing about architectures on IMDB."
    if not report.rows:
        yield "No trial finished, so there is no result."
        return
    yield _best(report)
    yield from _between(report)
    yield from _against_simple(report)


def note_sentences(report: Report, looks: Sequence[int], twins_agree: bool | None) -> Iterator[str]:
    """Say what weakens the answer, and whether the benchmark's own control held."""
    if report.finished_trials < report.planned_trials:
        yield f"{report.finished_trials} of {plural(report.planned_trials, 'trial')} finished."
    if looks and not report.config.until_decided:
        seen = listing([plural(look, "seed") for look in looks], "and with")
        yield f"Seeds were added after a look at the result with {seen}: the plain intervals no longer hold."
    for row in report.rows:
        if row.collapse:
            yield _collapse(row)
        if row.withheld_reason:
            yield row.withheld_reason
    if twins_agree is not None:
        held = "passed: the same network, trained twice, ended with the same weights"
        yield f"Sanity check {held if twins_agree else 'FAILED: the same network gave other weights'}."


def verdict_words(report: Report) -> str:
    """The answer in a few words, for a table of benchmarks."""
    if not report.rows:
        return "no result"
    best = report.rows[-1]
    words = f"{best.title} {percent(best.accuracy)}"
    if report.reference is None:
        return words
    relation = {"undecided": "undecided against", "equivalent": "equivalent to"}.get(best.verdict or "", best.verdict)
    return f"{words}, {relation} {percent(report.reference.accuracy)}"


def _best(report: Report) -> str:
    best, reference = report.rows[-1], report.reference
    name = f"{best.title}:" if len(report.rows) == 1 else f"Best: {best.title},"
    sentence = f"{name} {percent(best.accuracy)} ({percent_interval(best.interval)})"
    if reference is None or best.difference_points is None:
        return sentence + "."
    accuracy = percent(reference.accuracy)
    side = "above" if best.difference_points > 0 else "below"
    sentence += f", {points(best.difference_points)} {side} "
    sentence += f"the paper's {accuracy}" if reference.is_paper else f"{accuracy} ({reference.name})"
    if best.verdict == "equivalent":
        sentence += f": equivalent within ±{points(report.config.equivalence_margin_points)}"
    elif best.verdict == "undecided":
        one_seed = len(best.seeds) == 1 and not best.deterministic
        sentence += ", which one seed cannot decide" if one_seed else ", which is not decided"
    return sentence + "."


def _between(report: Report) -> Iterator[str]:
    titles = {row.architecture: row.title for row in report.rows}
    best = report.rows[-1].architecture
    judged = [pair for pair in report.pairs if pair.better == best and not pair.about_models]
    beaten = [titles[pair.worse] for pair in judged if pair.significant]
    equal = [titles[pair.worse] for pair in judged if not pair.significant]
    wins = f"beats {listing(beaten) if len(beaten) < 3 else f'{len(beaten)} others'}"
    if judged and not any(pair.significant for pair in report.pairs):
        yield "No architecture is shown to beat another."
    elif equal:
        start = f"{titles[best]} {wins}. It" if beaten else titles[best]
        yield f"{start} is not shown to beat {listing(equal, 'or')}."
    elif beaten:
        yield f"{titles[best]} {wins}."
    if any(pair.about_models for pair in report.pairs):
        yield "Nothing is concluded about networks with one seed: how much their seeds differ is unknown."


def _against_simple(report: Report) -> Iterator[str]:
    """Name the architectures that beat the paper's own baseline, and those that are not shown to."""
    beats = {
        pair.better if pair.worse == SIMPLE else pair.worse: pair.significant and pair.worse == SIMPLE
        for pair in report.pairs
        if SIMPLE in (pair.better, pair.worse) and not pair.about_models
    }
    ahead, behind = (
        [row.title for row in reversed(report.rows) if beats.get(row.architecture) is shown] for shown in (True, False)
    )
    if ahead and len(beats) > 1:  # of two, all is said already
        simple = next(row.title for row in report.rows if row.architecture == SIMPLE)
        rest = f"; {listing(behind)} {'is' if len(behind) == 1 else 'are'} not shown to" if behind else ""
        yield f"{listing(ahead)} {'beats' if len(ahead) == 1 else 'beat'} {simple}{rest}."


def _collapse(row: LadderRow) -> str:
    assert row.collapse is not None
    k, share = len(row.collapse.seeds), row.collapse.share
    median = f", and the median lies in {percent_interval(row.median_interval)}" if row.median_interval else ""
    return (
        f"{k} of {len(row.seeds)} seeds of {row.title} collapsed ({'seed' if k == 1 else 'seeds'} "
        f"{listing(row.collapse.seeds)}; share 95% interval {100 * share.low:.0f} to {100 * share.high:.0f}%): "
        f"{percent(row.accuracy)} is the mean of the others, {percent(row.collapse.plain_mean)} of all{median}."
    )

"""From a comparison to the document that HTML and Markdown render."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from benchmark import numbers as n
from benchmark.comparison.changes_chart import changes_figure
from benchmark.comparison.comparison_types import ArchitectureComparison, Comparison, Regression, Side
from benchmark.comparison.epochs_chart import epochs_figure
from benchmark.comparison.quantity_words import change_words, interval_words
from benchmark.comparison.result_tables import results_section, seeds_section
from benchmark.report.document import (
    Answer,
    Block,
    Callouts,
    Code,
    Definitions,
    Document,
    FigureBlock,
    Paragraph,
    Section,
    TableBlock,
)
from benchmark.report.table import make_table


def compose(comparison: Comparison, generated_at: str) -> Document:
    """Put the comparison together: the answer first, what limits it last.

    Parameters
    ----------
    generated_at : str
        The time stamp that it bears; nothing else in it depends on when it is built.
    """
    return Document(
        title=comparison.title,
        byline=(
            f"baseline {n.short_id(comparison.baseline.run_id)}, started {n.moment(comparison.baseline.started_at)}",
            f"candidate {n.short_id(comparison.candidate.run_id)}, started {n.moment(comparison.candidate.started_at)}",
            n.plural(len(comparison.architectures), "architecture"),
        ),
        banners=(),
        headlines=(comparison.headline, *(one.sentence for one in comparison.regressions if one.kind == "no trial")),
        answers=tuple(_answer(comparison, one) for one in comparison.architectures),
        hero=changes_figure(comparison),
        sections=(
            results_section(comparison),
            _differences(comparison),
            _epochs(comparison),
            seeds_section(comparison),
            _provenance(comparison),
            Section(
                "method", "Method", (Definitions(tuple((m.name, m.formula, m.source) for m in comparison.methods)),)
            ),
            _caveats(comparison),
        ),
        caveats=len(comparison.caveats),
        generated_at=generated_at,
        colophon="The same numbers are in comparison.html, comparison.md and comparison.json; the charts are in "
        "charts/ as SVG and PNG.",
    )


def _answer(comparison: Comparison, one: ArchitectureComparison) -> Answer:
    regressions = [found for found in comparison.regressions if found.architecture == one.architecture]
    kind, label = _verdict(one, regressions)
    accuracy = one.accuracy
    return Answer(
        title=one.title,
        name=one.architecture,
        kind=kind,
        label=label,
        accuracy=f"{change_words(accuracy)} points",
        interval=interval_words(accuracy),
        sentence=one.sentence,
        remarks=tuple(found.sentence for found in regressions),
    )


def _verdict(one: ArchitectureComparison, regressions: Sequence[Regression]) -> tuple[str, str]:
    """A class of the style sheet, and a few words for the reader."""
    counted = [found for found in regressions if found.counts]
    if counted:
        maybe = all(found.shown is False for found in counted)
        return "below", "regression, may be chance" if maybe else "regression"
    if one.identical:
        return "equivalent", "same weights"
    if one.accuracy.shown:
        return ("above", "better") if one.accuracy.change > 0 else ("below", "worse, as far as allowed")
    return "undecided", "no difference shown"


def _differences(comparison: Comparison) -> Section:
    blocks: list[Block] = []
    for names, side in ((comparison.only_in_baseline, "baseline"), (comparison.only_in_candidate, "candidate")):
        if names:
            blocks.append(Paragraph(f"Only in the {side}, so not compared: {n.listing(names)}."))
    if comparison.differences:
        table = make_table(
            "differences",
            "Facts that are not the same on both sides",
            ["Fact", "Of the", "Baseline", "Candidate"],
            ([one.name, one.group, one.baseline, one.candidate] for one in comparison.differences),
            words=("Of the", "Baseline", "Candidate"),
        )
        blocks.append(TableBlock(table))
    else:
        blocks.append(Paragraph("Settings, corpus, environment and source of the architectures are the same."))
    return Section("differences", "What differs", tuple(blocks))


def _epochs(comparison: Comparison) -> Section:
    figure = epochs_figure(comparison)
    block = FigureBlock(figure) if figure else Paragraph("There are too many architectures to draw.")
    return Section("epochs", "Epoch by epoch", (block,))


def _provenance(comparison: Comparison) -> Section:
    sides = (comparison.baseline, comparison.candidate)

    def facts(side: Side) -> dict[str, str]:
        environment = side.environment
        return {
            "Name": side.name,
            "Run": side.run_id,
            "Status": side.status,
            "Started": n.moment(side.started_at),
            "Trials": f"{n.count(side.trials_finished)} of {n.count(side.trials_planned)} finished",
            "Corpus": side.corpus_source,
            "Device": f"{environment.device_name}, {n.plural(environment.threads, 'thread')}"
            if environment
            else n.UNKNOWN,
            "Git commit": (environment and environment.git_commit) or n.UNKNOWN,
        }

    before, now = map(facts, sides)
    table = make_table(
        "benchmarks",
        "The two benchmarks",
        ["Fact", "Baseline", "Candidate"],
        ([name, before[name], now[name]] for name in before),
        words=("Baseline", "Candidate"),
    )
    thresholds = comparison.thresholds
    again = shlex.join(
        [
            *("python", "-m", "benchmark", "compare"),
            *("--baseline", sides[0].run_id, "--candidate", sides[1].run_id),
            *("--max-accuracy-drop-points", f"{thresholds.max_accuracy_drop_points:g}"),
            *("--max-slowdown", f"{thresholds.max_slowdown:g}"),
            *(("--certain-only", "true") if thresholds.certain_only else ()),
        ]
    )
    commands = [
        Code(f"The command that ran the {name}", (side.command,))
        for name, side in zip(("baseline", "candidate"), sides, strict=True)
    ]
    return Section("provenance", "Provenance", (TableBlock(table), *commands, Code("Compare again", (again,))))


def _caveats(comparison: Comparison) -> Section:
    if not comparison.caveats:
        return Section("caveats", "Caveats", (Paragraph("No caveat was found for this comparison."),))
    return Section("caveats", "Caveats", (Callouts(tuple((one.severity, one.text) for one in comparison.caveats)),))

"""From a comparison to the document that HTML and Markdown render."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from benchmark import numbers as n
from benchmark.comparison.changes_chart import changes_figure
from benchmark.comparison.comparison_types import (
    ArchitectureComparison,
    Comparison,
    QuantityComparison,
    Regression,
    SeedRow,
    Side,
)
from benchmark.comparison.epochs_chart import epochs_figure
from benchmark.comparison.quantity_words import change_words, interval_words
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
from benchmark.report.table import Cell, Table, make_table

MOST_SEEDS_SHOWN = 50


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
            _results(comparison),
            _differences(comparison),
            _epochs(comparison),
            _seeds(comparison),
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


def _results(comparison: Comparison) -> Section:
    tables = (
        _quantity(comparison, "accuracy", "Test accuracy", n.percent, "Change, points"),
        _quantity(comparison, "loss", "Test loss, binary cross-entropy", n.decimal(4), "Change"),
        _quantity(comparison, "seconds_per_epoch", "Seconds per epoch of training", n.decimal(2), "Ratio"),
        _quantity(comparison, "peak_memory_mb", "Peak memory of the worker process", n.megabytes, "Ratio"),
    )
    return Section("results", "Results", tuple(map(TableBlock, tables)))


def _quantity(comparison: Comparison, name: str, caption: str, write: n.Write, change: str) -> Table:
    figures: list[tuple[ArchitectureComparison, QuantityComparison]] = [
        (one, getattr(one, name)) for one in comparison.architectures
    ]

    def row(one: ArchitectureComparison, figure: QuantityComparison) -> list[Cell | str]:
        return [
            one.title,
            _seed_count(figure),
            n.spread(figure.baseline, write),
            n.spread(figure.candidate, write),
            Cell(change_words(figure), mark="strong"),
            interval_words(figure),
            n.known(figure.p_value, n.p_value, n.ONE_SEED),
            n.known(figure.p_value_holm, n.p_value, n.ONE_SEED),
        ]

    columns = ["Architecture", "Seeds", "Baseline", "Candidate", change, "95% interval", "p", "p, Holm"]
    note = f"Mean over the seeds ± standard deviation. {_compared(figures)}."
    if name == "accuracy":
        note += " No difference shown does not mean equal."
    return make_table(name.replace("_", "-"), caption, columns, (row(*one) for one in figures), note=note)


def _compared(figures: Sequence[tuple[ArchitectureComparison, QuantityComparison]]) -> str:
    """How the interval was made, once where it is the same for all."""
    titles: dict[str, list[str]] = {}
    for one, figure in figures:
        titles.setdefault(figure.method, []).append(one.title)
    if len(titles) == 1:
        return f"Interval: {next(iter(titles))}"
    return "Interval: " + "; ".join(f"{n.listing(names)}: {method}" for method, names in titles.items())


def _seed_count(figure: QuantityComparison) -> str:
    before, now = figure.baseline.n, figure.candidate.n
    return n.count(before) if before == now else f"{n.count(before)} and {n.count(now)}"


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


def _seeds(comparison: Comparison) -> Section:
    shown = [(one, seed) for one in comparison.architectures for seed in one.seeds]

    def row(one: ArchitectureComparison, seed: SeedRow) -> list[Cell | str]:
        before, now = seed.baseline_accuracy, seed.candidate_accuracy
        return [
            one.title,
            Cell(str(seed.seed), detail="an outlier" if seed.is_outlier else ""),
            n.known(before, n.percent, "not trained"),
            n.known(now, n.percent, "not trained"),
            "one side" if before is None or now is None else n.points(100 * (now - before)),
            n.known(seed.weights_equal, lambda equal: "equal" if equal else "different", "one side"),
            Cell(n.known(seed.baseline_run_id, n.short_id, "none"), code=True),
            Cell(n.known(seed.candidate_run_id, n.short_id, "none"), code=True),
        ]

    columns = ["Architecture", "Seed", "Baseline", "Candidate", "Change, points", "Weights"]
    columns += ["Run of the baseline", "Run of the candidate"]
    cut = len(shown) > MOST_SEEDS_SHOWN
    note = f"The first {MOST_SEEDS_SHOWN} of {n.count(len(shown))}; comparison.json has all." if cut else ""
    table = make_table(
        "seeds",
        "Test accuracy by seed",
        columns,
        (row(*one) for one in shown[:MOST_SEEDS_SHOWN]),
        words=("Weights", "Run of the baseline", "Run of the candidate"),
        note=note,
    )
    return Section("seeds", "Seed by seed", (TableBlock(table),))


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

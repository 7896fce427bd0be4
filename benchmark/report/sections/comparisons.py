"""The architectures against each other, and the control that must show no difference."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.parts import ControlSeed, PairwiseComparison
from benchmark.report.charts.differences import pairs_figure
from benchmark.report.document import Block, FigureBlock, Paragraph, Section, TableBlock
from benchmark.report.table import Cell, Table, make_table

MOST_SEEDS_SHOWN = 12


def pairs_section(analysis: Analysis) -> Section:
    """Every architecture against every other: same seeds, same reviews."""
    if not analysis.pairwise:
        only = Paragraph("There is no pair: fewer than two architectures have a finished trial.")
        return Section("pairs", "Between architectures", (only,))
    about = Paragraph(
        "The architectures share their seeds and their test reviews, so they are compared pair by pair on both."
    )
    figure = pairs_figure(analysis)
    blocks: list[Block] = [about, *([FigureBlock(figure)] if figure else []), TableBlock(_matrix(analysis))]
    blocks.append(TableBlock(_details(analysis)))
    return Section("pairs", "Between architectures", tuple(blocks))


def _matrix(analysis: Analysis) -> Table:
    title = {one.architecture: one.title for one in analysis.verdicts}
    names = [one.architecture for one in analysis.architectures]
    found = {(pair.first, pair.second): pair for pair in analysis.pairwise}

    def cell(row: str, column: str) -> Cell:
        if row == column:
            return Cell("same", mark="quiet")
        pair, sign = (found.get((row, column)), 1) if (row, column) in found else (found.get((column, row)), -1)
        if pair is None or pair.difference_points is None:
            return Cell("no shared seed", mark="quiet")
        shown = pair.p_value_holm is not None and pair.p_value_holm < 0.05
        difference = sign * pair.difference_points
        mark = ("better" if difference > 0 else "worse") if shown else ""
        return Cell(n.points(difference), detail="equal" if pair.identical else _told(pair), mark=mark)

    return make_table(
        "matrix",
        "Row minus column, percentage points",
        ["", *(title[name] for name in names)],
        ([title[row], *(cell(row, column) for column in names)] for row in names),
        note="Coloured where the difference is beyond chance after Holm's adjustment (p below 0.05).",
    )


def _details(analysis: Analysis) -> Table:
    title = {one.architecture: one.title for one in analysis.verdicts}

    with_mcnemar = any(pair.mcnemar for pair in analysis.pairwise)

    def row(pair: PairwiseComparison) -> list[str]:
        return [
            f"{title[pair.first]} {n.MINUS} {title[pair.second]}",
            n.count(len(pair.seeds)),
            n.known(pair.difference_points, n.points, "no shared seed"),
            n.known(pair.interval_points, n.points_interval, _why_unknown(pair)),
            n.known(pair.p_value, n.p_value, _why_unknown(pair)),
            _adjusted(pair),
            n.known(pair.probability_of_improvement, n.share, "no shared seed"),
            *([n.known(pair.mcnemar, lambda test: n.p_value(test.p_value), "several seeds")] if with_mcnemar else []),
        ]

    columns = ["Pair", "Shared seeds", "Difference, points", "95% interval, points", "p", "p, Holm"]
    columns += ["Probability of improvement", *(["McNemar's p"] if with_mcnemar else [])]
    note = "Probability of improvement: that a seed of the first beats a seed of the second, ties half."
    note += _counted(analysis, title)
    if with_mcnemar:
        note += " McNemar's test compares two single trials, so it is given where there is one shared seed."
    return make_table("pairs", "Pairs of architectures", columns, map(row, analysis.pairwise), note=note)


def _adjusted(pair: PairwiseComparison) -> str:
    if not pair.seeds:
        return _why_unknown(pair)
    return n.known(pair.p_value_holm, n.p_value, "control" if pair.is_control else "equal weights")


def _told(pair: PairwiseComparison) -> str:
    return "control" if pair.p_value_holm is None else f"Holm p {n.p_value(pair.p_value_holm)}"


def _counted(analysis: Analysis, title: dict[str, str]) -> str:
    """What Holm's adjustment counts."""
    tested = sum(pair.is_tested for pair in analysis.pairwise)
    told = f" Holm: adjusted for {n.plural(tested, 'pair')}"
    again = [
        f"{title[one.architecture]} ends with the weights of {title[one.same_weights_as]}"
        for one in analysis.architectures
        if one.same_weights_as
    ]
    if again:
        told += f"; {n.listing(again)}, so its pairs repeat others and are not counted again"
    if any(pair.is_control for pair in analysis.pairwise):
        told += f"{', and' if again else ';'} the A/A control is not a question, so it is not counted"
    return f"{told}."


def _why_unknown(pair: PairwiseComparison) -> str:
    if not pair.seeds:
        return "no shared seed"
    return n.ONE_SEED if len(pair.seeds) == 1 else n.UNKNOWN


def control_section(analysis: Analysis) -> Section:
    """The A/A control."""
    control = analysis.control
    if control is None:
        reason = "The control needs a finished trial of both its architectures with the same seed; there is none."
        return Section("control", "A/A control", (Paragraph(reason),))
    title = {one.architecture: one.title for one in analysis.verdicts}
    about = Paragraph(
        f"{title[control.first]} and {title[control.second]} build the same network. With the same seed they must end "
        "with the same weights: if they do not, something other than the network decides the results."
    )

    def row(seed: ControlSeed) -> list[str]:
        first = seed.first_epoch_that_differs
        return [
            str(seed.seed),
            "equal, bit for bit" if seed.weights_equal else "different",
            "none" if first is None else str(first),
            n.points(seed.accuracy_difference_points),
            f"{seed.largest_probability_difference:.2g}",
        ]

    columns = ["Seed", "Weights", "First epoch that differs", "Difference in accuracy, points"]
    columns += ["Largest difference in a probability"]
    shown, note = control.seeds, ""
    if len(shown) > MOST_SEEDS_SHOWN:
        shown = tuple(seed for seed in shown if not seed.weights_equal)[:MOST_SEEDS_SHOWN]
        note = f"Of {n.count(len(control.seeds))} seeds at most {MOST_SEEDS_SHOWN} that differ; report.json has all."
    if not shown:
        return Section("control", "A/A control", (about, Paragraph(control.sentence)))
    table = make_table("control", "The control by seed", columns, map(row, shown), words=("Weights",), note=note)
    return Section("control", "A/A control", (about, Paragraph(control.sentence), TableBlock(table)))

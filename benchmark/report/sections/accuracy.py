"""The table of the architectures, and how they stand against the paper and the tutorial."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary
from benchmark.analysis.parts import Spread
from benchmark.report.document import Block, Bullets, Paragraph, Section, Subheading, TableBlock
from benchmark.report.table import Cell, make_table

NOTHING = Paragraph("No trial finished, so there is nothing to show.")


def results_section(analysis: Analysis) -> Section:
    """Accuracy and the other scores of every architecture."""
    return Section(
        "results", "Results", (_accuracy(analysis), _scores(analysis)) if analysis.architectures else (NOTHING,)
    )


def _accuracy(analysis: Analysis) -> TableBlock:
    paper = n.percent(analysis.paper.accuracy)

    def row(one: ArchitectureSummary) -> list[Cell | str]:
        outlier = ", outlier" if one.worst_seed in one.outlier_seeds else ""
        return [
            one.title,
            n.count(len(one.seeds)),
            Cell(n.percent(one.accuracy.mean), mark="strong"),
            n.percent_interval(one.interval),
            n.known(one.accuracy.sd, lambda sd: n.decimal(2)(sd * 100), n.ONE_SEED),
            n.percent(one.accuracy_median),
            Cell(n.percent(one.accuracy_worst), detail=f"seed {one.worst_seed}{outlier}"),
            n.percent(one.tutorial.accuracy) if one.tutorial else "none",
            n.points(one.paper.difference_points) if one.paper else "no verdict",
        ]

    columns = ["Architecture", "Seeds", "Mean", "95% interval, %", "Standard deviation, points", "Median", "Worst seed"]
    columns += ["Tutorial", f"Minus {paper}, points"]
    one_seed = any(len(one.seeds) == 1 for one in analysis.architectures)
    note = "The interval holds the uncertainty of seeds and of test reviews together."
    if one_seed:
        note += " With one seed it is Wilson's, of that one trained model only: how much seeds differ is unknown."
    return TableBlock(make_table("accuracy", "Test accuracy", columns, map(row, analysis.architectures), note=note))


def _scores(analysis: Analysis) -> TableBlock:
    def row(one: ArchitectureSummary) -> list[Cell | str]:
        four = n.decimal(4)
        return [
            one.title,
            *(
                n.known(score, lambda spread: spread_cell(spread, four), Cell(n.UNKNOWN))
                for score in (one.f1, one.roc_auc, one.precision, one.recall, one.loss, one.brier)
            ),
            n.count(one.parameters),
            timed(one, spread_cell(one.seconds_per_epoch, n.decimal(1))),
            timed(one, Cell(n.count(one.reviews_per_second.mean))),
        ]

    columns = ["Architecture", "F1", "ROC AUC", "Precision", "Recall", "Loss", "Brier score", "Parameters"]
    columns += ["Seconds per epoch", "Reviews per second"]
    note = (
        "Mean over the seeds, with the standard deviation over them. Loss is binary cross-entropy; F1, precision and "
        "recall are of the positive reviews. Seconds and reviews per second are of training."
    )
    body = map(row, analysis.architectures)
    return TableBlock(make_table("scores", "Other scores, and speed", columns, body, note=note))


def timed(one: ArchitectureSummary, cell: Cell) -> Cell:
    """The cell, where training was timed: an epoch of one step has only the first step, which is timed apart."""
    return cell if one.reviews_per_second.mean else Cell(n.UNKNOWN)


def spread_cell(spread: Spread, write: n.Write) -> Cell:
    """The mean, and the standard deviation under it where it is known."""
    return Cell(write(spread.mean), detail="" if spread.sd is None else f"± {write(spread.sd)}")


def paper_section(analysis: Analysis) -> Section:
    """The differences to the paper's figure, where their uncertainty comes from, and how many seeds would decide."""
    paper = analysis.paper
    about = Paragraph(
        f"{n.percent(paper.accuracy)} is one published number, on {n.plural(paper.test_reviews, 'test review')}: "
        f"{paper.system}. It has no seeds and no spread. It is a reference to compare with, not something that an LSTM "
        "replicates: other features, another kind of model, and unlabelled reviews that the networks here never see."
    )
    source = Paragraph(f"Source: {paper.citation} {paper.url}")
    compared = [one for one in analysis.architectures if one.paper]
    if not compared:
        reason = analysis.not_comparable_reason or "no trial finished"
        return Section("paper", "Against the paper", (about, Paragraph(f"No comparison here: {reason}."), source))
    tables = (_differences(analysis, compared), _equivalence(analysis, compared), _uncertainty(compared))
    return Section("paper", "Against the paper", (about, *tables, *_seeds_needed(compared), source))


def _differences(analysis: Analysis, compared: list[ArchitectureSummary]) -> TableBlock:
    def row(one: ArchitectureSummary) -> list[Cell | str]:
        found = one.paper
        assert found is not None
        return [
            one.title,
            Cell(n.points(found.difference_points), mark="strong"),
            n.known(found.interval_points, n.points_interval, n.ONE_SEED),
            n.known(found.interval_exact_points, n.points_interval, n.ONE_SEED),
            n.known(found.p_value, n.p_value, n.ONE_SEED),
            n.known(found.p_value_holm, n.p_value, n.ONE_SEED),
        ]

    columns = ["Architecture", "Difference", "95% interval, with the paper's own error", "95% interval, paper exact"]
    columns += ["p", "p, Holm"]
    caption = f"Mean accuracy minus {n.percent(analysis.paper.accuracy)}, percentage points"
    distinct = [one for one in compared if one.same_weights_as is None]
    note = (
        "The paper's own error is the binomial one of its test reviews; the verdict goes by that interval. p: of no "
        f"difference; Holm: adjusted for {n.plural(len(distinct), 'architecture')}"
        f"{', equal weights counted once' if len(distinct) < len(compared) else ''}."
    )
    return TableBlock(make_table("paper", caption, columns, map(row, compared), note=note))


def _equivalence(analysis: Analysis, compared: list[ArchitectureSummary]) -> TableBlock:
    def row(one: ArchitectureSummary) -> list[Cell | str]:
        found = one.paper
        assert found is not None
        return [
            one.title,
            n.known(found.equivalence_interval_points, n.points_interval, n.ONE_SEED),
            n.known(found.equivalence_p_value, n.p_value, n.ONE_SEED),
            Cell(found.verdict, mark="strong"),
            found.verdict_exact,
            found.verdict_without_worst_seed or "too few seeds",
        ]

    margin = next(one.paper.margin_points for one in compared if one.paper)
    columns = ["Architecture", "90% interval", "p of equivalence", "Verdict"]
    columns += ["Verdict, paper exact", "Verdict, without the worst seed"]
    caption = f"Equivalence within {n.margin(margin)}, and the verdict"
    note = (
        "Two one-sided tests: equivalent means that the 90% interval lies within the margin, which was set in advance. "
        "Undecided does not mean equal."
    )
    return TableBlock(make_table("equivalence", caption, columns, map(row, compared), words=columns[3:], note=note))


def _uncertainty(compared: list[ArchitectureSummary]) -> TableBlock:
    def row(one: ArchitectureSummary) -> list[str]:
        found = one.uncertainty
        return [
            one.title,
            n.known(found.seeds_se_points, n.decimal(2), n.ONE_SEED),
            n.decimal(2)(found.test_half_se_points),
            n.known(found.total_se_points, n.decimal(2), n.ONE_SEED),
            n.known(found.seeds_share, n.share, n.ONE_SEED),
            n.known(found.test_half_share, n.share, n.ONE_SEED),
        ]

    columns = ["Architecture", "Seeds, points", "Test reviews, points", "Together, points"]
    columns += ["Share of seeds", "Share of test reviews"]
    caption = "Where the uncertainty comes from: standard errors of the mean, and shares of its variance"
    return TableBlock(make_table("uncertainty", caption, columns, map(row, compared)))


def _seeds_needed(compared: list[ArchitectureSummary]) -> tuple[Block, ...]:
    told = tuple(f"{one.title}: {one.seeds_needed.sentence}" for one in compared if one.seeds_needed)
    return (Subheading("How many seeds would decide"), Bullets(told)) if told else ()


def tutorial_section(analysis: Analysis) -> Section:
    """Each architecture against the figure that the tutorial printed for it."""
    compared = [one for one in analysis.architectures if one.tutorial]
    source = Paragraph(f"Source: {analysis.tutorial.citation} {analysis.tutorial.url}")
    if not compared:
        return Section(
            "tutorial", "Against the tutorial", (Paragraph("No figure of the tutorial applies here."), source)
        )

    def row(one: ArchitectureSummary) -> list[str]:
        found = one.tutorial
        assert found is not None
        return [
            one.title,
            n.percent(one.accuracy.mean),
            n.percent(found.accuracy),
            n.points(found.difference_points),
            f"{found.seeds_below} of {len(one.seeds)}",
            n.known(found.prediction_interval, n.percent_interval, n.ONE_SEED),
            n.known(found.inside, lambda inside: "yes" if inside else "no", n.ONE_SEED),
            n.known(found.p_value, n.p_value, n.ONE_SEED),
        ]

    columns = ["Architecture", "Our mean", "Tutorial", "Difference, points", "Seeds below the tutorial"]
    columns += ["Where one more seed would lie, %", "Inside", "p"]
    note = (
        "The tutorial's figure is one run, so it is compared with single seeds of ours, not with their mean. The range "
        "is cut at 100%, and the p-values are not adjusted."
    )
    table = make_table("tutorial", "Accuracy against the tutorial's figure", columns, map(row, compared), note=note)
    return Section("tutorial", "Against the tutorial", (TableBlock(table), source))

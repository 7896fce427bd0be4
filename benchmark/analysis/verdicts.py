"""The answer in sentences that a reader understands."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark import numbers as n
from benchmark.analysis.analysis_types import ArchitectureSummary, PaperComparison, Verdict, VerdictKind
from benchmark.analysis.evidence import Evidence, architecture_title
from benchmark.analysis.parts import Control, PairwiseComparison
from benchmark.references import PaperFigure
from benchmark.statistics.verdict import ERROR_RATE

KINDS: tuple[VerdictKind, ...] = ("above", "equivalent", "below", "undecided")


def give_verdict(
    evidence: Evidence, architecture: str, summary: ArchitectureSummary | None, paper: PaperFigure
) -> Verdict:
    """Answer for one architecture; `summary` is None where no trial of it finished."""
    kind: VerdictKind | None = None
    if summary is None:
        sentence = f"{architecture}: no verdict, since no trial of it finished."
    elif summary.paper is None:
        sentence = f"{architecture}: {_mean(summary)}."  # why there is no verdict is said once, above all of them
    else:
        kind = summary.paper.verdict
        sentence = _sentence(summary, summary.paper, n.percent(paper.accuracy))
    return Verdict(
        architecture=architecture,
        title=architecture_title(architecture),
        kind=kind,
        sentence=sentence,
        remarks=tuple(_remarks(summary, paper)) if summary else (),
    )


def _sentence(summary: ArchitectureSummary, paper: PaperComparison, figure: str) -> str:
    name, mean, margin = summary.architecture, _mean(summary), n.margin(paper.margin_points)
    if paper.interval_points is None or paper.equivalence_interval_points is None or paper.p_value is None:
        return (
            f"{name}: undecided against the paper's {figure}. One seed gives {n.percent(summary.accuracy.mean)}; how "
            "much seeds differ is unknown, so one seed decides nothing."
        )
    reach = f"{n.points_interval(paper.interval_points)} points"
    gap = f"{abs(paper.difference_points):.2f} points {'above' if paper.difference_points > 0 else 'below'}"
    if paper.verdict == "equivalent":
        narrow = n.points_interval(paper.equivalence_interval_points)
        real = "; within the margin, the difference itself is real" if paper.p_value < ERROR_RATE else ""
        return (
            f"{name} is equivalent to the paper's {figure} within the margin of {margin} that was set in advance: "
            f"{mean}, {gap} (90% interval {narrow} points{real})."
        )
    if paper.verdict == "undecided":
        return (
            f"{name}: undecided against the paper's {figure}. {mean}, {gap}, but the 95% interval of the difference, "
            f"{reach}, holds zero, and equivalence within {margin} is not shown either. That is no evidence that they "
            "are equal."
        )
    return f"{name} is {paper.verdict} the paper's {figure}: {mean}, {gap} (95% interval {reach})."


def _mean(summary: ArchitectureSummary) -> str:
    if len(summary.seeds) == 1:
        return f"{n.percent(summary.accuracy.mean)} with one seed"
    return f"{n.percent(summary.accuracy.mean)} on average over {len(summary.seeds)} seeds"


def _remarks(summary: ArchitectureSummary, paper: PaperFigure) -> list[str]:
    remarks = []
    found = summary.paper
    if len(summary.seeds) < summary.trials_planned:
        remarks.append(
            f"Only {len(summary.seeds)} of {summary.trials_planned} seeds finished; if trials fail because their "
            "training goes wrong, the mean of the others is too good."
        )
    if summary.outlier_seeds:
        one = len(summary.outlier_seeds) == 1
        remarks.append(
            f"{n.seed_names(summary.outlier_seeds).capitalize()} {'lies' if one else 'lie'} far from the median of "
            f"{n.percent(summary.accuracy_median)}; the mean ({n.percent(summary.accuracy.mean)}) and its interval "
            f"include {'it' if one else 'them'}."
        )
    if summary.same_weights_as is not None:
        remarks.append(
            f"It ends with the weights of {summary.same_weights_as} for every seed: the same result, not a second one."
        )
    if found is None:
        return remarks
    if found.verdict_without_worst_seed not in (None, found.verdict):
        remarks.append(
            f"One seed decides: without the worst, seed {summary.worst_seed} ({n.percent(summary.accuracy_worst)}), "
            f"the verdict would be {found.verdict_without_worst_seed!r} instead of {found.verdict!r}."
        )
    if found.verdict_exact != found.verdict:
        remarks.append(
            f"With {n.percent(paper.accuracy)} taken as exact the verdict would be {found.verdict_exact!r}; with the "
            f"paper's own error on {paper.test_reviews:,} reviews it is {found.verdict!r}."
        )
    if found.verdict in ("above", "below") and (found.p_value_holm or 0) >= ERROR_RATE:
        remarks.append("Adjusted for the number of architectures compared (Holm), the difference is not shown.")
    return remarks


def headlines(
    evidence: Evidence,
    verdicts: Sequence[Verdict],
    summaries: Sequence[ArchitectureSummary],
    pairs: Sequence[PairwiseComparison],
    control: Control | None,
    paper: PaperFigure,
) -> list[str]:
    """Sentences to open the report with."""
    record = evidence.record
    planned = len(record.config.architectures) * len(record.config.seeds)
    found = [_overall(evidence, verdicts, paper)]
    if len(evidence.trials) < planned:
        found.append(f"{len(evidence.trials)} of {planned} trials finished; every figure is computed from those alone.")
    if summaries:
        found.append(_best(summaries))
    found += _differing(summaries, pairs)
    if control is not None:
        found.append(control.sentence)
    return found


def _differing(summaries: Sequence[ArchitectureSummary], pairs: Sequence[PairwiseComparison]) -> list[str]:
    """How many of the tested pairs differ, and which architectures are not counted again; nothing without a test."""
    adjusted = [pair.p_value_holm for pair in pairs if pair.is_tested and pair.p_value_holm is not None]
    if not adjusted:
        return []
    shown = sum(p_value < ERROR_RATE for p_value in adjusted)
    if len(adjusted) == 1:
        told = f"The one pair of architectures that is tested {'differs' if shown else 'does not differ'} beyond chance"
    else:
        differ = {0: "none differs", 1: "1 differs"}.get(shown, f"{shown} differ")
        told = f"Of {len(adjusted)} pairs of architectures that are tested, {differ} beyond chance"
    again = [f"{one.architecture} has the weights of {one.same_weights_as}" for one in summaries if one.same_weights_as]
    counted = f"; {n.listing(again)}, and is not counted again" if again else ""
    adjustment = "Holm-adjusted p" if len(adjusted) > 1 else "p"
    return [f"{told} ({adjustment} below {ERROR_RATE:.2f}){counted}."]


def _overall(evidence: Evidence, verdicts: Sequence[Verdict], paper: PaperFigure) -> str:
    record = evidence.record
    reason = record.not_comparable_reason
    if reason is not None:
        return f"This benchmark cannot be compared with the paper's {n.percent(paper.accuracy)}: {reason}."
    grouped = []
    for kind in KINDS:
        names = [verdict.architecture for verdict in verdicts if verdict.kind == kind]
        if names:
            within = f" within {n.margin(record.config.equivalence_margin_points)}" if kind == "equivalent" else ""
            grouped.append(f"{n.listing(names)} {'is' if len(names) == 1 else 'are'} {kind}{within}")
    if not grouped:
        return f"No trial finished, so nothing can be said about the paper's {n.percent(paper.accuracy)}."
    return f"Against the paper's {n.percent(paper.accuracy)} (Maas et al. 2011): {'; '.join(grouped)}."


def _best(summaries: Sequence[ArchitectureSummary]) -> str:
    best = max(summaries, key=lambda one: one.accuracy.mean)
    interval = n.percent_interval(best.interval)
    over = f"over {n.plural(len(best.seeds), 'seed')}"
    if len(summaries) == 1:
        return f"{best.architecture} reaches {n.percent(best.accuracy.mean)} {over} (95% interval {interval}%)."
    equals = [one.architecture for one in summaries if one.accuracy.mean == best.accuracy.mean]
    return (
        f"The highest mean accuracy is {n.percent(best.accuracy.mean)}, by {n.listing(equals)}, {over} "
        f"(95% interval {interval}%)."
    )

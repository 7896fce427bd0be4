"""What the report opens with: warnings, the answer for each architecture, what was run."""

from __future__ import annotations

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis, ArchitectureSummary, Verdict
from benchmark.report.document import Answer, Banner

NO_VERDICT = {
    "generated": "Generated reviews: no verdict",
    "custom": "Not the IMDB corpus: no verdict",
    "imdb": "Not the whole corpus: no verdict",
}


def title(analysis: Analysis) -> str:
    """What the report is about; the benchmark's own name is a fact below it."""
    if analysis.comparable_to_paper:
        return f"Sequence models on IMDB reviews, against the paper's {n.percent(analysis.paper.accuracy)}"
    return (
        "Sequence models on generated reviews" if analysis.provenance.corpus_kind == "generated" else "Sequence models"
    )


def banners(analysis: Analysis) -> tuple[Banner, ...]:
    """What must be known before anything else: another corpus, missing trials."""
    found = []
    if not analysis.comparable_to_paper:
        reason = _sentence(analysis.not_comparable_reason or "")
        text = f"Nothing here can be compared with the paper's {n.percent(analysis.paper.accuracy)}: {reason}"
        found.append(Banner("corpus", NO_VERDICT[analysis.provenance.corpus_kind], text))
    if analysis.trials_finished < analysis.trials_planned:
        title = f"{n.count(analysis.trials_finished)} of {n.plural(analysis.trials_planned, 'trial')}"
        found.append(Banner("trials", title, _missing(analysis)))
    return tuple(found)


def byline(analysis: Analysis) -> tuple[str, ...]:
    """What was run, in a few short facts."""
    facts = analysis.provenance
    seeds = analysis.settings["seeds"]
    told = n.listing([str(seed) for seed in seeds]) if len(seeds) <= 6 else f"{seeds[0]} to {seeds[-1]}"
    machine = facts.environment.device_name if facts.environment else "machine unknown"
    return (
        f"{n.plural(len(analysis.verdicts), 'architecture')}, {n.plural(len(seeds), 'seed')} ({told})",
        f"{n.plural(analysis.settings['epochs'], 'epoch')} of training",
        f"tested on {n.plural(analysis.test_reviews, 'review')}" if analysis.test_reviews else "not tested",
        machine,
        n.moment(facts.started_at),
    )


def answers(analysis: Analysis) -> tuple[Answer, ...]:
    """The verdict on every planned architecture."""
    summaries = {summary.architecture: summary for summary in analysis.architectures}
    return tuple(_answer(verdict, summaries.get(verdict.architecture)) for verdict in analysis.verdicts)


def _answer(verdict: Verdict, summary: ArchitectureSummary | None) -> Answer:
    return Answer(
        title=verdict.title,
        name=verdict.architecture,
        kind=verdict.kind or "none",
        label=verdict.kind or "no verdict",
        accuracy=n.percent(summary.accuracy.mean) if summary else "no result",
        interval=f"{n.percent_interval(summary.interval)}%" if summary else "",
        sentence=verdict.sentence,
        remarks=verdict.remarks,
    )


def _missing(analysis: Analysis) -> str:
    counted: dict[str, int] = {}
    for trial in analysis.trials:
        if trial.status != "finished":
            counted[trial.status] = counted.get(trial.status, 0) + 1
    unknown = analysis.trials_planned - analysis.trials_finished - sum(counted.values())
    if unknown > 0:
        counted["never started"] = unknown
    told = n.listing([f"{n.count(number)} {status}" for status, number in counted.items()])
    if not analysis.trials_finished:
        return f"No trial has a result ({told}), so this report has no figures."
    return f"The others have no result ({told}). Every figure is computed from the finished trials alone."


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."

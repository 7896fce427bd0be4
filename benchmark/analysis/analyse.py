"""From a benchmark, as the tracking store knows it, to all that its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.analysis.analysis_types import (
    ANALYSIS_SCHEMA_VERSION,
    Analysis,
    ArchitectureSummary,
    PaperReference,
    TutorialReference,
)
from benchmark.analysis.architectures import summarise
from benchmark.analysis.caveats import collect_caveats
from benchmark.analysis.duplicates import find_duplicates
from benchmark.analysis.evidence import gather_evidence
from benchmark.analysis.methods import METHODS
from benchmark.analysis.pairs import check_control, compare_pairs
from benchmark.analysis.passed_on import for_passing_on
from benchmark.analysis.provenance import provenance
from benchmark.analysis.reviews import accuracy_by_length, agreement, calibrate, hard_reviews
from benchmark.analysis.trials import cost, learning_curves, mean_curves, trial_rows, tutorial_curves
from benchmark.analysis.verdicts import give_verdict, headlines
from benchmark.references import load_references
from benchmark.results import BenchmarkRecord
from benchmark.statistics.paired import holm_of_distinct


def analyse(record: BenchmarkRecord) -> Analysis:
    """Compute everything that the report shows; the same record always gives the same analysis.

    Raises
    ------
    UserError
        If the trials were not tested on the same reviews.
    """
    record = for_passing_on(record)
    references = load_references()
    evidence = gather_evidence(record)
    repeats = find_duplicates(evidence)
    summaries = _with_holm(
        [summarise(evidence, name, references, repeats.get(name)) for name in evidence.scored], repeats
    )
    by_name = {one.architecture: one for one in summaries}
    verdicts = tuple(
        give_verdict(evidence, name, by_name.get(name), references.paper) for name in record.config.architectures
    )
    pairs = compare_pairs(evidence, repeats)
    control = check_control(evidence)
    origin = provenance(evidence)
    agreed = agreement(evidence)
    return Analysis(
        schema_version=ANALYSIS_SCHEMA_VERSION,
        title=record.name,
        comparable_to_paper=record.comparable_to_paper,
        not_comparable_reason=record.not_comparable_reason,
        headlines=tuple(headlines(evidence, verdicts, summaries, pairs, control, references.paper)),
        verdicts=verdicts,
        trials_finished=len(evidence.trials),
        trials_planned=len(record.config.architectures) * len(record.config.seeds),
        architectures=tuple(summaries),
        pairwise=pairs,
        control=control,
        learning_curves=learning_curves(evidence),
        mean_curves=mean_curves(evidence),
        tutorial_curves=tutorial_curves(record, references),
        calibration=calibrate(evidence),
        accuracy_by_length=accuracy_by_length(evidence),
        test_reviews=len(evidence.trials[0].right) if evidence.trials else 0,
        reviews_all_right=agreed.all_right,
        reviews_all_wrong=agreed.all_wrong,
        hard_reviews=hard_reviews(evidence),
        trials=trial_rows(evidence),
        cost=cost(evidence),
        provenance=origin,
        paper=PaperReference(**references.paper.model_dump(exclude={"provenance"})),
        tutorial=TutorialReference(**references.tutorial.model_dump(include={"title", "citation", "url"})),
        settings=record.config.model_dump(mode="json"),
        methods=METHODS,
        caveats=collect_caveats(evidence, summaries, control, origin, references),
    )


def _with_holm(summaries: Sequence[ArchitectureSummary], repeats: Mapping[str, str]) -> list[ArchitectureSummary]:
    """Adjust the p-values against the paper for the number of architectures that have one, each result once."""
    p_values = {one.architecture: one.paper.p_value if one.paper else None for one in summaries}
    adjusted = holm_of_distinct(p_values, repeats)
    return [
        one.with_values(paper=one.paper.with_values(p_value_holm=adjusted[one.architecture])) if one.paper else one
        for one in summaries
    ]

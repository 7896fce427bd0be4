"""What limits this very benchmark: each caveat looks at the facts and speaks only where it applies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from scipy import stats

from benchmark import numbers as n
from benchmark.analysis.analysis_types import ArchitectureSummary
from benchmark.analysis.evidence import Evidence
from benchmark.analysis.execution import execution_words
from benchmark.analysis.parts import Caveat, Control, Provenance
from benchmark.references import References
from benchmark.statistics.intervals import LEVEL
from benchmark.statistics.robust import FALSE_ALARM_RATE, deviations_allowed
from benchmark.statistics.verdict import ERROR_RATE

FEW_SEEDS = 5
ONE_LABEL = 0.99  # of its answers; a network that tells reviews apart gives either label to far more than 1%
SAME_ACCURACY = 1e-6  # Keras keeps its metric in single precision


def collect_caveats(
    evidence: Evidence,
    summaries: Sequence[ArchitectureSummary],
    control: Control | None,
    origin: Provenance,
    references: References,
) -> tuple[Caveat, ...]:
    """All caveats that apply, warnings first."""
    found = [
        *_corpus(evidence),
        *_missing_trials(evidence),
        *_integrity(evidence, control, origin),
        *_one_label(evidence),
        *_seeds(summaries),
        *_outliers(summaries),
        *_verdicts(summaries, references),
        *_settings(evidence, references),
        *_published(evidence, references),
        *_machine(evidence, origin),
        *_side_by_side(evidence, origin),
    ]
    return tuple(sorted(found, key=lambda caveat: caveat.severity != "warning"))


def _caveat(code: str, text: str, severity: Literal["note", "warning"] = "note") -> Caveat:
    return Caveat(code=code, severity=severity, text=text)


def _corpus(evidence: Evidence) -> Iterator[Caveat]:
    record = evidence.record
    if record.corpus.kind == "generated":
        text = (
            "The reviews are generated from a grammar, not written by people: the figures show that the benchmark "
            "runs, and say nothing about IMDB. They are not compared with published ones."
        )
        yield _caveat("generated-corpus", text, "warning")
    elif record.corpus.kind == "custom":
        text = f"{record.corpus.source}: not known to be the whole of IMDB, so there is no verdict."
        yield _caveat("custom-corpus", text, "warning")
    if record.config.limit is not None:
        text = (
            f"Only the first {record.config.limit:,} reviews of each half were used, so the figures are not comparable "
            "with published ones."
        )
        yield _caveat("limited", text, "warning")
    if record.corpus.kind == "imdb":
        text = (
            "The corpus has up to 30 reviews of a film, which are correlated. The intervals take reviews as "
            "independent, so the part that comes from the test half is somewhat too narrow."
        )
        yield _caveat("films-correlated", text)


def _missing_trials(evidence: Evidence) -> Iterator[Caveat]:
    record = evidence.record
    planned = len(record.config.architectures) * len(record.config.seeds)
    scored = len(evidence.trials)
    if scored < planned:
        reasons = [f"{trial.config.name}: {_what_happened(trial.status, trial.failure)}" for trial in record.trials]
        reasons = [
            reason
            for reason, trial in zip(reasons, record.trials, strict=True)
            if trial.config.seed not in evidence.scored.get(trial.config.architecture, {})
        ]
        listed = "; ".join(reasons[:10]) + (f"; and {len(reasons) - 10} more" if len(reasons) > 10 else "")
        text = (
            f"{scored} of {planned} trials count; nothing is computed from the others{': ' + listed if listed else ''}."
        )
        yield _caveat("trials-missing", text, "warning")


def _what_happened(status: str, failure: str | None) -> str:
    if status == "finished":
        return "finished, but its predictions are not in the store"
    return f"{status}, {failure}" if failure else status


def _integrity(evidence: Evidence, control: Control | None, origin: Provenance) -> Iterator[Caveat]:
    if control is not None and not control.passed:
        yield _caveat("control-failed", control.sentence, "warning")
    differing = [
        trial.record.config.name
        for trial in evidence.trials
        if abs(trial.scores.accuracy - trial.result.test_accuracy) > SAME_ACCURACY
    ]
    if differing:
        text = f"The accuracy logged for {n.listing(differing)} is not that of the saved predictions, which count."
        yield _caveat("logged-scores-differ", text, "warning")
    if len({trial.result.corpus_digest for trial in evidence.trials}) > 1:
        yield _caveat("corpora-differ", "Not all trials were trained on the same encoded corpus.", "warning")
    if origin.environments_differ:
        text = f"Not all trials ran in the same environment; these differ: {n.listing(origin.environments_differ)}."
        yield _caveat("environments-differ", text, "warning")
    environment = origin.environment
    if environment is not None and environment.git_dirty:
        yield _caveat("uncommitted-changes", "The code had changes that its git commit does not have.")
    if environment is not None and environment.git_commit is None:
        yield _caveat("no-commit", "The code was not in a git repository, so its exact version is not known.")


def _one_label(evidence: Evidence) -> Iterator[Caveat]:
    given = {trial.record.config.name: trial.share_of_positive for trial in evidence.trials}
    found = [name for name, share in given.items() if max(share, 1 - share) >= ONE_LABEL]
    if found:
        listed = n.listing(found[:10] + ([f"{len(found) - 10} more"] if len(found) > 10 else []))
        text = (
            f"One label for at least {n.share(ONE_LABEL)} of the test reviews: {listed}. Such a network tells no "
            "review from another. Its accuracy is about the share of that label; that seeds agree, or that an interval "
            "is narrow, means nothing there."
        )
        yield _caveat("one-label", text, "warning")


def _seeds(summaries: Sequence[ArchitectureSummary]) -> Iterator[Caveat]:
    fewest = min((len(one.seeds) for one in summaries), default=FEW_SEEDS)
    if fewest == 1:
        text = (
            "With one seed, how much accuracies differ between seeds is unknown. The intervals shown are those of one "
            "trained model (Wilson), and no verdict can be reached."
        )
        yield _caveat("one-seed", text, "warning")
    elif fewest < FEW_SEEDS:
        low, high = ((fewest - 1) / stats.chi2.ppf([0.5 + LEVEL / 2, 0.5 - LEVEL / 2], fewest - 1)) ** 0.5
        text = (
            f"{fewest} seeds: the standard deviation over them is itself uncertain; the true one can be {low:.1f} to "
            f"{high:.1f} times as large (95%). The intervals allow for this if accuracies scatter normally over seeds, "
            f"which {fewest} seeds cannot show."
        )
        yield _caveat("few-seeds", text)


def _outliers(summaries: Sequence[ArchitectureSummary]) -> Iterator[Caveat]:
    for one in summaries:
        if one.outlier_seeds:
            lies = "lies" if len(one.outlier_seeds) == 1 else "lie"
            text = (
                f"{one.architecture}: {n.seed_names(one.outlier_seeds)} {lies} more than "
                f"{deviations_allowed(len(one.seeds)):.1f} scaled median absolute deviations from the median "
                f"({n.percent(one.accuracy_median)}; worst {n.percent(one.accuracy_worst)}, best "
                f"{n.percent(one.accuracy_best)}). At most {n.share(FALSE_ALARM_RATE)} of architectures whose "
                "accuracies scatter normally over seeds have such a seed, so these may not: read the median and the "
                "worst seed beside the mean, and trust its interval less."
            )
            yield _caveat("outlier", text, "warning")


def _verdicts(summaries: Sequence[ArchitectureSummary], references: References) -> Iterator[Caveat]:
    compared = [one for one in summaries if one.paper is not None]
    for one in compared:
        assert one.paper is not None
        without = one.paper.verdict_without_worst_seed
        if without not in (None, one.paper.verdict):
            text = (
                f"{one.architecture}: the verdict is {one.paper.verdict!r}; without its worst seed, {one.worst_seed}, "
                f"it would be {without!r}."
            )
            yield _caveat("worst-seed-decides", text, "warning")
        if one.paper.verdict_exact != one.paper.verdict:
            text = (
                f"{one.architecture}: the verdict is {one.paper.verdict!r}; with the paper's "
                f"{n.percent(references.paper.accuracy)} taken as exact it would be {one.paper.verdict_exact!r}."
            )
            yield _caveat("paper-error-decides", text)
    distinct = [one for one in compared if one.same_weights_as is None]
    if len(distinct) > 1:
        counted = ", equal weights counted once," if len(distinct) < len(compared) else ""
        text = (
            f"Each of the {len(distinct)} verdicts{counted} says above or below in up to 5% of cases where there is no "
            f"difference; at least one of them does in up to {n.share(1 - (1 - ERROR_RATE) ** len(distinct))}, if they "
            "are independent. The Holm-adjusted p-values allow for it."
        )
        yield _caveat("many-verdicts", text)


def _settings(evidence: Evidence, references: References) -> Iterator[Caveat]:
    config = evidence.record.config
    differing = [
        f"{name.replace('_', ' ')} {getattr(config, name):,} instead of {value:,}"
        for name, value in references.tutorial.settings.model_dump().items()
        if getattr(config, name) != value
    ]
    if differing:
        text = f"The settings are not the tutorial's: {n.listing(differing)}. Its figures do not compare one to one."
        yield _caveat("other-settings", text, "warning")


def _published(evidence: Evidence, references: References) -> Iterator[Caveat]:
    if not evidence.record.comparable_to_paper:
        return
    paper = references.paper
    text = (
        f"The paper's {n.percent(paper.accuracy)} is one number of one system: {paper.system}. It is something to "
        "compare with, not something that these networks replicate. It was measured on the same test reviews; the "
        "comparison takes the errors of both as independent, which makes the interval rather too wide."
    )
    yield _caveat("paper-is-one-number", text)
    if any(name in references.architectures for name in evidence.scored):
        text = (
            "The tutorial's figures are one run each, with an older version of Keras on another machine; where they "
            "lie among our seeds says more than the difference to their mean."
        )
        yield _caveat("tutorial-is-one-run", text)


def _machine(evidence: Evidence, origin: Provenance) -> Iterator[Caveat]:
    environment = origin.environment
    if environment is None or not evidence.trials:
        return
    cores = f" with {n.plural(environment.cpu_cores, 'core')}" if environment.device_kind == "cpu" else ""
    on_cluster = any(execution.on_cluster for execution in origin.executions)
    where = "the machines of a Ray cluster, such as" if on_cluster else "one machine,"
    text = (
        f"Seconds and memory were measured on {where} {environment.device_name}{cores}, once for each trial, "
        "while other programs may have run. Peak memory is that of the worker process, which trains one trial after "
        "another. Weights and accuracies depend on the machine too: the same seed gives others elsewhere."
    )
    yield _caveat("one-machine", text)


def _side_by_side(evidence: Evidence, origin: Provenance) -> Iterator[Caveat]:
    if len(evidence.trials) < 2 or not any(execution.side_by_side for execution in origin.executions):
        return
    ways = n.listing([execution_words(execution) for execution in origin.executions])
    text = (
        f"Trials ran side by side ({ways}). Seconds, memory and system metrics were measured while other trials ran "
        "beside, so they are not comparable to those of a benchmark that ran one trial at a time."
    )
    yield _caveat("side-by-side", text, "warning")

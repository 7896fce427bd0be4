"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.errors import UserError
from benchmark.report.architecture_trials import ArchitectureTrials, collect_trials
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import ArchitectureChange, Comparison
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord
from benchmark.statistics.changes import accuracy_change
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import listing, percent, plural, points, printable


def summarize_comparison(
    first: BenchmarkRecord,
    second: BenchmarkRecord,
    *,
    max_accuracy_drop_points: float,
) -> Comparison:
    """Compare the architectures that finished in both; `second` is judged against `first`.

    Raises
    ------
    UserError
        If the two were not tested on the same reviews, or no architecture has a finished trial in both.
    """
    _refuse_other_reviews(first, second)
    before, now = collect_trials(first), collect_trials(second)
    by_name = {architecture.name: architecture for architecture in before}
    common = [(by_name[new.name], new) for new in now if new.name in by_name]
    if not common:
        raise UserError(f"{_ids(first, second)} have no finished architecture in common; list shows what they have")

    # What has the same weights cannot have changed, and takes no share of the false alarms
    can_have_changed = {new.name for old, new in common if old.weights != new.weights}
    reports = summarize(first, before), summarize(second, now)
    changes = []
    for old, new in common:
        accuracy = None
        if new.name in can_have_changed:
            tolerated = max_accuracy_drop_points / 100
            accuracy = accuracy_change(old.counts, new.counts, tolerated=tolerated, tests=len(can_have_changed))
        change = ArchitectureChange(
            first=reports[0].row_of(old.name),
            second=reports[1].row_of(new.name),
            accuracy=accuracy,
        )
        changes.append(change)

    regressions = (*_missing(before, second), *_regressions(changes))
    unseen = tuple(change.second.title for change in changes if change.accuracy and change.accuracy.unseen)
    return Comparison(
        first=reports[0],
        second=reports[1],
        answer=tuple(_answer(regressions, unseen, changes)),
        regressions=regressions,
        unseen=unseen,
        changes=tuple(changes),
        differing_settings=tuple(differing_parts(_settings(first), _settings(second))),
    )


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    write_pages(folder, "comparison", {}, comparison=comparison)
    write_text(folder / "comparison.json", to_json(comparison))


def _ids(first: BenchmarkRecord, second: BenchmarkRecord) -> str:
    return f"{first.run_id[:8]} and {second.run_id[:8]}"


def _refuse_other_reviews(*records: BenchmarkRecord) -> None:
    """Refuse two benchmarks that were not tested on the same reviews."""
    tested_on = []
    for record in records:
        corpus, used = record.corpus, record.config.max_reviews or "all"
        tested_on.append(f"{used} reviews of {corpus.name} (digest {corpus.digest[:8]})")
    if len(set(tested_on)) > 1:
        raise UserError(f"{_ids(*records)} cannot be compared: they were tested on {listing(tested_on)}")


def _missing(before: Sequence[ArchitectureTrials], second: BenchmarkRecord) -> Iterator[str]:
    """Name architectures that finished before, were planned again, and have no result."""
    for architecture in before:
        planned = [trial for trial in second.trials if trial.config.architecture == architecture.name]
        if planned and architecture.name not in second.by_architecture:
            reasons = {printable(trial.failure or trial.status) for trial in planned}
            yield f"{architecture.title} has no finished trial in the second benchmark ({listing(sorted(reasons))})."


def _regressions(changes: Sequence[ArchitectureChange]) -> Iterator[str]:
    for change in changes:
        accuracy = change.accuracy
        if accuracy and accuracy.regression:
            yield (
                f"{change.second.title} lost {points(100 * accuracy.change)}: "
                f"{percent(change.first.mean_accuracy)} before, {percent(change.second.mean_accuracy)} now, "
                f"each the mean of all seeds; that counts from {points(100 * (accuracy.threshold or 0))} on."
            )


def _answer(
    regressions: Sequence[str],
    unseen: Sequence[str],
    changes: Sequence[ArchitectureChange],
) -> Iterator[str]:
    """Say whether there is a regression, and which losses would not be seen."""
    judged = {change.second.title: change.accuracy for change in changes if change.accuracy}
    if regressions:
        yield f"{plural(len(regressions), 'regression')}."
    elif unseen:
        yield f"Too few seeds to tell whether {listing(unseen)} became worse."
    elif judged:
        yield "No regression."
    else:
        yield "No regression: all weights are the same."
    for title, accuracy in judged.items():
        if accuracy.threshold is None:
            yield f"{title} is not judged: one seed does not show how much seeds differ."
        else:
            loss = points(100 * accuracy.threshold)
            yield f"{title}: a loss of less than {loss} would not be seen."


def _settings(record: BenchmarkRecord) -> dict[str, object]:
    """Settings, machine and versions."""
    values = record.config.model_dump(mode="json") | {"corpus": record.corpus.digest[:12]}
    values |= record.environment.model_dump()
    return {name.replace("_", " "): value for name, value in values.items()}

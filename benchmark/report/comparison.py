"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmark.errors import UserError
from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import Evidence, gather
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import ArchitectureChange, Comparison
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord
from benchmark.statistics.changes import MIN_SEEDS_TIMED, accuracy_change, time_change
from benchmark.statistics.variance import ERROR_RATE
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import listing, percent, plural, points, printable

REASONS = {
    "accuracy": "one seed does not show how much seeds differ",
    "training time": (
        f"that takes {MIN_SEEDS_TIMED} seeds that were trained in both benchmarks, with the same settings, on the same "
        "kind of machine, as many at once"
    ),
}


def summarize_comparison(
    first: BenchmarkRecord,
    second: BenchmarkRecord,
    *,
    max_accuracy_drop_points: float,
    max_slowdown: float,
) -> Comparison:
    """Compare the architectures that finished in both; `second` is judged against `first`.

    Raises
    ------
    UserError
        If the two were not tested on the same reviews, or no architecture has a finished trial in both.
    """
    gathered = gather(first), gather(second)
    before, now = map(_by_name, gathered)
    common = [evidence.architecture for evidence in gathered[0] if evidence.architecture in now]
    _refuse_other_reviews(first, second)
    if not common:
        names = [listing(list(architectures)) or "none" for architectures in (before, now)]
        raise UserError(
            f"{_ids(first, second)} have no finished architecture in common: {names[0]} in the first, {names[1]} in "
            "the second"
        )
    reports = summarize(first, gathered[0]), summarize(second, gathered[1])

    # What changed
    changes: list[ArchitectureChange] = []
    drop, tests = max_accuracy_drop_points / 100, len(common)
    for name in common:
        old, new = before[name], now[name]
        change = ArchitectureChange(
            architecture=name,
            title=new.title,
            first=reports[0].row_of(name),
            second=reports[1].row_of(name),
            accuracy=accuracy_change(old.counts, new.counts, tolerated=drop, tests=tests),
            time=time_change(_seconds(old), _seconds(new), tolerated=max_slowdown, tests=tests),
            same_weights=old.weights == new.weights,
        )
        changes.append(change)

    # What of it is worse, and what could be judged
    regressions = [*_missing(before, second), *_regressions(changes)]
    unjudged = _unjudged(changes)
    judged = [what for what, titles in unjudged.items() if len(titles) < len(changes)]
    allowed = f"a loss of {points(max_accuracy_drop_points)} of mean accuracy, and {max_slowdown:g} times the time"
    differing = differing_parts(_settings(first), _settings(second))
    return Comparison(
        first=reports[0],
        second=reports[1],
        answer=(
            _first_sentence(regressions, judged),
            *_unjudged_sentences(unjudged),
            f"Allowed besides chance: {allowed}.",
        ),
        false_alarm_rate=ERROR_RATE * len(judged),
        regressions=tuple(regressions),
        changes=tuple(changes),
        differing_settings=tuple(map(printable, differing)),
    )


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    rows = []
    for change in sorted(comparison.changes, key=lambda change: -change.first.accuracy):
        if not change.same_weights:
            for word, row in (("before", change.first), ("now", change.second)):
                title = f"{change.title}, {word}"
                rows.append(row.model_copy(update={"title": title, "published_accuracy": None}))
    charts = {}
    if rows:
        reference = comparison.first.reference
        if reference != comparison.second.reference:
            reference = None
        charts["ladder"] = draw_ladder(rows, reference)
    write_pages(folder, "comparison", charts, comparison=comparison)
    write_text(folder / "comparison.json", to_json(comparison))


def _by_name(gathered: Sequence[Evidence]) -> dict[str, Evidence]:
    """All architectures, twins too."""
    by_name = {}
    for evidence in gathered:
        for own in (evidence, *evidence.twins):
            by_name[own.architecture] = own
    return by_name


def _ids(first: BenchmarkRecord, second: BenchmarkRecord) -> str:
    return f"{first.run_id[:8]} and {second.run_id[:8]}"


def _refuse_other_reviews(*records: BenchmarkRecord) -> None:
    """Refuse two benchmarks that were not tested on the same reviews."""
    corpora = [f"{record.corpus.name} (digest {record.corpus.digest[:8]})" for record in records]
    used = [record.config.max_reviews or "all" for record in records]
    if records[0].corpus.digest != records[1].corpus.digest:
        reason = f"were tested on other reviews, {listing(corpora)}"
    elif used[0] != used[1]:
        reason = f"used {listing(used)} reviews of each split"
    else:
        return
    raise UserError(f"{_ids(*records)} cannot be compared: they {reason}")


def _seconds(evidence: Evidence) -> dict[object, float]:
    """Training time by settings and machine, without trials from the store: they were timed in another benchmark."""
    seconds: dict[object, float] = {}
    for trial, result in zip(evidence.trials, evidence.results, strict=True):
        if trial.trained_in is None:
            seconds[result.config, result.environment.machine] = result.train_seconds
    return seconds


def _missing(before: Mapping[str, Evidence], second: BenchmarkRecord) -> Iterator[str]:
    """Name architectures that finished before, were planned again, and have no result."""
    for name, evidence in before.items():
        failures = set()
        for trial in second.trials:
            if trial.config.architecture == name:
                failures.add(printable(trial.failure or trial.status))
        if failures and name not in second.by_architecture:
            reasons = listing(sorted(failures))
            yield f"{evidence.title} has no finished trial in the second benchmark ({reasons})."


def _regressions(changes: Sequence[ArchitectureChange]) -> Iterator[str]:
    for change in changes:
        accuracy, time = change.accuracy, change.time
        if accuracy.regression:
            yield (
                f"{change.title} lost {points(100 * accuracy.change)}: {percent(change.first.mean_accuracy)} before, "
                f"{percent(change.second.mean_accuracy)} now, each the mean of all seeds; "
                f"that counts from {points(100 * (accuracy.threshold or 0))} on."
            )
        if time and time.regression:
            yield f"{change.title} takes {time.ratio:.2f} times as long; that counts from {time.threshold:.2f} on."


def _unjudged(changes: Sequence[ArchitectureChange]) -> dict[str, list[str]]:
    """Architectures of which the accuracy, or the training time, is not judged."""
    unjudged: dict[str, list[str]] = {"accuracy": [], "training time": []}
    for change in changes:
        if change.accuracy.threshold is None and not change.same_weights:
            unjudged["accuracy"].append(change.title)
        if change.time is None:
            unjudged["training time"].append(change.title)
    return unjudged


def _unjudged_sentences(unjudged: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for what, titles in unjudged.items():
        if titles:
            yield f"{what.capitalize()} was not judged for {listing(titles)}: {REASONS[what]}."


def _first_sentence(regressions: Sequence[str], judged: Sequence[str]) -> str:
    if regressions:
        return f"{plural(len(regressions), 'regression')}."
    if judged:
        return f"No regression of {listing(judged)}."
    return "Nothing could be judged."


def _settings(record: BenchmarkRecord) -> dict[str, object]:
    """Settings, machine and versions."""
    values = record.config.model_dump() | {"corpus": record.corpus.digest[:12]} | record.environment.model_dump()
    readable = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            value = ", ".join(map(str, value))
        readable[name.replace("_", " ")] = value
    return readable

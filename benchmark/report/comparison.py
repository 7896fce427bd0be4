"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import UserError
from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import Evidence, gather
from benchmark.report.fill import fill_template
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import ArchitectureChange, Comparison, LadderRow, Report
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord
from benchmark.statistics.changes import MIN_BLOCKS, Change, accuracy_change, time_change
from benchmark.statistics.variance import ERROR_RATE
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import listing, percent, plural, points, printable

ONE_SEED = "one seed does not show how much seeds differ"
UNTIMED = (
    f"that takes {MIN_BLOCKS} seeds that were trained in both benchmarks, with the same settings, on the same kind of "
    "machine, as many at once"
)


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
    old, new = gather(first), gather(second)
    before = {evidence.architecture: evidence for evidence in old.architectures}
    now = {evidence.architecture: evidence for evidence in new.architectures}
    common = [evidence.architecture for evidence in old.distinct if evidence.architecture in now]
    _refuse_incomparable(first, second)
    if not common:
        both = f"{listing(list(before)) or 'none'} in the first, {listing(list(now)) or 'none'} in the second"
        raise UserError(f"{_names(first, second)} have no finished architecture in common: {both}")
    reports = summarize(first, old), summarize(second, new)

    # What changed
    changes: list[ArchitectureChange] = []
    drop = max_accuracy_drop_points / 100
    for name in common:
        change = ArchitectureChange(
            architecture=name,
            title=now[name].title,
            first=_row_of(reports[0], name),
            second=_row_of(reports[1], name),
            accuracy=accuracy_change(before[name].counts, now[name].counts, tolerated=drop, tests=len(common)),
            time=_time_change(before[name], now[name], max_slowdown, len(common)),
            same_weights=before[name].weights == now[name].weights,
        )
        changes.append(change)

    # What of it is worse
    regressions = _missing(before, now, second)
    for change in changes:
        regressions += _regressions(change)

    # What could be judged
    one_seed, untimed = [], []
    for change in changes:
        if change.accuracy.threshold is None and not change.same_weights:
            one_seed.append(change.title)
        if change.time is None or change.time.threshold is None:
            untimed.append(change.title)
    judged = []
    if len(one_seed) < len(changes):
        judged.append("accuracy")
    if len(untimed) < len(changes):
        judged.append("training time")
    answer = [_first_sentence(regressions, judged)]
    if one_seed:
        answer.append(f"Accuracy was not judged for {listing(one_seed)}: {ONE_SEED}.")
    if untimed:
        answer.append(f"Training time was not judged for {listing(untimed)}: {UNTIMED}.")
    answer.append(
        f"Allowed besides chance: a loss of {points(max_accuracy_drop_points)} of mean accuracy, and {max_slowdown:g} "
        "times the time."
    )
    return Comparison(
        first=reports[0],
        second=reports[1],
        answer=tuple(answer),
        false_alarm_rate=ERROR_RATE * len(judged),
        regressions=tuple(regressions),
        changes=tuple(changes),
        differing_settings=tuple(_differing(first, second)),
    )


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    rows = []
    for change in sorted(comparison.changes, key=lambda change: change.first.accuracy):
        if not change.same_weights:
            for word, row in (("now", change.second), ("before", change.first)):
                title = f"{change.title}, {word}"
                rows.append(row.model_copy(update={"title": title, "published_accuracy": None}))
    charts = {}
    if rows:
        references = [report.reference for report in (comparison.first, comparison.second)]
        reference = references[0] if references[0] == references[1] else None
        charts["ladder"] = draw_ladder(rows, reference, "ladder", margin_points=0)
    markdown = fill_template("comparison.md.j2", charts, comparison=comparison)
    write_pages(folder, "comparison", markdown, charts)
    write_text(folder / "comparison.json", to_json(comparison))


def _names(first: BenchmarkRecord, second: BenchmarkRecord) -> str:
    return f"{first.run_id[:8]} and {second.run_id[:8]}"


def _refuse_incomparable(first: BenchmarkRecord, second: BenchmarkRecord) -> None:
    """Refuse two benchmarks that were not tested on the same reviews."""
    records, names = (first, second), _names(first, second)
    if first.corpus.digest != second.corpus.digest:
        corpora = [f"{record.corpus.name} (digest {record.corpus.digest[:8]})" for record in records]
        raise UserError(f"{names} cannot be compared: they were tested on other reviews, {listing(corpora)}")
    if first.config.max_reviews != second.config.max_reviews:
        used = [record.config.max_reviews or "all" for record in records]
        raise UserError(f"{names} cannot be compared: they used {listing(used)} reviews of each split")


def _row_of(report: Report, name: str) -> LadderRow:
    return next(row for row in report.rows if name in row.names)


def _time_change(before: Evidence, now: Evidence, max_slowdown: float, tests: int) -> Change | None:
    """Compare the seconds of the seeds that both trained; None where there are none, or the work or machine differs."""
    if _work(before) != _work(now):
        return None
    old, new = _seconds(before), _seconds(now)
    seeds = [seed for seed in new if seed in old]
    if not seeds:
        return None
    return time_change(
        [old[seed] for seed in seeds], [new[seed] for seed in seeds], tolerated=max_slowdown, tests=tests
    )


def _work(evidence: Evidence) -> tuple[object, ...]:
    """What decides how long a trial takes: its settings, and the machine with what else it did."""
    trial, machine = evidence.results[0].config, evidence.results[0].environment
    settings = trial.epochs, trial.batch_size, trial.max_length
    return (*settings, machine.device_name, machine.cpu_model, machine.threads, machine.trials_at_once)


def _seconds(evidence: Evidence) -> dict[int | None, float]:
    """Training time by seed, without trials from the store: their times were measured in another benchmark."""
    seconds = {}
    for trial, result in zip(evidence.trials, evidence.results, strict=True):
        if trial.trained_in is None:
            seconds[result.config.seed] = result.train_seconds
    return seconds


def _missing(before: dict[str, Evidence], now: dict[str, Evidence], second: BenchmarkRecord) -> list[str]:
    """Architectures that finished before, were planned again, and have no result."""
    sentences = []
    for name, evidence in before.items():
        if name in now:
            continue
        failures = set()
        for trial in second.trials:
            if trial.config.architecture == name:
                failures.add(printable(trial.failure or trial.status))
        if failures:
            reasons = listing(sorted(failures))
            sentences.append(f"{evidence.title} has no finished trial in the second benchmark ({reasons}).")
    return sentences


def _regressions(change: ArchitectureChange) -> list[str]:
    sentences = []
    accuracy, time = change.accuracy, change.time
    if accuracy.regression:
        sentences.append(
            f"{change.title} lost {points(100 * accuracy.change)}: {percent(change.first.mean_accuracy)} before, "
            f"{percent(change.second.mean_accuracy)} now, each the mean of all seeds; "
            f"that counts from {points(100 * (accuracy.threshold or 0))} on."
        )
    if time and time.regression:
        sentences.append(
            f"{change.title} takes {time.change:.2f} times as long; that counts from {time.threshold or 0:.2f} on."
        )
    return sentences


def _first_sentence(regressions: Sequence[str], judged: Sequence[str]) -> str:
    if regressions:
        return f"{plural(len(regressions), 'regression')}."
    return f"No regression of {listing(judged)}." if judged else "Nothing could be judged."


def _differing(*records: BenchmarkRecord) -> list[str]:
    """Settings, machine and versions that differ."""
    facts = []
    for record in records:
        values = record.config.model_dump() | {"corpus": record.corpus.digest[:12]}
        if record.environment:
            values |= record.environment.model_dump()
        readable = {}
        for name, value in values.items():
            if isinstance(value, tuple):
                value = ", ".join(map(str, value))
            readable[name.replace("_", " ")] = value
        facts.append(readable)
    return [printable(sentence) for sentence in differing_parts(*facts)]

"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import UserError
from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import Evidence, fold_twins, gather
from benchmark.report.markdown import fill_template
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import ArchitectureChange, Comparison
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord
from benchmark.statistics.pairs import Change, accuracy_change, time_change
from benchmark.statistics.variance import ERROR_RATE
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import listing, percent, plural, points, printable


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
        If no architecture has a finished trial in both.
    """
    before = {one.architecture: one for one in fold_twins(gather(first)[0])[0]}
    now = {one.architecture: one for one in gather(second)[0]}
    common = [name for name in before if name in now]
    if not common:
        finished = [listing(list(found)) or "none" for found in (before, now)]
        raise UserError(
            f"{first.run_id[:8]} and {second.run_id[:8]} have no finished architecture in common: "
            f"{finished[0]} in the first, {finished[1]} in the second"
        )
    reasons = dict(_not_judged(before[common[0]], now[common[0]], first, second))
    reports = summarize(first), summarize(second)
    changes = []
    for name in common:
        old, new = before[name], now[name]
        accuracy = accuracy_change(
            old.good_counts,
            new.good_counts,
            tolerated=max_accuracy_drop_points / 100,
            same_reviews="Accuracy" not in reasons,
            tests=len(common),
        )
        rows = [
            next(row for row in report.rows if row.architecture == name or new.title in row.twins) for report in reports
        ]
        changes.append(
            ArchitectureChange(
                title=new.title,
                first=rows[0],
                second=rows[1],
                accuracy=accuracy,
                time=None if "Time" in reasons else _time_change(old, new, max_slowdown, len(common)),
                same_weights=old.weights == new.weights,
            )
        )
    regressions = [*_missing(before, now, second), *_regressions(changes, "Accuracy" not in reasons)]
    answer = [
        f"{plural(len(regressions), 'regression') if regressions else 'No regression'}: "
        f"{points(max_accuracy_drop_points)} of accuracy may be lost, and a trial may take {max_slowdown:g} times as "
        "long, plus what chance explains."
    ]
    if one_seed := [one.title for one in changes if one.accuracy.threshold is None and not one.same_weights]:
        answer.append(f"Nothing is concluded about {listing(one_seed)}: one seed does not show how much seeds differ.")
    return Comparison(
        first=reports[0],
        second=reports[1],
        answer=(*answer, *(f"{what} is not judged: {why}." for what, why in reasons.items())),
        false_alarm_rate=ERROR_RATE * (2 - len(reasons)),
        regressions=tuple(regressions),
        changes=tuple(changes),
        differing_settings=tuple(_differing(first, second)),
    )


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    first, second = comparison.first.reference, comparison.second.reference
    changed = [one for one in comparison.changes if not one.same_weights]
    rows = [
        row.model_copy(update={"title": f"{one.title}, {word}", "published_accuracy": None})
        for one in sorted(changed, key=lambda one: one.first.accuracy)
        for word, row in (("second", one.second), ("first", one.first))
    ]
    charts = {"ladder": draw_ladder(rows, first if first == second else None, "ladder")} if rows else {}
    markdown = fill_template("comparison.md.j2", charts, comparison=comparison)
    write_pages(folder, "comparison", markdown, charts)
    write_text(folder / "comparison.json", to_json(comparison))


def _not_judged(
    before: Evidence, now: Evidence, first: BenchmarkRecord, second: BenchmarkRecord
) -> Iterator[tuple[str, str]]:
    reviews = [(one.corpus.digest, one.config.max_reviews) for one in (first, second)]
    same_reviews = reviews[0] == reviews[1] and len(before.predictions.label) == len(now.predictions.label)
    if not same_reviews:
        yield "Accuracy", "the two were not tested on the same reviews"
    machines = [one.results[0].environment for one in (before, now)]
    if not same_reviews or first.config.max_length != second.config.max_length:
        yield "Time", "a trial is not the same work in both"
    elif len({(one.device_name, one.cpu_model, one.threads, one.trials_at_once) for one in machines}) > 1:
        yield "Time", "the two ran on different processors, or shared them differently"


def _time_change(before: Evidence, now: Evidence, max_slowdown: float, tests: int) -> Change | None:
    """Compare the seconds of the seeds that both have; None where an architecture was trained for other epochs."""
    settings = {(one.results[0].config.epochs, one.results[0].config.batch_size) for one in (before, now)}
    seconds = [{one.config.seed: one.train_seconds for one in side.results} for side in (before, now)]
    seeds = [seed for seed in seconds[0] if seed in seconds[1]]
    if len(settings) > 1 or not seeds:
        return None
    old, new = ([side[seed] for seed in seeds] for side in seconds)
    return time_change(old, new, tolerated=max_slowdown, tests=tests)


def _missing(before: dict[str, Evidence], now: dict[str, Evidence], second: BenchmarkRecord) -> Iterator[str]:
    """Architectures that finished before, were planned again, and have no result."""
    for name, one in before.items():
        failures = {
            printable(trial.failure or trial.status) for trial in second.trials if trial.config.architecture == name
        }
        if failures and name not in now:
            yield f"{one.title} has no finished trial in the second benchmark ({listing(sorted(failures))})."


def _regressions(changes: list[ArchitectureChange], judge_accuracy: bool) -> Iterator[str]:
    for one in changes:
        accuracy, time = one.accuracy, one.time
        if accuracy.regression and judge_accuracy:
            yield (
                f"{one.title} lost {points(100 * accuracy.change)}: {percent(one.first.accuracy)} before, "
                f"{percent(one.second.accuracy)} now; {points(100 * (accuracy.threshold or 0))} count."
            )
        if time and time.regression:
            yield f"{one.title} takes {time.change:.2f} times as long; it counts from {time.threshold or 0:.2f} on."


def _differing(*records: BenchmarkRecord) -> Iterator[str]:
    """Settings, machine and versions that differ."""
    facts = []
    for record in records:
        machine = record.environment.model_dump() if record.environment else {}
        every = {**record.config.model_dump(), "corpus": record.corpus.digest[:12], **machine}
        listed = {name: ", ".join(map(str, value)) for name, value in every.items() if isinstance(value, tuple)}
        facts.append({name.replace("_", " "): value for name, value in (every | listed).items()})
    yield from map(printable, differing_parts(*facts))

"""Two benchmarks side by side, and what became worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import UserError
from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import Evidence, fold_twins, gather
from benchmark.report.markdown import fill_template
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import Change, Comparison, LadderRow, Regression, Report, Side
from benchmark.report.summarize import as_points, summarize
from benchmark.report.wording import listing, percent, plural, points, printable
from benchmark.results import BenchmarkRecord
from benchmark.statistics.pairs import Change as Judged
from benchmark.statistics.pairs import accuracy_change, time_change
from benchmark.statistics.variance import ERROR_RATE


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
    accuracy = {
        name: accuracy_change(
            before[name].good_counts,
            now[name].good_counts,
            tolerated=max_accuracy_drop_points / 100,
            same_reviews="Accuracy" not in reasons,
            tests=len(common),
        )
        for name in common
    }
    times = {name: _time_change(before[name], now[name], max_slowdown, len(common)) for name in common}
    changes = [
        _change(before[name], now[name], accuracy[name], None if "Time" in reasons else times[name]) for name in common
    ]
    regressions = [*_missing(before, now, second), *_regressions(changes, accuracy, times, reasons)]
    reports = summarize(first), summarize(second)
    comparison = Comparison(
        first=_side(reports[0]),
        second=_side(reports[1]),
        answer=(),
        not_judged=tuple(f"{what} is not judged: {why}." for what, why in reasons.items()),
        max_accuracy_drop_points=max_accuracy_drop_points,
        max_slowdown=max_slowdown,
        false_alarm_rate=ERROR_RATE * (2 - len(reasons)),
        regressions=tuple(regressions),
        changes=tuple(changes),
        rows=tuple(_rows(reports, [one.architecture for one in changes if not one.same_weights])),
        reference=reports[1].reference if reports[0].reference == reports[1].reference else None,
        differing_settings=_differing(first, second),
    )
    return comparison.model_copy(update={"answer": tuple(_answer(comparison))})


def render_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.json``; the folder is made where it is missing."""
    charts = {"ladder": draw_ladder(comparison.rows, comparison.reference, "ladder")} if comparison.rows else {}
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


def _time_change(before: Evidence, now: Evidence, max_slowdown: float, tests: int) -> Judged | None:
    """Compare the seconds of the seeds that both have; None where an architecture was trained for other epochs."""
    settings = {(one.results[0].config.epochs, one.results[0].config.batch_size) for one in (before, now)}
    seconds = [{one.config.seed: one.train_seconds for one in side.results} for side in (before, now)]
    seeds = [seed for seed in seconds[0] if seed in seconds[1]]
    if len(settings) > 1 or not seeds:
        return None
    old, new = ([side[seed] for seed in seeds] for side in seconds)
    return time_change(old, new, tolerated=max_slowdown, tests=tests)


def _change(before: Evidence, now: Evidence, accuracy: Judged, time: Judged | None) -> Change:
    weights = [one.weights for one in (before, now)]
    return Change(
        architecture=now.architecture,
        title=now.title,
        first_accuracy=float(before.good_counts.accuracies.mean()),
        second_accuracy=float(now.good_counts.accuracies.mean()),
        first_seeds=len(before.trials),
        second_seeds=len(now.trials),
        first_collapsed=int((~before.learned).sum()),
        second_collapsed=int((~now.learned).sum()),
        difference_points=100 * accuracy.change,
        interval_points=accuracy.interval and as_points(accuracy.interval),
        accuracy_threshold_points=None if accuracy.threshold is None else 100 * abs(accuracy.threshold),
        time_ratio=time.change if time else None,
        time_ratio_interval=time.interval if time else None,
        time_threshold=time.threshold if time else None,
        same_weights=weights[0] == weights[1],
    )


def _missing(before: dict[str, Evidence], now: dict[str, Evidence], second: BenchmarkRecord) -> Iterator[Regression]:
    """Architectures that finished before, were planned again, and have no result."""
    for name, one in before.items():
        failures = {
            printable(trial.failure or trial.status) for trial in second.trials if trial.config.architecture == name
        }
        if failures and name not in now:
            sentence = f"{one.title} has no finished trial in the second benchmark ({listing(sorted(failures))})."
            yield Regression(architecture=name, kind="no trial", sentence=sentence)


def _regressions(
    changes: list[Change], accuracy: dict[str, Judged], times: dict[str, Judged | None], reasons: dict[str, str]
) -> Iterator[Regression]:
    for one in changes:
        if accuracy[one.architecture].regression and "Accuracy" not in reasons:
            sentence = (
                f"{one.title} lost {points(one.difference_points)}: {percent(one.first_accuracy)} before, "
                f"{percent(one.second_accuracy)} now; {points(one.accuracy_threshold_points or 0)} count."
            )
            yield Regression(architecture=one.architecture, kind="accuracy", sentence=sentence)
        time = times[one.architecture]
        if time and time.regression and "Time" not in reasons:
            sentence = (
                f"{one.title} takes {time.change:.2f} times as long; it counts from {time.threshold or 0:.2f} on."
            )
            yield Regression(architecture=one.architecture, kind="time", sentence=sentence)


def _answer(comparison: Comparison) -> Iterator[str]:
    count = len(comparison.regressions)
    allowed = (
        f"{points(comparison.max_accuracy_drop_points)} of accuracy may be lost, and a trial may take "
        f"{comparison.max_slowdown:g} times as long"
    )
    yield f"{plural(count, 'regression') if count else 'No regression'}: {allowed}, plus what chance explains."
    one_seed = [
        one.title for one in comparison.changes if one.accuracy_threshold_points is None and not one.same_weights
    ]
    if one_seed:
        yield f"Nothing is concluded about {listing(one_seed)}: one seed does not show how much seeds differ."
    yield from comparison.not_judged


def _rows(reports: tuple[Report, Report], changed: list[str]) -> Iterator[LadderRow]:
    """For each architecture that changed, the row of the second benchmark below that of the first."""
    first, second = ({row.architecture: row for row in report.rows} for report in reports)
    for name in sorted(changed, key=lambda name: first[name].accuracy):
        for side, word in ((second, "second"), (first, "first")):
            if row := side.get(name):
                yield row.model_copy(
                    update={"architecture": f"{name} {word}", "title": f"{row.title}, {word}", "published": None}
                )


def _side(report: Report) -> Side:
    return Side(**{name: getattr(report, name) for name in Side.model_fields})


def _differing(first: BenchmarkRecord, second: BenchmarkRecord) -> dict[str, tuple[str, str]]:
    """Settings, machine and versions that differ."""
    facts = []
    for record in (first, second):
        environment = record.environment
        machine = environment.model_dump() if environment else {}
        versions = machine.pop("versions", {})
        facts.append({**record.config.model_dump(), "corpus": record.corpus.digest[:12], **machine, **versions})
    return {
        name.replace("_", " "): (_shown(facts[0].get(name)), _shown(facts[1].get(name)))
        for name in dict.fromkeys([*facts[0], *facts[1]])
        if facts[0].get(name) != facts[1].get(name)
    }


def _shown(value: object) -> str:
    return printable(", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value))

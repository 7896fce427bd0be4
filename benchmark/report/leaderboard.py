"""One ladder over all benchmarks of a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.report.charts import draw_ladder
from benchmark.report.render import write_csv, write_pages
from benchmark.report.report_types import LadderRow, LeaderboardGroup
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.wording import printable


def summarize_store(records: Sequence[BenchmarkRecord]) -> list[LeaderboardGroup]:
    """Pool the trials of all benchmarks with the same corpus, settings and kind of processor.

    A trial that is in several benchmarks, by its fingerprint, counts once. The group with the most trials is first.
    """
    pools: dict[str, list[BenchmarkRecord]] = defaultdict(list)
    for record in records:
        parts = defaultdict(list)
        for trial in record.trials:
            parts[_shared(record, trial)].append(trial)
        for shared, trials in parts.items():
            pools[shared].append(replace(record, trials=tuple(trials)))
    groups = []
    for shared, pool in pools.items():
        report = summarize(_pooled(pool))
        if report.rows:
            title = f"{printable(report.corpus.name)} {shared}"
            groups.append(LeaderboardGroup(title, len(pool), report))
    return sorted(groups, key=lambda group: (-group.report.finished_trials, group.title))


def render_leaderboard(groups: Sequence[LeaderboardGroup], folder: Path) -> None:
    """Write ``leaderboard.html``, ``leaderboard.md`` and ``leaderboard.csv``; the folder is made if missing."""
    charts = {}
    lines = []
    for place, group in enumerate(groups, 1):
        report, name = group.report, f"ladder-{place}"
        margin_points = report.config.equivalence_margin_points
        charts[name] = draw_ladder(report.rows, report.reference, margin_points, name)
        lines += [_csv_line(group, row) for row in report.rows]
    write_pages(folder, "leaderboard", charts, groups=groups)
    write_csv(folder / "leaderboard.csv", lines)


def _csv_line(group: LeaderboardGroup, row: LadderRow) -> dict[str, object]:
    return {
        "group": group.title,
        "seeds": len(row.trials),
        "low": row.interval.low,
        "high": row.interval.high,
        "worst": row.accuracies[0],
        "best": row.accuracies[-1],
        "shuffled_accuracy": row.shuffled and row.shuffled.accuracy,
        "architecture": row.architecture,
        "title": row.title,
        "accuracy": row.accuracy,
        "verdict": row.verdict and row.verdict.kind,
        "train_seconds": row.train_seconds,
    }


def _shared(record: BenchmarkRecord, trial: TrialRecord) -> str:
    """What trials must share to be pooled; baselines, which train on the CPU, stand with the networks beside them."""
    config = trial.config
    machine = record.environment
    if trial.result and config.kind == "network":
        machine = trial.result.environment
    title = f"({record.corpus.digest[:8]}), {config.vocabulary_size:,} words, {config.max_length} a review"
    if config.max_reviews:
        title += f", first {config.max_reviews:,} reviews"
    processor = machine.device_name if machine.device_kind == "gpu" else machine.cpu_model
    return f"{title}, {printable(processor)}"


def _pooled(records: Sequence[BenchmarkRecord]) -> BenchmarkRecord:
    """Make one benchmark of all, with what weakens each of them: looks at results, trials without a result."""
    trials = [trial for record in records for trial in record.trials]
    finished: dict[str, TrialRecord] = {}
    for trial in trials:
        # a trial that another benchmark took from the store counts where it was trained
        if trial.result and (trial.result.fingerprint not in finished or trial.trained_in is None):
            finished[trial.result.fingerprint] = trial
    done = {trial.config for trial in finished.values()}
    unfinished = {trial.config: trial for trial in trials if trial.config not in done}
    looks = {look for record in records for look in record.looks}
    until_decided = all(record.config.until_decided for record in records)
    first = records[0]
    return replace(
        first,
        config=first.config.model_copy(update={"until_decided": until_decided}),
        trials=(*finished.values(), *unfinished.values()),
        looks=tuple(sorted(looks)),
    )

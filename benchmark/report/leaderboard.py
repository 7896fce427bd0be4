"""One ladder over all benchmarks of a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import without_seed
from benchmark.report.markdown import fill_template
from benchmark.report.render import write_csv, write_pages
from benchmark.report.report_types import LeaderboardGroup
from benchmark.report.summarize import summarize
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import printable


def summarize_store(records: Sequence[BenchmarkRecord]) -> list[LeaderboardGroup]:
    """Pool the finished trials of all benchmarks with the same corpus, settings and kind of processor.

    A trial that is in several benchmarks, by its fingerprint, counts once. The group with the most trials is first.
    """
    pooled: dict[tuple[object, ...], list[tuple[BenchmarkRecord, TrialRecord]]] = {}
    for record in records:
        for trial in record.finished:
            pooled.setdefault(_key(record, trial), []).append((record, trial))
    return sorted(map(_group, pooled.values()), key=lambda group: (-group.report.finished_trials, group.title))


def render_leaderboard(groups: Sequence[LeaderboardGroup], folder: Path) -> None:
    """Write ``leaderboard.html``, ``leaderboard.md`` and ``leaderboard.csv``; the folder is made if missing."""
    charts = {
        f"ladder-{place}": draw_ladder(group.report.rows, group.report.reference, f"ladder-{place}")
        for place, group in enumerate(groups, 1)
    }
    write_pages(folder, "leaderboard", fill_template("leaderboard.md.j2", charts, groups=groups), charts)
    rows = [
        {
            "group": group.title,
            "architecture": row.architecture,
            "title": row.title,
            "seeds": len(row.seeds),
            "collapsed": sum(seed.collapsed for seed in row.seeds),
            "accuracy": row.accuracy,
            "low": row.interval.low,
            "high": row.interval.high,
            "verdict": row.verdict or "",
            "train_seconds": row.train_seconds,
        }
        for group in groups
        for row in reversed(group.report.rows)
    ]
    write_csv(folder / "leaderboard.csv", rows)


def _key(record: BenchmarkRecord, trial: TrialRecord) -> tuple[object, ...]:
    assert trial.result is not None
    machine, config = trial.result.environment, trial.config
    processor = machine.device_name if machine.device_kind == "gpu" else machine.cpu_model
    return record.corpus.digest, config.vocabulary_size, config.max_length, config.max_reviews, processor


def _group(found: list[tuple[BenchmarkRecord, TrialRecord]]) -> LeaderboardGroup:
    trials = {trial.result.fingerprint: trial for _, trial in found if trial.result}
    record, (digest, words, length, reviews, processor) = found[0][0], _key(*found[0])
    pooled = replace(record, trials=tuple(_named_apart(list(trials.values()))), hard_reviews=(), looks=())
    settings = f"{words:,} words, {length} a review" + (f", first {reviews:,} reviews" if reviews else "")
    return LeaderboardGroup(
        title=f"{printable(record.corpus.name)} ({str(digest)[:8]}), {settings}, {printable(str(processor))}",
        benchmarks=len({one.run_id for one, _ in found}),
        report=summarize(pooled),
    )


def _named_apart(trials: list[TrialRecord]) -> list[TrialRecord]:
    """Give trials of one architecture that were not trained alike titles that say how they differ."""
    first: dict[str, dict[str, object]] = {}
    named = []
    for trial in trials:
        assert trial.result is not None
        parts = without_seed(trial.result)
        if different := differing_parts(first.setdefault(trial.config.architecture, parts), parts):
            changes = {name: f"{getattr(trial.config, name)} ({different[0]})" for name in ("architecture", "title")}
            trial = replace(trial, config=trial.config.model_copy(update=changes))
        named.append(trial)
    return named

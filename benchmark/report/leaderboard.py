"""One ladder over all benchmarks of a store."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import without_seed
from benchmark.report.markdown import fill_template
from benchmark.report.render import write_pages, write_text
from benchmark.report.report_types import Leaderboard, LeaderboardGroup
from benchmark.report.summarize import summarize
from benchmark.report.wording import printable
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.training.fingerprint import differing_parts

Key = tuple[object, ...]


def summarize_store(records: Sequence[BenchmarkRecord]) -> Leaderboard:
    """Pool the finished trials of all benchmarks with the same corpus, settings and kind of processor.

    A trial that is in several benchmarks, by its fingerprint, counts once.
    """
    pooled: dict[Key, list[tuple[BenchmarkRecord, TrialRecord]]] = {}
    for record in records:
        for trial in record.finished:
            pooled.setdefault(_key(record, trial), []).append((record, trial))
    groups = [_group(found) for found in pooled.values()]
    return Leaderboard(groups=tuple(sorted(groups, key=lambda group: (-group.trials, group.title))))


def render_leaderboard(leaderboard: Leaderboard, folder: Path) -> None:
    """Write ``leaderboard.html``, ``leaderboard.md`` and ``leaderboard.csv``; the folder is made if missing."""
    charts = {
        f"ladder-{place}": draw_ladder(group.rows, group.reference, f"ladder-{place}")
        for place, group in enumerate(leaderboard.groups, 1)
    }
    markdown = fill_template("leaderboard.md.j2", charts, leaderboard=leaderboard)
    write_pages(folder, "leaderboard", markdown, charts)
    write_text(folder / "leaderboard.csv", _csv(leaderboard))


def _key(record: BenchmarkRecord, trial: TrialRecord) -> Key:
    assert trial.result is not None
    machine, config = trial.result.environment, trial.config
    processor = machine.device_name if machine.device_kind == "gpu" else machine.cpu_model
    return record.corpus.digest, config.vocabulary_size, config.max_length, config.max_reviews, processor


def _group(found: list[tuple[BenchmarkRecord, TrialRecord]]) -> LeaderboardGroup:
    trials = {trial.result.fingerprint: trial for _, trial in found if trial.result}
    record, (digest, words, length, reviews, processor) = found[0][0], _key(*found[0])
    pooled = replace(record, trials=tuple(_named_apart(list(trials.values()))), hard_reviews=(), looks=())
    report = summarize(pooled)
    settings = f"{words:,} words, {length} a review" + (f", first {reviews:,} reviews" if reviews else "")
    return LeaderboardGroup(
        title=f"{printable(record.corpus.name)} ({str(digest)[:8]}), {settings}, {printable(str(processor))}",
        benchmarks=len({one.run_id for one, _ in found}),
        trials=len(trials),
        reference=report.reference,
        rows=report.rows,
    )


def _named_apart(trials: list[TrialRecord]) -> list[TrialRecord]:
    """Give trials of one architecture that were not trained alike titles that say how they differ."""
    first: dict[str, dict[str, object]] = {}
    named = []
    for trial in trials:
        parts = without_seed(trial)
        standard = first.setdefault(trial.config.architecture, parts)
        if different := differing_parts(standard, parts):
            changes = {
                "architecture": f"{trial.config.architecture} ({different[0]})",
                "title": f"{trial.config.title} ({different[0]})",
            }
            trial = replace(trial, config=trial.config.model_copy(update=changes))
        named.append(trial)
    return named


def _csv(leaderboard: Leaderboard) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["group", "architecture", "title", "seeds", "collapsed", "accuracy", "low", "high", "verdict", "train_seconds"]
    )
    for group in leaderboard.groups:
        for row in group.rows[::-1]:
            collapsed = len(row.collapse.seeds) if row.collapse else 0
            bounds = (row.interval.low, row.interval.high)
            about = (group.title, row.architecture, row.title, len(row.seeds), collapsed)
            writer.writerow([*about, row.accuracy, *bounds, row.verdict or "", row.train_seconds])
    return text.getvalue()

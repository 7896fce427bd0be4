"""A table of published figures and what the same methods reach here, from a benchmark in the store.

python scripts/published_figures.py latest --tracking-uri sqlite:///mlflow.db
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmark.report import collect_trials
from benchmark.statistics.questions import judge_family
from benchmark.statistics.verdict import Verdict, decide
from models.references import load_references
from tracking.reader import find_run, read_benchmark
from tracking.store import open_store


@click.command()
@click.argument("run", default="latest")
@click.option("--tracking-uri")
def main(run: str, tracking_uri: str | None) -> None:
    """Judge each architecture against its own published figure; all rows are one family at 5%."""
    store = open_store(tracking_uri, None, create=False)
    record = read_benchmark(store, find_run(store, run))
    if record.not_comparable_reason:
        raise SystemExit(f"nothing to compare with: {record.not_comparable_reason}")
    margin = record.config.equivalence_margin_points / 100
    by_name = {own.name: own for own in collect_trials(record)}
    figures = {}
    for figure in load_references().figures:
        if figure.architecture in by_name:
            figures[figure.architecture] = figure

    def judge(name: str, error_rate: float) -> Verdict:
        figure, reviews = figures[name], figures[name].test_reviews
        return decide(by_name[name].counts, figure.accuracy, margin, reference_reviews=reviews, error_rate=error_rate)

    family = judge_family(judge, {name: name for name in figures})
    print(f"intervals: {1 - family.error_rate:.2%}")
    print("| published | figure | here | accuracy | difference, points | verdict | training | memory |")
    print("| --- | ---: | --- | ---: | --- | --- | ---: | ---: |")
    for name, verdict in family.verdicts.items():
        figure, own = figures[name], by_name[name]
        results = [trial.result for trial in own.trials if trial.result]
        low, high = (f"{100 * end:+.2f}" for end in verdict.interval)
        cells = (
            figure.title,
            f"{figure.accuracy:.2%}",
            f"`{own.name}`",
            f"{own.counts.median:.2%}",
            f"{100 * verdict.difference:+.2f} ({low} to {high})",
            verdict.kind,
            f"{median(result.train_seconds for result in results):.0f} s",
            f"{max(result.peak_memory_mb for result in results) / 1000:.1f} GB",
        )
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

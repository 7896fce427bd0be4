"""The tables of a comparison's results: means over the seeds, and seed by seed."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark import numbers as n
from benchmark.comparison.comparison_types import ArchitectureComparison, Comparison, QuantityComparison, SeedRow
from benchmark.comparison.quantity_words import change_words, interval_words
from benchmark.report.document import Section, TableBlock
from benchmark.report.table import Cell, Table, make_table

MOST_SEEDS_SHOWN = 50


def results_section(comparison: Comparison) -> Section:
    """Accuracy, loss, seconds and memory on both sides."""
    tables = (
        _quantity(comparison, "accuracy", "Test accuracy", n.percent, "Change, points"),
        _quantity(comparison, "loss", "Test loss, binary cross-entropy", n.decimal(4), "Change"),
        _quantity(comparison, "seconds_per_epoch", "Seconds per epoch of training", n.decimal(2), "Ratio"),
        _quantity(comparison, "peak_memory_mb", "Peak memory of the worker process", n.megabytes, "Ratio"),
    )
    return Section("results", "Results", tuple(map(TableBlock, tables)))


def _quantity(comparison: Comparison, name: str, caption: str, write: n.Write, change: str) -> Table:
    figures: list[tuple[ArchitectureComparison, QuantityComparison]] = [
        (one, getattr(one, name)) for one in comparison.architectures
    ]

    def row(one: ArchitectureComparison, figure: QuantityComparison) -> list[Cell | str]:
        return [
            one.title,
            _seed_count(figure),
            n.spread(figure.baseline, write),
            n.spread(figure.candidate, write),
            Cell(change_words(figure), mark="strong"),
            interval_words(figure),
            n.known(figure.p_value, n.p_value, n.ONE_SEED),
            n.known(figure.p_value_holm, n.p_value, n.ONE_SEED),
        ]

    columns = ["Architecture", "Seeds", "Baseline", "Candidate", change, "95% interval", "p", "p, Holm"]
    note = f"Mean over the seeds ± standard deviation. {_compared(figures)}."
    if name == "accuracy":
        note += " No difference shown does not mean equal."
    return make_table(name.replace("_", "-"), caption, columns, (row(*one) for one in figures), note=note)


def _compared(figures: Sequence[tuple[ArchitectureComparison, QuantityComparison]]) -> str:
    """How the interval was made, once where it is the same for all."""
    titles: dict[str, list[str]] = {}
    for one, figure in figures:
        titles.setdefault(figure.method, []).append(one.title)
    if len(titles) == 1:
        return f"Interval: {next(iter(titles))}"
    return "Interval: " + "; ".join(f"{n.listing(names)}: {method}" for method, names in titles.items())


def _seed_count(figure: QuantityComparison) -> str:
    before, now = figure.baseline.n, figure.candidate.n
    return n.count(before) if before == now else f"{n.count(before)} and {n.count(now)}"


def seeds_section(comparison: Comparison) -> Section:
    """Each trial beside its counterpart."""
    shown = [(one, seed) for one in comparison.architectures for seed in one.seeds]

    def row(one: ArchitectureComparison, seed: SeedRow) -> list[Cell | str]:
        before, now = seed.baseline_accuracy, seed.candidate_accuracy
        return [
            one.title,
            Cell(str(seed.seed), detail="an outlier" if seed.is_outlier else ""),
            n.known(before, n.percent, "not trained"),
            n.known(now, n.percent, "not trained"),
            "one side" if before is None or now is None else n.points(100 * (now - before)),
            n.known(seed.weights_equal, lambda equal: "equal" if equal else "different", "one side"),
            Cell(n.known(seed.baseline_run_id, n.short_id, "none"), code=True),
            Cell(n.known(seed.candidate_run_id, n.short_id, "none"), code=True),
        ]

    columns = ["Architecture", "Seed", "Baseline", "Candidate", "Change, points", "Weights"]
    columns += ["Run of the baseline", "Run of the candidate"]
    cut = len(shown) > MOST_SEEDS_SHOWN
    note = f"The first {MOST_SEEDS_SHOWN} of {n.count(len(shown))}; comparison.json has all." if cut else ""
    table = make_table(
        "seeds",
        "Test accuracy by seed",
        columns,
        (row(*one) for one in shown[:MOST_SEEDS_SHOWN]),
        words=("Weights", "Run of the baseline", "Run of the candidate"),
        note=note,
    )
    return Section("seeds", "Seed by seed", (TableBlock(table),))

"""The table at the end of a benchmark."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from benchmark.analysis.analyse import analyse
from benchmark.terminal import show_summary
from tests.support.records import make_record

RECORD = make_record(("lstm",), (7, 8, 9), accuracies={("lstm", 7): 0.5}, reviews=60)


def cells(record=RECORD) -> dict[str, str]:
    out = io.StringIO()
    show_summary(Console(file=out, width=200), analyse(record))
    head, row = [line for line in out.getvalue().splitlines() if line[:1] in "┃│"][:2]
    split = [[cell.strip() for cell in line.strip("┃│").replace("┃", "│").split("│")] for line in (head, row)]
    return dict(zip(*split, strict=True))


def test_the_standard_deviation_is_in_points_and_called_so():
    (summary,) = analyse(RECORD).architectures
    assert cells()["SD, points"] == f"{100 * summary.accuracy.sd:.2f}"


def test_a_difference_has_a_real_minus():
    assert cells()["to 88.89%"].startswith("\N{MINUS SIGN}")


@pytest.mark.parametrize(("reviews_per_second", "shown"), [(0.0, "unknown"), (500.0, "1.0")])
def test_epochs_of_one_step_have_an_unknown_time(reviews_per_second, shown):
    def timed(trial):
        epochs = [
            epoch.model_copy(update={"reviews_per_second": reviews_per_second, "train_seconds": 1.0})
            for epoch in trial.result.epochs
        ]
        return replace(trial, result=trial.result.model_copy(update={"epochs": tuple(epochs)}))

    assert cells(replace(RECORD, trials=tuple(map(timed, RECORD.trials))))["s/epoch"] == shown

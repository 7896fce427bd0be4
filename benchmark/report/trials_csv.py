"""One line a trial, every number at full precision."""

from __future__ import annotations

import csv
import io

from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.parts import TrialRow

LEFT_OUT = {"wilson", "rebuild"}
COLUMNS = (
    *(name for name in TrialRow.model_fields if name not in LEFT_OUT),
    "accuracy_low",
    "accuracy_high",
)


def render_trials_csv(analysis: Analysis) -> str:
    """Write the trials, finished or not; a number that is missing is an empty field.

    ``accuracy_low`` and ``accuracy_high`` are Wilson's 95% interval of that one trained model.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for trial in analysis.trials:
        row = trial.model_dump(exclude=LEFT_OUT)
        row["accuracy_low"] = trial.wilson.low if trial.wilson else None
        row["accuracy_high"] = trial.wilson.high if trial.wilson else None
        writer.writerow(row)
    return text.getvalue()

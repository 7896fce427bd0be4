"""Whole reports as Markdown, compared with files that were read by a person.

After an intended change: ``UPDATE_GOLDEN=1 python -m pytest tests/benchmark/report/test_golden_reports.py``, then read
the difference in git.
"""

import os
from pathlib import Path

import pytest

from benchmark.report import summarize
from benchmark.report.charts import draw_charts
from benchmark.report.markdown import fill_template
from tests.support import report_records as records

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "complete": records.complete_record,
    "one_seed": records.one_seed_record,
    "synthetic": records.synthetic_record,
    "failed_trials": records.failed_record,
    "custom_corpus": records.custom_record,
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("no_drawing")
def test_the_report_is_the_golden_one(name):
    report = summarize(CASES[name]())
    written = fill_template("report.md.j2", draw_charts(report), report=report)
    golden = GOLDEN / f"{name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")

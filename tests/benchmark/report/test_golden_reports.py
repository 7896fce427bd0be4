"""Whole reports as Markdown."""

from pathlib import Path

import pytest

from benchmark.report import summarize
from benchmark.report.charts import draw_charts
from benchmark.report.markdown import fill_template
from tests.support import report_records as records
from tests.support.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "complete": records.complete_record,
    "one_seed": records.one_seed_record,
    "synthetic": records.synthetic_record,
    "failed_trials": records.failed_record,
    "custom_corpus": records.custom_record,
    "evaluation": records.evaluation_record,
    "training_reviews": records.training_reviews_record,
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("no_drawing")
def test_the_report_is_the_golden_one(name):
    report = summarize(CASES[name]())
    written = fill_template("report.md.j2", charts=draw_charts(report), report=report)
    assert_golden(GOLDEN / f"{name}.md", written)

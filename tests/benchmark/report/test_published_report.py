import json
from pathlib import Path

import jsonschema
import pytest

from benchmark.report.published import json_schema, render_json, render_json_schema
from tests.support.report_cases import CASES, GENERATED_AT, case_analysis

PUBLISHED = Path(__file__).parents[3] / "docs" / "report.schema.json"


def test_the_published_schema_is_current():
    assert PUBLISHED.read_text(encoding="utf-8") == render_json_schema(), (
        "write it anew with: python -m benchmark.report.published > docs/report.schema.json"
    )


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("case", CASES)
def test_every_report_follows_the_schema(case):
    report = json.loads(render_json(case_analysis(case), GENERATED_AT), parse_constant=pytest.fail)
    jsonschema.Draft202012Validator(json_schema()).validate(report)
    assert report["schema_version"] == 1
    assert report["generated_at"] == GENERATED_AT


def test_a_field_that_is_not_in_the_schema_is_refused():
    report = json.loads(render_json(case_analysis("one seed"), GENERATED_AT))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate({**report, "extra": 1})

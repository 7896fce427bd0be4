"""The report as JSON, and the JSON Schema that is published for it.

``python -m benchmark.report.published > docs/report.schema.json`` writes the schema anew.
"""

from __future__ import annotations

import json
from typing import Any

from benchmark.analysis.analysis_types import ANALYSIS_SCHEMA_VERSION, Analysis


class PublishedReport(Analysis):
    """``report.json``: the analysis and the time at which it was written."""

    generated_at: str


def render_json(analysis: Analysis, generated_at: str) -> str:
    """Write everything that the report says, in the order of the schema."""
    report = PublishedReport(generated_at=generated_at, **dict(analysis))
    return json.dumps(report.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``report.json``."""
    schema = PublishedReport.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Report of a benchmark, schema version {ANALYSIS_SCHEMA_VERSION}",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def render_json_schema() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(render_json_schema(), end="")

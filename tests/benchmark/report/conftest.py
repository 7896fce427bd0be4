"""What the tests of the report share."""

import pytest

from benchmark.report import render, summarize, vega
from tests.support.report_records import complete_record


@pytest.fixture
def no_drawing(monkeypatch):
    """Charts without content, for tests that look at words and numbers: drawing takes most of the time."""
    monkeypatch.setattr(vega, "to_svg", lambda spec, name: '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A report with everything, drawn once."""
    folder = tmp_path_factory.mktemp("report")
    render(summarize(complete_record()), folder)
    return folder

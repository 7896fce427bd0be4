"""What the tests of the report share."""

import pytest

from benchmark.report import vega


@pytest.fixture
def no_drawing(monkeypatch):
    """Charts without content, for tests that look at words and numbers: drawing takes most of the time."""
    monkeypatch.setattr(vega, "to_svg", lambda spec, name: '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')

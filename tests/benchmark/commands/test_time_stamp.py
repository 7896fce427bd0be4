from datetime import UTC, datetime

import pytest

from benchmark.commands.time_stamp import time_stamp
from benchmark.errors import UserError


@pytest.mark.parametrize("chosen", [None, ""])
def test_a_page_bears_the_moment_at_which_it_is_built(chosen, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if chosen is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", chosen)
    seconds_ago = (datetime.now(UTC) - datetime.fromisoformat(time_stamp())).total_seconds()
    assert 0 <= seconds_ago < 5


def test_or_the_one_that_is_asked_for(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    assert time_stamp() == "2011-03-13T07:06:40+00:00"


@pytest.mark.parametrize("chosen", ["yesterday", "1.5", "99999999999999999999"])
def test_what_is_no_moment_is_refused_in_a_line(chosen, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", chosen)
    with pytest.raises(UserError, match="SOURCE_DATE_EPOCH"):
        time_stamp()

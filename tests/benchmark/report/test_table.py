import pytest

from benchmark.report.table import Cell, make_table


def test_the_first_column_and_those_named_hold_words_and_the_others_numbers():
    table = make_table("t", "Caption", ["Who", "How many", "Why"], [["a", "1", "so"]], words=["Why"])
    assert [column.numeric for column in table.columns] == [False, True, False]
    assert table.rows == ((Cell("a"), Cell("1"), Cell("so")),)


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="has 2 columns"):
        make_table("t", "Caption", ["Who", "How many"], [["a", "1", "2"]])

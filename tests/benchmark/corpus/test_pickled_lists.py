from __future__ import annotations

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus import pickled_lists as module
from benchmark.corpus.pickled_lists import UnexpectedPickle, read_integer_lists

number_lists = st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5), max_size=5)


def object_array(rows: list) -> np.ndarray:
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@given(rows=number_lists)
def test_lists_of_numbers_are_read_from_every_binary_protocol(protocol, rows):
    array = np.empty(len(rows), object)
    for i, row in enumerate(rows):
        array[i] = row
    assert read_integer_lists(pickle.dumps(array, protocol=protocol)) == rows


def test_long_lists_are_read_whole():
    rows = [list(range(3000)), [88_587] * 2500, [2**40]]
    assert read_integer_lists(pickle.dumps(object_array(rows), protocol=2)) == rows


def test_what_python_2_wrote_is_read():
    written = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
        b"(K\x01K\x02\x85cnumpy\ndtype\nq\x04U\x02O8K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK?tb\x89]q\x06(]q\x07(K\x01M\xe8\x03\x8a\x01\x07e]q\x08K\x05aetb."
    )
    assert [list(row) for row in pickle.loads(written)] == [[1, 1000, 7], [5]]
    assert read_integer_lists(written) == [[1, 1000, 7], [5]]


class _Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("place", ["alone", "as a row", "as a number"])
def test_a_hostile_pickle_is_refused_and_does_not_run(tmp_path, protocol, place):
    hostile = _Hostile(tmp_path / "executed")
    content = {
        "alone": hostile,
        "as a row": object_array([[1], hostile]),
        "as a number": object_array([[1, hostile]]),
    }[place]
    written = pickle.dumps(content, protocol=protocol)
    with pytest.raises(UnexpectedPickle):
        read_integer_lists(written)
    assert not (tmp_path / "executed").exists()
    pickle.loads(written)
    assert (tmp_path / "executed").exists()  # it would have run


@pytest.mark.parametrize(
    "content",
    [
        [[1]],
        object_array([(1, 2)]),
        object_array([[1.5]]),
        object_array([["word"]]),
        object_array([[True]]),
        object_array([[[1]]]),
        object_array([None]),
        np.array([1, 2]),
        {"a": 1},
        None,
    ],
    ids=repr,
)
def test_anything_but_an_array_of_lists_of_numbers_is_refused(content):
    with pytest.raises(UnexpectedPickle):
        read_integer_lists(pickle.dumps(content))


def test_a_list_named_very_often_is_not_counted_out(monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 1000)
    with pytest.raises(UnexpectedPickle, match="more than 1,000 numbers"):
        read_integer_lists(pickle.dumps(object_array([[0] * 100] * 11)))


def test_a_function_name_that_is_a_list_of_lists_of_lists_is_refused_at_once():
    nested = b"]\x94" + b"".join(b"(" + b"h" + bytes([i]) + b"h" + bytes([i]) + b"t\x94" for i in range(60))
    for instruction in (b"h\x3b\x93.", b")R."):
        with pytest.raises(UnexpectedPickle):
            read_integer_lists(b"\x80\x04" + nested + instruction)


def test_a_length_beyond_the_file_is_refused():
    with pytest.raises(UnexpectedPickle, match="cut short"):
        read_integer_lists(b"\x80\x03X" + struct.pack("<I", 2**32 - 1) + b"x.")


WRITTEN = pickle.dumps(object_array([[1, 300], [70_000]]), protocol=4)


@given(st.integers(0, len(WRITTEN) - 1))
def test_a_cut_pickle_is_refused(kept):
    with pytest.raises(UnexpectedPickle):
        read_integer_lists(WRITTEN[:kept])


@given(st.lists(st.tuples(st.integers(0, len(WRITTEN) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_pickle_gives_lists_of_numbers_or_a_refusal(changes):
    damaged = bytearray(WRITTEN)
    for position, value in changes:
        damaged[position] = value
    try:
        rows = read_integer_lists(bytes(damaged))
    except UnexpectedPickle:
        return
    assert all(type(number) is int for row in rows for number in row)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_refusal(data):
    with pytest.raises(UnexpectedPickle):
        read_integer_lists(data)

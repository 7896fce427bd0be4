"""Read lists of whole numbers out of a pickled NumPy object array, without unpickling anything.

Keras's ``imdb.npz`` keeps its ragged reviews so. A pickle is a program; this follows only the instructions that such an
array needs, imports nothing and calls nothing: a call is kept as a mere name with its arguments, and at the end only
the one shape that numpy writes is accepted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

MOST_NUMBERS = 50_000_000  # in all lists: a small pickle may name one long list very often

_ALLOWED_NAMES = (
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),  # how protocol 2 spells the bytes b"b" in numpy's arguments
)


class UnexpectedPickle(ValueError):
    """The pickle holds something else than lists of whole numbers."""


class _Name(str):
    """What an import would bring; nothing is imported."""


@dataclass
class _Call:
    """A call that is never made."""

    name: _Name
    state: Any = None


def read_integer_lists(pickle: bytes) -> list[list[int]]:
    """Read the rows of a pickled one-dimensional object array of lists of int.

    Raises
    ------
    UnexpectedPickle
        If there is anything else in it.
    """
    try:
        array = _Reader(pickle).run()
    except (IndexError, KeyError, struct.error, UnicodeDecodeError):
        raise UnexpectedPickle("the pickled array is damaged or cut short") from None
    match array:
        case _Call(name="_reconstruct", state=(_, (int(length),), _Call(name="dtype"), _, list(rows))):
            if length == len(rows) and all(type(row) is list for row in rows):
                return _checked(rows)
    raise UnexpectedPickle("the pickled array is not one of lists")


def _checked(rows: list[list[int]]) -> list[list[int]]:
    if sum(map(len, rows)) > MOST_NUMBERS:
        raise UnexpectedPickle(f"its lists have more than {MOST_NUMBERS:,} numbers")
    if not all(set(map(type, row)) <= {int} for row in rows):
        raise UnexpectedPickle("its lists hold something else than whole numbers")
    return rows


class _Reader:
    """Follows the instructions of pickle protocols 2 to 5 as far as they are needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        data, position, push = self._data, self._position, self._stack.append
        while True:
            code = data[position]
            position += 1
            if code == 0x4B:  # BININT1; with the next one, nearly all of the file
                push(data[position])
                position += 1
            elif code == 0x4D:  # BININT2
                push(data[position] | data[position + 1] << 8)
                position += 2
            elif code == 0x2E:  # STOP
                return self._stack.pop()
            else:
                self._position = position
                self._follow(code)
                position = self._position

    def _follow(self, code: int) -> None:
        stack = self._stack
        match chr(code):
            case "J":
                stack.append(self._unpack("<i"))
            case "\x8a":  # a whole number of any size; Python 2 writes its long so
                size = self._unpack("<B")
                stack.append(int.from_bytes(self._take(size), "little", signed=True))
            case "(":
                self._marks.append(len(stack))
            case "e":
                items = self._since_mark()
                self._list().extend(items)
            case "a":
                item = stack.pop()
                self._list().append(item)
            case "]":
                stack.append([])
            case ")":
                stack.append(())
            case "t":
                stack.append(tuple(self._since_mark()))
            case "\x85" | "\x86" | "\x87":
                size = code - 0x84
                items = stack[-size:]
                if len(items) < size:
                    raise IndexError
                stack[-size:] = [tuple(items)]
            case "N" | "\x88" | "\x89":
                stack.append({"N": None, "\x88": True, "\x89": False}[chr(code)])
            case "C" | "U" | "\x8c":
                stack.append(self._take(self._unpack("<B")).decode("utf-8"))
            case "B" | "X":
                stack.append(self._take(self._unpack("<I")).decode("utf-8"))
            case "q":
                self._memo[self._unpack("<B")] = stack[-1]
            case "r":
                self._memo[self._unpack("<I")] = stack[-1]
            case "\x94":
                self._memo[len(self._memo)] = stack[-1]
            case "h":
                stack.append(self._memo[self._unpack("<B")])
            case "j":
                stack.append(self._memo[self._unpack("<I")])
            case "c":
                stack.append(self._name(self._line(), self._line()))
            case "\x93":
                name, module = stack.pop(), stack.pop()
                stack.append(self._name(module, name))
            case "R":
                stack.pop()  # the arguments
                name = stack.pop()
                if not isinstance(name, _Name):
                    raise UnexpectedPickle("the pickle calls something that is not a function")
                stack.append(_Call(name))
            case "b":
                state = stack.pop()
                if not isinstance(stack[-1], _Call):
                    raise UnexpectedPickle("the pickle gives a state to something that is not an array")
                stack[-1].state = state
            case "\x80":
                if self._unpack("<B") > 5:
                    raise UnexpectedPickle("the pickle is of a protocol after 5")
            case "\x95":
                self._unpack("<Q")  # a frame's length, of no use here
            case _:
                raise UnexpectedPickle(f"the pickle holds the instruction {chr(code)!r}, which lists do not need")

    def _unpack(self, layout: str) -> int:
        (value,) = struct.unpack_from(layout, self._data, self._position)
        self._position += struct.calcsize(layout)
        return value

    def _take(self, size: int) -> bytes:
        taken = self._data[self._position : self._position + size]
        self._position += size
        if len(taken) < size:
            raise IndexError
        return taken

    def _line(self) -> str:
        end = self._data.find(b"\n", self._position)
        if end < 0:
            raise IndexError
        line = self._data[self._position : end].decode("utf-8")
        self._position = end + 1
        return line

    def _name(self, module: Any, name: Any) -> _Name:
        if not (isinstance(module, str) and isinstance(name, str)):
            raise UnexpectedPickle("the pickle asks for something without a name")
        if (module, name) not in _ALLOWED_NAMES:
            raise UnexpectedPickle(f"the pickle asks for {module[:50]}.{name[:50]}, which lists do not need")
        return _Name(name)

    def _since_mark(self) -> list[Any]:
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _list(self) -> list[Any]:
        if not isinstance(self._stack[-1], list):
            raise UnexpectedPickle("the pickle appends to something that is not a list")
        return self._stack[-1]

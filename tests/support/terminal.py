"""A command in a pseudo-terminal, and what must not be seen there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping
from pathlib import Path

COLUMNS = 80
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>])")


def run_in_terminal(words: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command with all three streams on a terminal; return its exit code and what stays on the screen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    variables = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=variables | {"TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    output = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the last process that had the terminal has ended
            break
        if not piece:
            break
        output += piece
    os.close(ours)
    return process.wait(60), screen(output.decode(errors="replace"))


def screen(output: str) -> str:
    """What stays to be read: without colours, and without the lines that were drawn over or erased."""
    lines, row = [""], 0
    for piece in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)", ESCAPE.sub(_only_moves, output)):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece.endswith("A") and piece.startswith("\x1b["):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece.startswith("\x1b["):
            lines[row] = ""
        elif piece != "\r":
            lines[row] = lines[row] + piece if lines[row].strip() else piece
    return "\n".join(line.rstrip() for line in lines)


def _only_moves(match: re.Match[str]) -> str:
    """Keep cursor up (A) and erase (K), by which a line is drawn again."""
    return match[0] if match[0].startswith("\x1b[") and match[0][-1] in "AK" else ""


def layout_faults(text: str, columns: int = COLUMNS) -> list[str]:
    """Name what may not appear: a traceback, a cut name, a line that the terminal breaks inside a word."""
    faults = ["a traceback"] if "Traceback" in text else []
    for line in text.splitlines():
        if "…" in line:
            faults.append(f"cut: {line}")
        # a path, an address or a command stays whole, to be copied
        if len(line) > columns and not re.search(r"\S{40,}|python -m benchmark|pip install", line):
            faults.append(f"{len(line)} columns: {line}")
    return faults

"""A command in a process of its own, whose output a test can wait for."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    exit_code: int
    output: str
    errors: str

    @property
    def all_output(self) -> str:
        return f"exit code {self.exit_code}\n{self.output}\n{self.errors}"


class RunningCommand:
    """A running command; it writes to files, since a pipe that is not read would block it."""

    def __init__(self, words: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._output, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            words, cwd=folder, env=environment, stdout=self._output, stderr=self._errors, stdin=subprocess.DEVNULL
        )
        self.pid = self.process.pid

    @property
    def output(self) -> str:
        return _content(self._output) + _content(self._errors)

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """Wait until it has printed a line like this, and return that line."""
        line = re.compile(f"^.*{pattern}.*\n", re.MULTILINE)

        def printed() -> re.Match[str] | None:
            ended = self.process.poll() is not None
            match = line.search(self.output)
            assert match or not ended, f"it ended without {pattern!r}:\n{self.output}"
            return match

        return wait_until(printed, lambda: f"{pattern!r} never came:\n{self.output}", seconds)[0]

    def send_signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 120) -> Ended:
        """Wait for its end; after `seconds` it is killed, and the test fails with what it printed."""
        try:
            exit_code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(self.output)
            raise
        finally:
            self.process.kill()
            self.process.wait()
            output, errors = _content(self._output), _content(self._errors)
            self._output.close()
            self._errors.close()
        return Ended(exit_code, output, errors)

    def kill(self) -> Ended:
        self.process.kill()
        return self.end()


def wait_until(look: Callable[[], T], complaint: Callable[[], str], seconds: float = 60) -> T:
    """Call `look` until it returns something true, and return that."""
    give_up = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < give_up, complaint()
        time.sleep(0.02)
    return seen


def _content(file: IO[bytes]) -> str:
    """Read all of a file without moving the position that the command writes at."""
    descriptor = file.fileno()
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

"""Why a trial cannot be trained, in one line."""

from __future__ import annotations

import re

from benchmark.errors import UserError
from models.registry import ArchitectureError

SHORT = 60  # characters: a first line that does not say much


class TrialError(Exception):
    """A trial cannot be trained or go on; the message is one line."""


def one_line(error: BaseException) -> str:
    """Return the error as one line for people; its type is named unless the message is a sentence of ours."""
    clean = re.sub(r"\x1b\[\d*m|\{\{.*?\}\}", "", str(error))  # TensorFlow's bold letters and nodes
    lines = [line.strip() for line in clean.splitlines() if line.strip()]
    text = lines[0] if lines else ""
    if len(text) < SHORT and len(lines) > 1:  # as in TensorFlow's "Graph execution error:"
        text = f"{text} {lines[1]}"
    if isinstance(error, TrialError | UserError | ArchitectureError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

"""Why a trial cannot be trained, in one line."""

from __future__ import annotations

import re

from benchmark.errors import UserError
from models.registry import ArchitectureError

SHORT = 60  # characters: a first line that does not say much


class TrialError(Exception):
    """A trial cannot be trained or go on; the message is one line."""


class NotConverged(TrialError):
    """A baseline needs more iterations on these reviews."""


def one_line(error: BaseException) -> str:
    """Return the error as one line for people; its type is named unless the message is a sentence of ours."""
    clean = re.sub(r"\x1b\[\d*m|\{\{.*?\}\}", "", str(error))  # TensorFlow's bold letters and nodes
    of_node = re.search(r"(.+)\n\s*\[\[\]\]", clean)  # its reason stands below where in the graph it is
    lines = [line.strip() for line in clean.splitlines() if line.strip()]
    text = lines[0] if lines else ""
    if of_node:
        text = of_node[1].strip()
    elif len(text) < SHORT and len(lines) > 1:
        text = f"{text} {lines[1]}"
    if isinstance(error, TrialError | UserError | ArchitectureError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

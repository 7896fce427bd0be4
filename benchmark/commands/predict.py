"""``predict``: classify texts with a registered model, from the command line, a file or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmark.commands.interruption import EXIT_DONE
from benchmark.errors import UserError
from benchmark.terminal import make_console
from tracking.explain import as_html, as_terminal_text, explain
from tracking.model_lookup import load_model
from tracking.predict import BATCH_SIZE, WRITERS, predict_stream, read_lines
from tracking.store import connect


def predict_command(
    *,
    texts: tuple[str, ...],
    model: str,
    input_file: str | None,
    output_file: str | None,
    format: str,
    batch_size: str,
    explain: bool,
    tracking_uri: str | None,
) -> int:
    """Classify every text, in order; with `explain` show which words decide instead."""
    size = _batch_size(batch_size)
    source = _texts(texts, input_file)
    loaded = load_model(connect(tracking_uri), model)
    if explain:
        return _explain(loaded, source, output_file)
    with _output(output_file) as out:
        WRITERS[format](predict_stream(loaded, _with_progress(source, input_file), size), out)
    return EXIT_DONE

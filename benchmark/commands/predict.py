"""``predict``: classify texts with a registered model, from the command line, a file or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from benchmark.errors import UserError
from benchmark.terminal import make_console
from tracking.explain import as_html, as_terminal_text, explain
from tracking.model_lookup import load_model
from tracking.predict import WRITERS, predict_stream, read_lines
from tracking.store import connect

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

EXIT_DONE = 0
LARGEST_BATCH = 1_000_000


def predict_command(
    *,
    texts: tuple[str, ...],
    model: str,
    input: str | None,
    output: str | None,
    format: str,
    batch_size: str,
    explain: bool,
    tracking_uri: str | None,
) -> int:
    """Classify every text, in order; with `explain` show which words decide instead."""
    size = _checked_batch_size(batch_size)
    lines = _texts(texts, input)
    loaded = load_model(connect(tracking_uri), model)
    try:
        if explain:
            _explain(loaded, lines, output)
        else:
            with _opened(output) as out:
                WRITERS[format](predict_stream(loaded, _with_progress(lines), size), out)
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_DONE


def _checked_batch_size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_BATCH:
        raise UserError(f"--batch-size: {text!r} is not possible; give a whole number from 1 to {LARGEST_BATCH:,}")
    return int(text)


def _texts(texts: tuple[str, ...], input_file: str | None) -> Iterable[str]:
    given = () if texts == ("",) else texts  # mlflow run passes an empty text for a parameter left empty
    if given and input_file:
        raise UserError("--input: give texts, or a file of texts, but not both")
    if given:
        return given
    if input_file is None and sys.stdin.isatty():
        raise UserError('there is no text; give one in quotes, --input FILE with one a line, or "--input -" and type')
    return read_lines(None if input_file in (None, "-") else Path(input_file))


@contextmanager
def _opened(output: str | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(output)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            yield out
        os.replace(unfinished, path)
    except OSError as error:
        raise UserError(f"--output: {output} cannot be written: {error.strerror}") from None


def _with_progress(lines: Iterable[str]) -> Iterator[str]:
    """Count texts and their rate on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.completed:,} texts, {task.speed:,.0f} a second"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(lines, total=None)


def _explain(model: PyFuncModel, lines: Iterable[str], output: str | None) -> None:
    console = make_console()
    for number, line in enumerate(lines):
        explanation = explain(model, line)
        if output is None:
            console.print(as_terminal_text(explanation))
            continue
        if number:
            raise UserError("--output: a page explains one text; give one")
        with _opened(output) as out:
            out.write(as_html(explanation))

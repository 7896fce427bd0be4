"""``predict``: classify texts with a registered model, from the command line, a file or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from benchmark.errors import UserError
from benchmark.terminal import make_console
from tracking.explain import as_html, as_terminal_text, explain
from tracking.model_lookup import check_form, load_model
from tracking.predict import BATCH_SIZE, WRITERS, predict_stream, read_lines
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
    if explain:
        _refuse_what_explain_has_no_use_for(format, size)
    check_form(model)
    lines = _texts(texts, input)
    if explain and output is not None:
        lines = _one_text(lines)
    try:
        with _opened(output) as out:  # before the seconds that a model takes, and in the end after it
            loaded = load_model(connect(tracking_uri), model)
            if explain:
                some = _explain(loaded, lines, out, as_page=output is not None)
            else:
                some = _predict(loaded, lines, size, format, out)
        if not some:
            sys.stderr.write("there was no text\n")
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_DONE


def _checked_batch_size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_BATCH:
        raise UserError(f"--batch-size: {text!r} is not possible; give a whole number from 1 to {LARGEST_BATCH:,}")
    return int(text)


def _refuse_what_explain_has_no_use_for(format: str, batch_size: int) -> None:
    if format != "table":
        raise UserError(f"--format: {format} is not possible with --explain, which writes text, or a page to --output")
    if batch_size != BATCH_SIZE:
        raise UserError("--batch-size: it has no meaning with --explain, which takes one text after the other")


def _texts(texts: tuple[str, ...], input_file: str | None) -> Iterable[str]:
    # mlflow run passes an empty text for a parameter left empty; typed in a shell it is a text
    given = () if texts == ("",) and "MLFLOW_RUN_ID" in os.environ else texts
    if given and input_file:
        raise UserError("--input: give texts, or a file of texts, but not both")
    if given:
        return given
    if input_file is None and sys.stdin.isatty():
        raise UserError('there is no text; give one in quotes, --input FILE with one a line, or "--input -" and type')
    return read_lines(None if input_file in (None, "-") else Path(input_file))


def _one_text(lines: Iterable[str]) -> list[str]:
    found = list(islice(lines, 2))
    if len(found) != 1:
        given = "there is none" if not found else "there are more"
        raise UserError(f"--output: a page explains one text, and {given}; give one")
    return found


@contextmanager
def _opened(output: str | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears when it is whole."""
    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(output)
    is_special = path.exists() and not path.is_file()  # /dev/null is to stay what it is
    unfinished = path if is_special else path.with_name(f"{path.name}.part")
    try:
        out = unfinished.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with out:
            yield out
        if not is_special:
            _put_in_place(unfinished, path)
    finally:
        if not is_special:
            unfinished.unlink(missing_ok=True)


def _put_in_place(unfinished: Path, path: Path) -> None:
    try:
        os.replace(unfinished, path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(f"--output: {path} cannot be written: {error.strerror}")


def _predict(model: PyFuncModel, lines: Iterable[str], batch_size: int, format: str, out: TextIO) -> bool:
    """Write an answer for each text, and tell whether there was one."""
    answers = predict_stream(model, _with_progress(lines), batch_size)
    first = list(islice(answers, 1))
    WRITERS[format](chain(first, answers), out)
    return bool(first)


def _with_progress(lines: Iterable[str]) -> Iterator[str]:
    """Count texts and their rate on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.completed:,} texts, {task.speed:,.0f} a second"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(lines, total=None)


def _explain(model: PyFuncModel, lines: Iterable[str], out: TextIO, *, as_page: bool) -> bool:
    """Write which words decide each text, and tell whether there was one."""
    console = make_console()
    some = False
    for line in lines:
        some = True
        explanation = explain(model, line)
        if as_page:
            out.write(as_html(explanation))
        else:
            console.print(as_terminal_text(explanation))
    return some

"""``predict``: texts through a registered model, with the words that decided."""

from __future__ import annotations

import csv
import json
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.text import Text

from benchmark.errors import UserError
from benchmark.terminal import clean, make_console, print_table, say
from tracking.models import check_model_uri, explain, load_text_model, predict
from tracking.store import open_store

if TYPE_CHECKING:
    from tracking.models import PyFuncModel

BATCH_SIZE = 2048
TEXT_WIDTH = 56  # of a text in the table
MAX_CELL = 50_000_000  # characters in a cell of a CSV file
STRONGEST_WORDS = 5
POSITIVE, NEGATIVE = "green", "dark_orange"  # different for colour-blind people too


def predict_command(
    *,
    texts: tuple[str, ...],
    model: str,
    input_file: Path | None,
    output_format: str,
    explain: bool,
    tracking_uri: str | None,
) -> int:
    """Print label and probability of each text in order; with `explain` also what each word did."""
    given = [text.encode("utf-8", "replace").decode() for text in _given_texts(texts, input_file)]
    if not given:
        raise UserError('there is no text; give one in quotes, like "a wonderful film", or --input FILE')
    store = open_store(tracking_uri)
    uri = check_model_uri(store, model)
    loaded = load_text_model(store, uri)
    try:
        if explain:
            _print_explanations(loaded, given, output_format)
        else:
            _print_predictions(loaded, uri, given, output_format)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print_predictions(model: PyFuncModel, uri: str, texts: Sequence[str], output_format: str) -> None:
    positive = model.unwrap_python_model().labels[1]
    rows = []
    for text, label, probability in _predictions(model, texts):
        if output_format == "json":
            print(json.dumps({"text": text, "label": label, "probability": round(probability, 6)}))
        else:
            rows.append((label, f"{probability:.1%}", _shortened(text)))
    if output_format == "table":
        console = make_console()
        print_table(
            console, ("label", f"probability of {positive}", "text"), rows, right=(f"probability of {positive}",)
        )
        say(console, f"by {uri}", "dim")


def _predictions(model: PyFuncModel, texts: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """Predict in batches, with a bar on standard error where that is a terminal and there is more than one batch."""
    starts = range(0, len(texts), BATCH_SIZE)
    console = Console(stderr=True)
    for start in track(
        starts, "predicting", console=console, transient=True, disable=len(starts) < 2 or not console.is_terminal
    ):
        batch = texts[start : start + BATCH_SIZE]
        answers = predict(model, batch)
        for text, label, probability in zip(batch, answers["label"], answers["probability"], strict=True):
            yield text, str(label), float(probability)


def _print_explanations(model: PyFuncModel, texts: Sequence[str], output_format: str) -> None:
    labels = model.unwrap_python_model().labels
    console = make_console()
    for text, label, probability in _predictions(model, texts):
        words = explain(model, text)
        if output_format == "json":
            effects = [[word, round(effect, 4)] for word, effect in words]
            print(json.dumps({"text": text, "label": label, "probability": round(probability, 6), "words": effects}))
            continue
        say(console, f"{label}: the probability of {labels[1]} is {probability:.1%}", "bold")
        console.print(_coloured(words))
        for index, name in ((1, labels[1]), (0, labels[0])):
            sign = 1 if index else -1
            strongest = sorted((sign * effect, word) for word, effect in words if sign * effect > 0.005)[::-1]
            listed = ", ".join(f"{word} {effect:.2f}" for effect, word in strongest[:STRONGEST_WORDS])
            say(console, f"towards {name}: {listed or 'no word'}", POSITIVE if index else NEGATIVE)
        say(console, "The numbers are changes of the log-odds.", "dim")
        console.print()


def _coloured(words: Sequence[tuple[str, float]]) -> Text:
    """Colour each word by its effect, from that of a tenth of the strongest one on."""
    strongest = max((abs(effect) for _, effect in words), default=0.0) or 1.0
    text = Text()
    for word, effect in words:
        style = "" if abs(effect) < strongest / 10 else POSITIVE if effect > 0 else NEGATIVE
        text.append(clean(word), f"{style} bold" if abs(effect) > strongest / 2 else style)
        text.append(" ")
    return text


def _given_texts(texts: Sequence[str], input_file: Path | None) -> list[str]:
    if texts and texts != ("",) and input_file is not None:
        raise UserError("--input: give texts or a file of texts, not both")
    if input_file is None:
        return [text for text in texts if text.strip()]
    try:
        content = sys.stdin.buffer.read() if str(input_file) == "-" else input_file.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"--input: {input_file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"--input: {input_file} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    match input_file.suffix.lower():
        case ".csv":
            return _texts_of_csv(input_file)
        case ".jsonl":
            return [_text_of_json(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    return [line for line in lines if line.strip()]


def _texts_of_csv(path: Path) -> list[str]:
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = list(csv.DictReader(file))
        except csv.Error as error:
            raise UserError(f"--input: {path} is no CSV file: {error}") from None
    columns = list(rows[0]) if rows else []
    if rows and "text" not in columns:
        raise UserError(f"--input: {path} has no column text, only {', '.join(map(str, columns))}; rename one to text")
    return [row["text"] or "" for row in rows]


def _text_of_json(line: str, number: int) -> str:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise UserError(f'--input: line {number} is neither {{"text": "a review"}} nor "a review"')
    return text


def _shortened(text: str) -> str:
    return textwrap.shorten(clean(text), TEXT_WIDTH, placeholder=" ...") or text[:TEXT_WIDTH]

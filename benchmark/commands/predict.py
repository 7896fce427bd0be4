"""``predict``: texts through a registered model, with the words that decided."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from benchmark.errors import UserError
from benchmark.terminal import clean, make_console, print_table, say
from models.explain import explain as effects_of_words
from tracking.models import check_model_uri, load_text_model, origin_of, predict
from tracking.store import open_store, without_surrogates

TEXT_WIDTH = 56  # of a text in the table
MAX_CELL = 50_000_000  # characters in a cell of a CSV file
STRONGEST_WORDS = 5
EFFECTS = (
    "Numbers are changes of the log-odds, for all places of a word together. Only those of a linear model add up, with "
    "its intercept, to the answer."
)
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
    given = [text for text in texts if text.strip()]
    if given and input_file is not None:
        raise UserError("--input: give texts or a file of texts, not both")
    if input_file is not None:
        given = _texts_of_file(input_file)
    if not given:
        raise UserError('there is no text; give one in quotes, like "a wonderful film", or --input FILE')
    given = [without_surrogates(text) for text in given]
    store = open_store(tracking_uri)
    uri = check_model_uri(store, model)
    text_model = load_text_model(uri)
    labels = text_model.labels
    by = ", ".join(filter(None, (f"by {uri}", origin_of(store, uri))))
    with make_console(stderr=True).status("Predicting"):
        answers = predict(text_model, given)
    console, heading = make_console(), f"probability of {labels[1]}"
    rows = []
    try:
        for text, label, probability in zip(given, answers["label"], answers["probability"].tolist(), strict=True):
            words = effects_of_words(text_model, text) if explain else []
            if output_format == "json":
                answer = {"text": text, "label": label, "probability": round(probability, 6)}
                effects = {"words": [[word, round(effect, 4)] for word, effect in words]} if explain else {}
                print(json.dumps(answer | effects))
            elif explain:
                say(console, f"{label}, with a probability of {max(probability, 1 - probability):.1%}", "bold")
                _print_words(console, words, labels)
            else:
                short = textwrap.shorten(clean(text), TEXT_WIDTH, placeholder=" ...")
                rows.append({"label": label, heading: f"{probability:.1%}", "text": short})
        if rows:
            print_table(console, rows, right=[heading])
        if output_format == "table":
            if explain:
                say(console, EFFECTS, "dim")
            for text, known_words in zip(given, answers["known_words"], strict=True):
                if not known_words:
                    say(console, f"Training saw no word of “{clean(text)[:TEXT_WIDTH]}”.", "yellow")
            say(console, by, "dim")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print_words(console: Console, words: Sequence[tuple[str, float]], labels: Sequence[str]) -> None:
    """Print the text with its words coloured, and the words that decided."""
    console.print(_coloured(words))
    sums: dict[str, float] = defaultdict(float)
    for word, effect in words:
        sums[word] += effect
    for sign, name, style in ((1, labels[1], POSITIVE), (-1, labels[0], NEGATIVE)):
        strongest = sorted((sign * effect, word) for word, effect in sums.items() if sign * effect > 0.005)[::-1]
        listed = ", ".join(f"{word} {effect:.2f}" for effect, word in strongest[:STRONGEST_WORDS])
        say(console, f"towards {name}: {listed or 'no word'}", style)
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


def _texts_of_file(path: Path) -> list[str]:
    """Read the column ``text`` of a .csv or .jsonl file, or the lines of another one."""
    try:
        content = (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"--input: {path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    lines = [line.rstrip("\n") for line in io.StringIO(content) if line.strip()]
    csv.field_size_limit(MAX_CELL)
    try:
        if path.suffix == ".csv":
            rows = list(csv.DictReader(io.StringIO(content, newline="")))
        elif path.suffix == ".jsonl":
            rows = [json.loads(line) for line in lines]
        else:
            return lines
    except (csv.Error, ValueError, RecursionError) as error:
        raise UserError(f"--input: {path} cannot be read: {error}") from None
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise UserError(f"--input: row {number} of {path} has no column text; each row needs it")
    return [row["text"] for row in rows]

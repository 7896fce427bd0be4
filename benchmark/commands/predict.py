"""``predict``: texts through a registered model, with the words that decided."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmark.corpus.table import is_table, read_frame
from benchmark.errors import UserError
from benchmark.terminal import clean, make_console, print_table, say
from tracking.models import check_model_uri, load_text_model, origin_of, predict
from tracking.store import open_store

if TYPE_CHECKING:
    from tracking.text_model import TextModel

Answers = Sequence[Any]  # rows of `tracking.models.predict`, with their texts

TEXT_WIDTH = 56  # of a text in the table
MIN_PROBABILITY = 1e-7  # keeps log-odds finite
STRONGEST_WORDS = 5
EFFECTS = "Numbers: how much the log-odds change when that word alone is left out, for all its places together."
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
    if len(given) > 1 and not any(" " in text for text in given):
        raise UserError(f'a text needs quotes: "{" ".join(given)}"; texts of one word each can come from --input FILE')
    if input_file is not None:
        given = read_texts(input_file)
    if not given:
        raise UserError('there is no text; give one in quotes, like "a wonderful film", or --input FILE')
    store = open_store(tracking_uri)
    uri = check_model_uri(store, model)
    text_model = load_text_model(uri)
    source = ", ".join(filter(None, (f"by {uri}", origin_of(store, uri))))
    show_answers(text_model, given, output_format, explain, source)
    return 0


def read_texts(path: Path) -> list[str]:
    """Read the column ``text`` of a table, or the lines of another file."""
    if is_table(path):
        table = read_frame(path)
        if list(table).count("text") != 1 or table["text"].isna().any():
            raise UserError(f"--input: {path} needs one column text, with a text in each row")
        return [str(text) for text in table["text"]]
    try:
        content = (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"--input: {path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return [line for line in re.split("[\r\n]+", content) if line.strip()]


def effects_of_words(model: TextModel, text: str) -> list[tuple[str, float]]:
    """Return every word of a text in order, with the log-odds of label 1 that are lost when it alone is left out.

    0 for a word that training never saw.
    """
    import numpy as np

    words = model.vocabulary.split(text)
    seen = [place for place, word in enumerate(words) if word in model.vocabulary]
    variants = [" ".join(words[:place] + words[place + 1 :]) for place in seen]
    probability = predict(model, [text, *variants]).probability.to_numpy(np.float64)
    inside = np.clip(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    log_odds = np.log(inside / (1 - inside))
    effects = np.zeros(len(words))
    effects[seen] = log_odds[0] - log_odds[1:]
    return list(zip(words, effects.tolist(), strict=True))


def show_answers(
    model: TextModel,
    texts: Sequence[str],
    output_format: str,
    explain: bool,
    source: str,
) -> None:
    """Print what a model says of texts.

    Parameters
    ----------
    output_format : str
        ``table``, or ``json`` for one object a line.
    source : str
        Where the model is from.
    """
    with make_console(stderr=True).status("Predicting"):
        answers: Answers = list(predict(model, texts).assign(text=texts).itertuples())
    if output_format == "json":
        _print_json(model, answers, explain)
        return
    console = make_console()
    if explain:
        _print_explained(console, model, answers)
    else:
        _print_table(console, model, answers)
    for answer in answers:
        if not answer.known_words:
            say(console, f"Training saw no word of “{clean(answer.text)[:TEXT_WIDTH]}”.", "yellow")
    say(console, source, "dim")


def _print_json(model: TextModel, answers: Answers, explain: bool) -> None:
    for answer in answers:
        row = {"text": answer.text, "label": answer.label, "probability": round(answer.probability, 6)}
        if explain:
            row["words"] = [[word, round(effect, 4)] for word, effect in effects_of_words(model, answer.text)]
        print(json.dumps(row))


def _print_table(console: Console, model: TextModel, answers: Answers) -> None:
    heading = f"probability of {model.labels[1]}"
    rows = []
    for answer in answers:
        short = textwrap.shorten(clean(answer.text), TEXT_WIDTH, placeholder=" ...")
        rows.append({"label": answer.label, heading: f"{answer.probability:.1%}", "text": short})
    print_table(console, rows, right=[heading])


def _print_explained(console: Console, model: TextModel, answers: Answers) -> None:
    """Print each text with the words that decided."""
    negative, positive = model.labels
    for answer in answers:
        probability = max(answer.probability, 1 - answer.probability)
        say(console, f"{answer.label}, with a probability of {probability:.1%}", "bold")
        say(console, answer.text)
        sums: dict[str, float] = defaultdict(float)
        for word, effect in effects_of_words(model, answer.text):
            sums[word] += effect
        for sign, label, style in ((1, positive, POSITIVE), (-1, negative, NEGATIVE)):
            effects = sorted(((sign * effect, word) for word, effect in sums.items()), reverse=True)
            strongest = [f"{word} {effect:.2f}" for effect, word in effects[:STRONGEST_WORDS] if effect > 0.005]
            say(console, f"towards {label}: {', '.join(strongest) or 'no word'}", style)
        console.print()
    say(console, EFFECTS, "dim")

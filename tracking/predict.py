"""Any number of texts through a registered model, a batch at a time, in little memory."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from benchmark.errors import UserError

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

BATCH_SIZE = 2048  # texts held at once: a few megabytes of reviews
TABLE_TEXT_WIDTH = 58


@dataclass(frozen=True)
class Prediction:
    """What a model says of a text.

    Attributes
    ----------
    label : str
        ``positive`` or ``negative``.
    probability : float
        Of being positive.
    """

    label: str
    probability: float
    text: str


def read_lines(path: Path | None) -> Iterator[str]:
    """Give the lines of a UTF-8 file, or of standard input for None, without their line ends.

    Raises
    ------
    UserError
        At once if there is no such file; later if a line is not UTF-8, with its number.
    """
    if path is None:
        return _lines(sys.stdin.buffer, "standard input")
    try:
        return _lines(path.open("rb"), str(path))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _lines(file: BinaryIO, name: str) -> Iterator[str]:
    try:
        with file:
            for number, line in enumerate(file, start=1):
                try:
                    yield line.rstrip(b"\r\n").decode("utf-8")
                except UnicodeDecodeError as error:
                    raise UserError(f"line {number} of {name} is not UTF-8 text: {error.reason}") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}") from None


def predict_stream(model: PyFuncModel, texts: Iterable[str], batch_size: int = BATCH_SIZE) -> Iterator[Prediction]:
    """Predict texts in their order; at most `batch_size` of them are held in memory.

    Parameters
    ----------
    model : mlflow.pyfunc.PyFuncModel
        As `tracking.model_lookup.load_model` gives it.
    texts : iterable of str
        Read as the predictions are taken.
    batch_size : int
        Larger batches are faster, since texts of equal length are computed together.
    """
    remaining = iter(texts)
    while batch := list(itertools.islice(remaining, batch_size)):
        answers = model.predict(batch)
        for text, label, probability in zip(batch, answers["label"], answers["probability"], strict=True):
            yield Prediction(str(label), float(probability), text)


def write_table(predictions: Iterable[Prediction], out: TextIO) -> None:
    """Write a head and a line each for people: label, probability of positive, and how the text begins."""
    out.write("label     positive  text\n")
    for prediction in predictions:
        text = " ".join(prediction.text.split())
        shown = text if len(text) <= TABLE_TEXT_WIDTH else f"{text[: TABLE_TEXT_WIDTH - 1]}…"
        out.write(f"{prediction.label:<8}  {100 * prediction.probability:7.1f}%  {shown}\n")


def write_csv(predictions: Iterable[Prediction], out: TextIO) -> None:
    """Write a header and a row for each text."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["label", "probability", "text"])
    for prediction in predictions:
        writer.writerow([prediction.label, repr(prediction.probability), prediction.text])


def write_json_lines(predictions: Iterable[Prediction], out: TextIO) -> None:
    """Write a JSON object a line for each text."""
    for prediction in predictions:
        out.write(json.dumps(asdict(prediction), ensure_ascii=False) + "\n")


WRITERS: dict[str, Callable[[Iterable[Prediction], TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "jsonl": write_json_lines,
}

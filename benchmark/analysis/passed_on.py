"""A report is passed on: it names files, not the folders and passwords of the machine that it was made on."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import PurePath

from benchmark.results import BenchmarkRecord

SOMEWHERE = "path/to"
SQLITE = "sqlite:///"
# not what follows the host in a web address
ABSOLUTE_PATH = re.compile(rf"(?:(?<![\w.:/])|(?<={SQLITE}))~?/(?:[^\s/'\"`,;:()<>]+/)+([^\s/'\"`,;:()<>]*)")
PASSWORD = re.compile(r"(://[^\s/@:]*):[^\s/]*@")


def for_passing_on(record: BenchmarkRecord) -> BenchmarkRecord:
    """Give the record with the places of this machine taken out of its corpus, command, store and failures."""
    data = file_only(record.config.data)
    words = [data if word == record.config.data else word for word in shlex.split(record.command)]
    return replace(
        record,
        config=record.config.model_copy(update={"data": data}),
        command=shlex.join(words),
        tracking_uri=address_only(record.tracking_uri),
        trials=tuple(
            trial if trial.failure is None else replace(trial, failure=files_only(trial.failure))
            for trial in record.trials
        ),
    )


def file_only(path: str) -> str:
    """``/home/me/aclImdb_v1.tar.gz`` is ``path/to/aclImdb_v1.tar.gz``; a name alone stays as it is."""
    name = PurePath(path).name
    return path if path == name else f"{SOMEWHERE}/{name}"


def files_only(text: str) -> str:
    """A sentence without the folders of its absolute paths, and without passwords; a name with a space is cut there."""
    return ABSOLUTE_PATH.sub(rf"{SOMEWHERE}/\1", PASSWORD.sub(r"\1:***@", text))


def address_only(uri: str) -> str:
    """A store's address without its password and its options, and without the folder of a SQLite file."""
    if uri.startswith(SQLITE):
        return f"{SQLITE}{file_only(uri.removeprefix(SQLITE))}"
    return PASSWORD.sub(r"\1:***@", uri.partition("?")[0])  # an option can be a password too

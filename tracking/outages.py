"""Which errors of a tracking store pass by themselves, and how to wait until they have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tracking.outbox import Outbox

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 120.0
# SQLite is in use; or, of PostgreSQL, MySQL and SQLite, another process has just written the same row, such as the
# corpus of both, which is found there the next time.
# Or, of a folder of which one file after the other was to be downloaded, nobody answered.
TEMPORARY_WORDS = (
    "database is locked",
    "UniqueViolation",
    "Duplicate entry",
    "UNIQUE constraint failed",
    "Max retries exceeded with url",
)
TEMPORARY_CODES = {"TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED", "INTERNAL_ERROR", "ABORTED"}


def is_outage(error: Exception) -> bool:
    """Whether trying again later may help: the server is away or overloaded, or another process was faster.

    A full disk, a refused request or a missing right are not.
    """
    from mlflow.exceptions import MlflowException, RestException
    from requests.exceptions import HTTPError, RequestException

    if isinstance(error, HTTPError) and error.response is not None:
        return error.response.status_code >= 500 or error.response.status_code == 429
    if isinstance(error, RequestException | ConnectionError | TimeoutError):
        return True
    if any(words in str(error) for words in TEMPORARY_WORDS):
        return True
    if isinstance(error, RestException):
        return error.error_code in TEMPORARY_CODES
    return isinstance(error, MlflowException) and str(error).startswith("API request to")


def through_outages(ask: Callable[[], Answer], patience_seconds: float = PATIENCE_SECONDS) -> Answer:
    """Ask the store something that may be asked twice, again after growing pauses while that is away.

    Raises
    ------
    UserError
        If the outage lasts longer than `patience_seconds`.
    """
    answers: list[Answer] = []
    outbox = Outbox(is_outage)
    outbox.put(lambda: answers.append(ask()))
    outbox.flush(patience_seconds)
    return answers[-1]

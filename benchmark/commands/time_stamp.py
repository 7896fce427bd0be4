"""The time stamp that a page bears: the only thing in it that depends on when it is built."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from benchmark.errors import UserError


def time_stamp() -> str:
    """Now, or ``$SOURCE_DATE_EPOCH``: with it, a page that is built again is the same to the last byte.

    Raises
    ------
    UserError
        If that variable is no moment in seconds since 1970.
    """
    chosen = os.environ.get("SOURCE_DATE_EPOCH")
    if not chosen:
        return datetime.now(UTC).isoformat(timespec="seconds")
    try:
        return datetime.fromtimestamp(int(chosen), UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        raise UserError(f"$SOURCE_DATE_EPOCH is {chosen!r}; give whole seconds since 1970, or unset it") from None

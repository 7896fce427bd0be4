"""Errors that a user can correct."""

from __future__ import annotations


class UserError(Exception):
    """What the user asked for is not possible.

    The message is one line: what was wrong, what is possible, and which option changes it. The command line prints it
    without a traceback and exits with code 2.
    """

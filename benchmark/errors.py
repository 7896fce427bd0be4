"""Errors that a user can mend, told in one line."""


class UserError(Exception):
    """Something the user asked for cannot be done.

    The message is one line: what was wrong, what is possible, which option changes it. The command line prints it
    without a traceback and exits with code 2.
    """

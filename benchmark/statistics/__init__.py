"""Intervals, tests and verdicts: pure functions on arrays. What is computed and why is in ``docs/statistics.md``."""

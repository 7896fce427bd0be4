"""Intervals, tests and verdicts on arrays."""

"""Which test reviews the trials get wrong."""

from __future__ import annotations

from benchmark.results import BenchmarkRecord


def select_hard_reviews(record: BenchmarkRecord) -> list[str]:
    """Return the ids of the reviews that the report shows with their text.

    First those that every finished trial got wrong, with most confidence first; then those on which the
    architectures disagree most. Empty where no trial finished.
    """
    raise NotImplementedError

"""Two benchmarks side by side: what changed from the baseline to the candidate, and whether that is a regression."""

from benchmark.comparison.compare import compare
from benchmark.comparison.comparison_types import Comparison, Thresholds

__all__ = ["Comparison", "Thresholds", "compare"]

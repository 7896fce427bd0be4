"""From benchmark records to reports and comparisons."""

from benchmark.report.architecture_trials import collect_trials
from benchmark.report.comparison import render_comparison, summarize_comparison
from benchmark.report.render import answer_markdown, render
from benchmark.report.reviews_page import render_reviews
from benchmark.report.summarize import summarize

__all__ = [
    "answer_markdown",
    "collect_trials",
    "render",
    "render_comparison",
    "render_reviews",
    "summarize",
    "summarize_comparison",
]

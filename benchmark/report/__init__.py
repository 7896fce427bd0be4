"""From benchmark records to reports, comparisons and leaderboards."""

from benchmark.report.comparison import render_comparison, summarize_comparison
from benchmark.report.evaluation import evaluation_note, render_evaluation, summarize_evaluation
from benchmark.report.evidence import gather
from benchmark.report.leaderboard import render_leaderboard, summarize_store
from benchmark.report.render import answer_markdown, render
from benchmark.report.reviews_page import render_reviews, texts_of
from benchmark.report.summarize import summarize

__all__ = [
    "answer_markdown",
    "evaluation_note",
    "gather",
    "render",
    "render_comparison",
    "render_evaluation",
    "render_leaderboard",
    "render_reviews",
    "summarize",
    "summarize_comparison",
    "summarize_evaluation",
    "summarize_store",
    "texts_of",
]

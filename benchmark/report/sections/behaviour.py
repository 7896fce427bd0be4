"""How the models learn and where they go wrong: curves, time, calibration, length, hard reviews."""

from __future__ import annotations

import re

from benchmark import numbers as n
from benchmark.analysis.analysis_types import Analysis
from benchmark.analysis.parts import HardReviewFacts
from benchmark.report.charts.calibration import calibration_figure
from benchmark.report.charts.learning import learning_figure
from benchmark.report.charts.review_length import review_length_figure
from benchmark.report.charts.training_time import training_time_figure
from benchmark.report.document import FigureBlock, Paragraph, Review, Reviews, Section
from benchmark.report.figure import Figure
from benchmark.report.sections.accuracy import NOTHING

LINE_BREAKS = re.compile(r"(?:\s*<br\s*/?>\s*)+")


def learning_section(analysis: Analysis) -> Section:
    about = Paragraph(
        "The last epoch's model counts, whatever its accuracy: choosing an epoch by its test accuracy would flatter it."
    )
    figures = _figures(learning_figure(analysis, "accuracy"), learning_figure(analysis, "loss"))
    return Section("learning", "Learning curves", (about, *figures) if figures else (NOTHING,))


def training_time_section(analysis: Analysis) -> Section:
    return Section("time", "Accuracy against training time", _figures(training_time_figure(analysis)) or (NOTHING,))


def calibration_section(analysis: Analysis) -> Section:
    title = {one.architecture: one.title for one in analysis.verdicts}
    errors = n.listing(
        [f"{n.percent(one.expected_calibration_error)} for {title[one.architecture]}" for one in analysis.calibration]
    )
    about = Paragraph(
        "The expected calibration error is the mean distance of what a model says from what is so, over its "
        f"predictions: {errors}."
    )
    figures = _figures(calibration_figure(analysis))
    return Section("calibration", "Calibration", (about, *figures) if figures else (NOTHING,))


def review_length_section(analysis: Analysis) -> Section:
    return Section("length", "Accuracy by length of the review", _figures(review_length_figure(analysis)) or (NOTHING,))


def errors_section(analysis: Analysis) -> Section:
    """The reviews that every trial gets wrong with most confidence."""
    if not analysis.test_reviews:
        return Section("errors", "Error analysis", (NOTHING,))
    right, wrong, total = analysis.reviews_all_right, analysis.reviews_all_wrong, analysis.test_reviews
    about = Paragraph(
        f"Of {n.count(total)} test reviews, every finished trial gets {n.count(right)} ({n.percent(right / total)}) "
        f"right and {n.count(wrong)} ({n.percent(wrong / total)}) wrong; on the others they disagree."
    )
    if not analysis.hard_reviews:
        return Section("errors", "Error analysis", (about,))
    shown = Paragraph("Wrong in every trial, those with most confidence first. The texts are the reviewers' own.")
    return Section("errors", "Error analysis", (about, shown, Reviews(tuple(map(_review, analysis.hard_reviews)))))


def _review(review: HardReviewFacts) -> Review:
    of_positive = review.mean_probability
    facts = f"labelled {review.label}; mean probability of being positive {n.percent(of_positive)}; "
    facts += n.plural(review.words, "word")
    return Review(review.review_id, facts, None if review.text is None else _with_lines(review.text))


def _with_lines(text: str) -> str:
    """The corpus marks the reviewers' line breaks with ``<br />``; two of them part paragraphs."""
    return LINE_BREAKS.sub(lambda breaks: "\n" if breaks[0].count("<br") == 1 else "\n\n", text).strip()


def _figures(*figures: Figure | None) -> tuple[FigureBlock, ...]:
    return tuple(FigureBlock(figure) for figure in figures if figure)

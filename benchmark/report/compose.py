"""From an analysis to the document that HTML and Markdown render."""

from __future__ import annotations

from benchmark.analysis.analysis_types import Analysis
from benchmark.report.charts.accuracy import accuracy_figure
from benchmark.report.document import Document
from benchmark.report.sections import accuracy, behaviour, comparisons, opening, provenance, trials


def compose(analysis: Analysis, generated_at: str) -> Document:
    """Put the report together: the answer first, what limits it last.

    Parameters
    ----------
    generated_at : str
        The time stamp that the report bears; nothing else in it depends on when it is built.
    """
    return Document(
        title=opening.title(analysis),
        byline=opening.byline(analysis),
        banners=opening.banners(analysis),
        headlines=analysis.headlines,
        answers=opening.answers(analysis),
        hero=accuracy_figure(analysis),
        sections=(
            accuracy.results_section(analysis),
            accuracy.paper_section(analysis),
            accuracy.tutorial_section(analysis),
            behaviour.learning_section(analysis),
            behaviour.training_time_section(analysis),
            behaviour.calibration_section(analysis),
            behaviour.review_length_section(analysis),
            comparisons.pairs_section(analysis),
            comparisons.control_section(analysis),
            trials.trials_section(analysis),
            trials.cost_section(analysis),
            behaviour.errors_section(analysis),
            provenance.provenance_section(analysis),
            provenance.rebuild_section(analysis),
            provenance.method_section(analysis),
            provenance.caveats_section(analysis),
        ),
        caveats=len(analysis.caveats),
        colophon="The same numbers are in report.html, report.md, report.json and trials.csv; the charts are in "
        "charts/ as SVG and PNG.",
        generated_at=generated_at,
    )

"""Stored models on other reviews, beside the reviews that they were tested on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmark.report.charts import draw_ladder
from benchmark.report.markdown import table_markdown
from benchmark.report.render import write_pages
from benchmark.report.report_types import Evaluation, Report
from benchmark.report.summarize import summarize
from benchmark.report.tables import evaluation_table
from benchmark.results import BenchmarkRecord
from benchmark.wording import escape, percent, percent_interval, plural


def summarize_evaluation(before: BenchmarkRecord, now: BenchmarkRecord) -> Evaluation:
    """Compare the ladder on the new reviews with that on the old.

    Parameters
    ----------
    before, now : BenchmarkRecord
        The same trials with their predictions on the old reviews and on the new ones.
    """
    old, new = summarize(before), summarize(now)
    answer = [_best_sentence(old, new)]
    if old.pairs:
        answer.append(_order_sentence(old, new))
    return Evaluation(old, new, answer)


def render_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write ``evaluation.html`` and ``evaluation.md``; the folder is made where it is missing."""
    rows = []
    for row in evaluation.now.rows:
        before = evaluation.before.row_of(row.architecture)
        rows.append(row.model_copy(update={"published_accuracy": before.accuracy}))
    write_pages(folder, "evaluation", {"ladder": draw_ladder(rows)}, evaluation=evaluation)


def evaluation_note(evaluation: Evaluation) -> str:
    """Return the answer as Markdown: the description of the evaluation's MLflow run."""
    table = table_markdown(evaluation_table(evaluation))
    return "\n\n".join([*map(escape, evaluation.answer), table])


def _best_sentence(before: Report, now: Report) -> str:
    results = []
    for report in (now, before):
        best = report.rows[0]
        results.append(
            f"on {report.corpus.title}: {best.title}, {percent(best.accuracy)} ({percent_interval(best.interval)})"
        )
    first = "Best" if len(now.rows) > 1 else "Accuracy"
    return f"{first} {'; '.join(results)}."


def _order_sentence(before: Report, now: Report) -> str:
    """Say how many of the differences that the old reviews show are shown by the new ones."""
    shown = [pair for pair in before.pairs if pair.kind == "above"]
    if not shown:
        return f"On {before.corpus.title} no difference between the architectures is shown."
    kinds: Counter[str] = Counter()
    for pair in shown:
        same = now.pair(pair.first, pair.second)
        kinds[same.kind if same else "undecided"] += 1
    return (
        f"Of {plural(len(shown), 'difference')} between architectures shown on {before.corpus.title}: "
        f"{kinds['above']} shown on {now.corpus.title} too, {kinds['below']} reversed, "
        f"{kinds['equivalent']} equivalent, {kinds['undecided']} not shown."
    )

"""Stored models on other reviews, beside the reviews that they were tested on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from benchmark.report.charts import draw_ladder
from benchmark.report.evidence import gather
from benchmark.report.fill import fill_template
from benchmark.report.markdown import table_markdown
from benchmark.report.render import to_json, write_pages, write_text
from benchmark.report.report_types import Evaluation, Report, find_pair
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
    gathered = gather(now)
    old, new = summarize(before), summarize(now, gathered)
    answer = [_best_sentence(old, new)]
    if old.pairs:
        answer.append(_order_sentence(old, new))
    whole_groups = {}
    if now.corpus.groups:
        for evidence in gathered.distinct:
            all_right = evidence.counts.right == evidence.counts.reviews
            whole_groups[evidence.architecture] = float(np.median(all_right.mean(axis=1)))
    return Evaluation(before=old, now=new, answer=tuple(answer), whole_groups=whole_groups)


def render_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write ``evaluation.html``, ``evaluation.md`` and ``evaluation.json``; the folder is made where it is missing."""
    before = {row.architecture: row.accuracy for row in evaluation.before.rows}
    rows = []
    for row in evaluation.now.rows:
        rows.append(row.model_copy(update={"published_accuracy": before[row.architecture]}))
    charts = {"ladder": draw_ladder(rows, None, "ladder", margin_points=0)}
    write_pages(folder, "evaluation", fill_template("evaluation.md.j2", charts, evaluation=evaluation), charts)
    write_text(folder / "evaluation.json", to_json(evaluation))


def evaluation_note(evaluation: Evaluation) -> str:
    """Return the answer as Markdown: the description of the evaluation's MLflow run."""
    return "\n\n".join([*map(escape, evaluation.answer), table_markdown(evaluation_table(evaluation))])


def _best_sentence(before: Report, now: Report) -> str:
    results = []
    for report in (now, before):
        best = report.rows[-1]
        results.append(f"{best.title}, {percent(best.accuracy)} ({percent_interval(best.interval)})")
    first = "Best" if len(now.rows) > 1 else "Accuracy"
    return f"{first} on {now.corpus.name}: {results[0]}; on {before.corpus.name}: {results[1]}."


def _order_sentence(before: Report, now: Report) -> str:
    """Say how many of the differences that the old reviews show are shown by the new ones."""
    shown = [pair for pair in before.pairs if pair.kind == "better"]
    if not shown:
        return f"On {before.corpus.name} no difference between the architectures is shown."
    kinds: Counter[str] = Counter()
    for pair in shown:
        now_pair = find_pair(now.pairs, pair.first, pair.second)
        kinds[now_pair.kind if now_pair else ""] += 1
    others = len(shown) - kinds["better"] - kinds["worse"] - kinds["equivalent"]
    return (
        f"Of {plural(len(shown), 'difference')} between architectures shown on {before.corpus.name}: "
        f"{kinds['better']} shown on {now.corpus.name} too, {kinds['worse']} reversed, "
        f"{kinds['equivalent']} equivalent, {others} not shown."
    )

"""From a benchmark record to the numbers and sentences of its report."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.report.answer import answer_sentences, next_seeds, note_sentences
from benchmark.report.architecture_trials import ArchitectureTrials, collect_trials, share_right, with_both_labels
from benchmark.report.ladder import make_rows, make_trial_row, rules_of
from benchmark.report.lengths import group_by_length
from benchmark.report.questions import ALL_SEQUENCE_MODELS, ask_questions, average_trainings
from benchmark.report.report_types import Report
from benchmark.report.training_reviews import grow
from benchmark.results import BenchmarkRecord, with_most_reviews


def summarize(record: BenchmarkRecord, architectures: Sequence[ArchitectureTrials] | None = None) -> Report:
    """Compute all that the report says; the same record gives the same report.

    Parameters
    ----------
    architectures : sequence of ArchitectureTrials, optional
        What `collect_trials` makes of the record, where the caller has it already.
    """
    ladder = architectures or collect_trials(record)
    rules = rules_of(record)
    together = average_trainings(ladder, rules)
    reviews = ladder[0].counts.reviews.tolist() if ladder else []  # in each group
    compared = with_both_labels(ladder)
    right = share_right(compared)
    computed = {
        "drawn_reviews": with_most_reviews(record.trials)[0].config.train_reviews,
        "finished_trials": len(record.finished),
        "interval_level": 1 - rules.error_rate,
        "rows": [*make_rows(ladder, rules, together, grow(record, rules))],
        "questions": [*ask_questions(ladder, rules)],
        "all_sequence_models": together.get(ALL_SEQUENCE_MODELS),
        "test_reviews": sum(reviews),
        "sample": len(reviews),
        "all_right": (right == 1).sum(),
        "all_wrong": (right == 0).sum(),
        "lengths": [*group_by_length(compared, record.config.max_length)],
        "trials": [*map(make_trial_row, record.trials)],
        "notes": [*note_sentences(record, ladder)],
    }
    if rules.published:
        computed |= {"reference": rules.published.paper, "figures": rules.published.figures}
    report = Report(**vars(record) | computed)
    advice, next_command = next_seeds(report, record)
    answer = (*answer_sentences(report), *advice)
    return report.model_copy(update={"answer": answer, "next_command": next_command})

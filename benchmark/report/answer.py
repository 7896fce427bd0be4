"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from benchmark.config import LOOKS
from benchmark.report.architecture_trials import ArchitectureTrials
from benchmark.report.questions import Answer, Question
from benchmark.report.report_types import PAPER, Report
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.variance import small_sample
from benchmark.statistics.verdict import Verdict, VerdictKind
from benchmark.wording import (
    duration,
    listing,
    percent,
    percent_interval,
    plural,
    points,
    points_interval,
)
from models.registry import control_of, yardstick

QUESTION = "Do sequence models beat a bag of words?"


def answer_sentences(report: Report) -> Iterator[str]:
    """Say whether sequence models beat a bag of words, how the best stands, and what the trainings do together."""
    if report.synthetic:
        yield "Synthetic reviews: the figures show that the benchmark runs, and nothing about architectures on IMDB."
    if not report.rows:
        yield "No trial finished, so there is no result."
        return
    models = report.question("bag of words")
    if models:
        yield f"{QUESTION} {_beats_bag_of_words(models, report)}"
    yield _best(report)
    yield from _papers_method(report)
    others = report.question("best")
    if others and not (models and len(report.compared) == 2):  # the same two
        yield _beats_others(others, report)
    if models:
        yield from _together(models, report)
    yield from _reviews_needed(report)
    if report.corpus.held_out:
        yield "Held out: the test reviews are a part of the training split, and compare with no published figure."
    if report.part_of_corpus and not report.synthetic:
        yield f"Trained on a part of the corpus: {report.part_of_corpus}."


def next_seeds(report: Report, record: BenchmarkRecord) -> tuple[list[str], str | None]:
    """Say how many more seeds would decide what is open, and the command; nothing where no planned look is left."""
    no_look_left = record.config.until_decided or len(record.looks) >= len(LOOKS) - 1
    own_seeds = record.config.names != [*record.config.architectures]  # `--seeds` adds none to these
    if record.evaluation or no_look_left or not record.complete or own_seeds:
        return [], None
    still_open = ""
    for question in report.questions:
        seeds = {answer.more_seeds: answer for answer in reversed(question.answers) if answer.more_seeds}
        if seeds:
            more = min(seeds)
            title = report.titles[seeds[more].architecture]
            first = max(report.config.seeds) + 1
            command = f"python -m benchmark run --resume {report.run_id[:8]} --seeds {first}-{first + more - 1}"
            time = duration(more * _seconds_a_seed(report))
            advice = f"About {plural(more, 'more seed')}, {time}, would decide {title} against {question.other}."
            return [still_open + advice], command
        if not still_open and _of_kind(question, "undecided"):
            still_open = f"Seeds alone would not decide what is open against {question.other}. "
    return [], None


def _seconds_a_seed(report: Report) -> float:
    """Time of one more seed of every architecture that has seeds."""
    seconds = 0.0
    for row in report.rows:
        if not row.deterministic:
            seconds += median(trial.wall_seconds or 0.0 for trial in row.trials)
    return seconds / report.environment.trials_at_once


def _beats_bag_of_words(question: Question, report: Report) -> str:
    """Count those that do and name the best, or else those that are open, or else name the best."""
    above, undecided = _of_kind(question, "above"), _of_kind(question, "undecided")
    answer = (above or undecided or question.answers)[0]
    starts = {
        "above": "Yes",
        "undecided": "Not decided",
        "equivalent": f"Equivalent within ±{points(report.config.equivalence_margin_points)}",
        "below": "No",
    }
    start = starts[answer.kind]
    if len(question.answers) > 1 and (above or undecided):
        start += f" for {len(above or undecided)} of {len(question.answers)}"
    title = report.titles[answer.architecture]
    return f"{start}: {title} is {_place(answer, question.other)}{_warning(answer)}."


def _best(report: Report) -> str:
    best = report.rows[0]
    if best.one_label:
        return f"None is above the {percent(best.accuracy)} of one label for every review, so there is no best."

    sentence = f"{best.title}, {percent(best.accuracy)}"
    if len(report.rows) > 1:
        sentence = f"Best: {sentence}"
    answer = report.against_reference(best.architecture)
    if report.reference is None or answer is None:
        return f"{sentence} ({percent_interval(best.interval)})."
    place = _place(answer, f"the {percent(report.reference.accuracy)} of {PAPER}")
    if answer.result in ("undecided", "equivalent"):
        return f"{sentence}, {place}: {answer.result}."
    return f"{sentence}, {place}{_warning(answer)}."


def _papers_method(report: Report) -> Iterator[str]:
    """Say what the paper's own method has here, beside its figures."""
    forms = []
    for figure in report.figures:
        if figure.papers_method and figure.architecture in report.titles:
            accuracy = percent(report.row_of(figure.architecture).accuracy)
            forms.append(f"{figure.papers_method} {accuracy} (published: {percent(figure.accuracy)})")
    if forms:
        yield f"The paper's own method, trained here: {listing(forms)}."


def _beats_others(question: Question, report: Report) -> str:
    """Count the others that the best beats, and the other results; a single one is named."""
    number = len(question.answers)
    if number == 1:
        (answer,) = question.answers
        return f"{question.other} against {report.titles[answer.architecture]}: {answer.result}."
    results = Counter(answer.result for answer in question.answers)
    beaten = results.pop("above", 0)
    clauses = [f"{question.other} beats {beaten or 'none'} of the {number} others"]
    for result, architectures in results.items():
        clauses.append(f"{result}: {architectures}")
    return "; ".join(clauses) + "."


def _together(question: Question, report: Report) -> Iterator[str]:
    """Name the best average that is above the bag of words where a single training is not shown to be."""
    averages = []
    for answer in question.answers:
        row = report.row_of(answer.architecture)
        if row.together and answer.kind != "above":
            name = f"the {len(row.trials)} trainings of {row.title}"
            averages.append((row.together, name, f"a typical single one has {percent(row.accuracy)}, and "))
    if report.all_sequence_models and not _of_kind(question, "above"):
        averages.append((report.all_sequence_models, f"the {len(question.answers)} sequence models", ""))
    if averages:
        average, name, single = max(averages, key=lambda found: found[0].accuracy)
        if average.verdict and average.verdict.kind == "above":
            has = f"{percent(average.accuracy)}, {_place(average.verdict, question.other)}"
            yield f"As one model, {name} together have {has}; {single}other trainings may differ."


def _reviews_needed(report: Report) -> Iterator[str]:
    """Say between which numbers of training reviews each passes the bag of words that is trained on as many."""
    clauses = []
    for row in report.rows:
        kinds = {size.reviews: size.verdict.kind for size in row.sizes if size.verdict}
        below = [reviews for reviews, kind in kinds.items() if kind == "below"]
        not_above = [reviews for reviews, kind in kinds.items() if kind != "above"]
        above = [reviews for reviews in kinds if reviews > max(not_above, default=0)]  # from here on
        if above and below:
            clauses.append(f"{row.title} passes it between {below[-1]:,} and {above[0]:,}")
        elif above:
            clauses.append(f"{row.title} is above it from {above[0]:,} on")
        elif kinds:
            most = max(kinds)
            clauses.append(f"{row.title} is {kinds[most]} with {most:,}")
    if clauses:
        simple = report.row_of(yardstick()).title
        yield f"Against {simple}, by the number of training reviews: {'; '.join(clauses)}."


def _of_kind(question: Question, kind: VerdictKind) -> list[Answer]:
    """The answers of a kind, the best architecture first."""
    return [answer for answer in question.answers if answer.kind == kind]


def _place(verdict: Verdict, other: str) -> str:
    """``0.50 points above Bag of words + SVM (+0.20 to +1.20)``."""
    side = "above" if verdict.difference >= 0 else "below"
    return f"{points(verdict.difference_points)} {side} {other} ({points_interval(verdict.interval)})"


def _warning(answer: Answer) -> str:
    """What one seed shows: nothing of the others."""
    if not answer.one_seed:
        return ""
    if answer.interval.contains(0):
        return "; other seeds may differ"
    return f"; this model is {'above' if answer.difference > 0 else 'below'}, other seeds may differ"


def note_sentences(record: BenchmarkRecord, ladder: Sequence[ArchitectureTrials]) -> Iterator[str]:
    """Say what weakens the answer, where trials come from, and whether the benchmark's own control held."""
    if record.evaluation:
        left_out = record.evaluation.reviews_left_out
        if left_out is None:
            yield "The corpus of the training is not in the cache: it may hold some of these reviews."
        elif left_out:
            yield f"Left out: {plural(left_out, 'review')} that the models were trained on."
    if len(record.finished) < len(record.trials):
        yield f"{len(record.finished)} of {plural(len(record.trials), 'trial')} finished."
    if record.looks and (not record.config.until_decided or len(record.looks) >= len(LOOKS)):
        seen = listing([plural(look, "seed") for look in record.looks], "and with")
        effect = f"the error rate is that of {len(LOOKS)} looks"
        if len(record.looks) >= len(LOOKS):
            effect = "the intervals no longer hold"
        yield f"Seeds were added after a look at the result with {seen}: {effect}."
    for row in ladder:
        if row.one_label and row.trials[0].config.kind == "network":
            yield f"{row.title} gives every review one label: it learned nothing, and no question is about it."
    if ladder and small_sample(ladder[0].counts):
        reviews = ladder[0].counts.reviews
        size = plural(int(reviews.sum()), "review")
        if record.corpus.groups:
            size += f" of {plural(len(reviews), record.corpus.group_name)}"
        yield f"The test split is small ({size}): its intervals are rough."
    trained_in = [trial.trained_in[:8] for trial in record.finished if trial.trained_in]
    if trained_in:
        taken = f"{len(trained_in)} of {plural(len(record.finished), 'trial')}"
        yield f"From the store: {taken}, trained and timed in benchmark {listing(sorted(set(trained_in)))}."
    for name, trials in record.by_architecture.items():
        controlled = record.by_architecture.get(control_of(name) or "", [])
        yield from _sanity_check(controlled, trials)


def _sanity_check(controlled: Sequence[TrialRecord], control: Sequence[TrialRecord]) -> Iterator[str]:
    """Say whether the same network ended with the same weights; nothing where no two trainings are alike."""
    expected, found = _weights(controlled), _weights(control)
    same = [expected[training] == found[training] for training in expected.keys() & found.keys()]
    if same:
        both = f"{controlled[0].config.title} and {control[0].config.title}"
        outcome = "passed" if all(same) else "FAILED"
        weights = "the same weights" if all(same) else "different weights"
        yield f"Sanity check {outcome}: {both} ended with {weights} for the seeds that they share, and have one row."


def _weights(trials: Sequence[TrialRecord]) -> dict[object, str]:
    """Hash of the weights by what decides them in a benchmark: the seed, the machine and the versions."""
    weights: dict[object, str] = {}
    for trial in trials:
        if trial.result:
            machine = trial.result.environment
            training = trial.config.seed, machine.processor("network"), machine.threads, *machine.versions.items()
            weights[training] = trial.result.weights_sha256
    return weights

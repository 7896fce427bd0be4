"""The planned questions of a benchmark, and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from numpy.typing import ArrayLike

from benchmark.config import LOOKS, Settings
from benchmark.report.architecture_trials import ArchitectureTrials, with_both_labels
from benchmark.report.ladder import Measured, Rules
from benchmark.statistics.intervals import typical_interval
from benchmark.statistics.looks import more_seeds_to_decide
from benchmark.statistics.questions import Judge, judge_family
from benchmark.statistics.trainings import together
from benchmark.statistics.variance import ERROR_RATE, Floats, RightCounts
from benchmark.statistics.verdict import Verdict, compare, decide
from benchmark.wording import percent, plural
from models.registry import yardstick

ALL_SEQUENCE_MODELS = "all sequence models"

QuestionKind = Literal["bag of words", "reference", "best"]


@dataclass(frozen=True)
class Answer(Verdict):
    """One architecture against what its question names; of the best one, the best against this one.

    Attributes
    ----------
    above : str
        How many of its trainings are above the other side; empty for the best, and without seeds.
    more_seeds : int or None
        About how many would decide what is undecided; None where seeds alone would not.
    """

    architecture: str
    above: str
    more_seeds: int | None

    @property
    def outlook(self) -> str:
        """The result, and of an open one how many seeds would decide it."""
        if self.result != "undecided":
            return self.result
        if self.more_seeds:
            return f"undecided, about {plural(self.more_seeds, 'more seed')}"
        return "undecided, also with 100 seeds"


class Question(Settings):
    """One family of verdicts, which is wrong anywhere as rarely as the error rate says."""

    kind: QuestionKind
    other: str  # what is compared with: a title, or a published accuracy
    other_architecture: str | None
    interval_level: float  # of each answer
    answers: tuple[Answer, ...]  # in the order of the ladder


def ask_questions(ladder: Sequence[ArchitectureTrials], rules: Rules) -> Iterator[Question]:
    """Ask what a benchmark is for: sequence models and the bag of words, all and the reference, the best and others.

    What gives every review one label is not asked about.
    """
    compared = with_both_labels(ladder)
    simple = bag_of_words(compared)
    models = [architecture for architecture in compared if architecture.sequence_model]
    if simple and models:
        judge = partial(compare, second=simple.counts, margin=rules.margin)
        yield _question("bag of words", models, judge, rules, simple)
    if rules.published and compared:
        paper = rules.published.paper
        judge = partial(decide, reference=paper.accuracy, margin=rules.margin, reference_reviews=paper.test_reviews)
        yield _question("reference", compared, judge, rules)
    if len(compared) > 1 and not ladder[0].one_label:
        best, *others = compared
        judge = partial(compare, best.counts, margin=rules.margin)
        yield _question("best", others, judge, rules, best)


def _trainings_above(accuracies: Floats, bar: float) -> str:
    """``7 of 10 trainings above (35 to 93%)``, with the interval of all seeds (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    trainings = binomtest(int((accuracies > bar).sum()), len(accuracies))
    low, high = trainings.proportion_ci()
    return f"{trainings.k} of {trainings.n} trainings above ({100 * low:.0f} to {100 * high:.0f}%)"


def average_trainings(ladder: Sequence[ArchitectureTrials], rules: Rules) -> dict[str, Measured]:
    """Take the seeds of each network, and all sequence models, as one model; those on the bag of words are one family.

    Of all sequence models each architecture counts alike, whatever the number of its seeds.
    """
    averages = {}
    for architecture in ladder:
        if len(architecture.trials) > 1:
            averages[architecture.name] = _together(architecture, architecture.probability)
    models = [architecture for architecture in with_both_labels(ladder) if architecture.sequence_model]
    if len(models) > 1:
        typical = [architecture.probability.mean(axis=0, dtype=float) for architecture in models]
        averages[ALL_SEQUENCE_MODELS] = _together(models[0], typical)

    verdicts = {}
    simple = bag_of_words(ladder)
    if simple:
        judge = partial(compare, second=simple.counts, margin=rules.margin)
        verdicts = judge_family(judge, averages, rules.error_rate).verdicts
    found = {}
    for name, counts in averages.items():
        found[name] = Measured(counts.median, typical_interval(counts, rules.error_rate), verdicts.get(name))
    return found


def _together(architecture: ArchitectureTrials, probability: ArrayLike) -> RightCounts:
    return together(architecture.predictions.label, probability, architecture.predictions.group)


def bag_of_words(ladder: Sequence[ArchitectureTrials]) -> ArchitectureTrials | None:
    """Return the bag of words, if it is in the ladder."""
    return next((architecture for architecture in ladder if architecture.name == yardstick()), None)


def _question(
    kind: QuestionKind,
    asked: Sequence[ArchitectureTrials],
    judge: Judge,
    rules: Rules,
    other: ArchitectureTrials | None = None,
) -> Question:
    """Answer for each architecture; without another one it is compared with the paper.

    Its trainings are not counted beside the best, which has trainings too.
    """
    if other:
        title, bar = other.title, other.counts.median
    else:
        bar = rules.published.paper.accuracy if rules.published else 0.0
        title = percent(bar)
    sides = {architecture.name: architecture.counts for architecture in asked}
    family = judge_family(judge, sides, rules.error_rate, picked=kind == "best")
    # seeds that are added after this look share the error rate among all looks
    next_error_rate = family.error_rate / rules.error_rate * ERROR_RATE / len(LOOKS)
    answers = []
    for name, counts in sides.items():
        verdict = family.verdicts[name]
        above, more_seeds = "", None
        if kind != "best" and len(counts.right) > 1:
            above = _trainings_above(counts.accuracies, bar)
        if verdict.kind == "undecided":
            more_seeds = more_seeds_to_decide(
                verdict, counts, other.counts if other else None, rules.margin, error_rate=next_error_rate
            )
        answers.append(Answer(**vars(verdict), architecture=name, above=above, more_seeds=more_seeds))
    return Question(
        kind=kind,
        other=title,
        other_architecture=other.name if other else None,
        interval_level=1 - family.error_rate,
        answers=tuple(answers),
    )

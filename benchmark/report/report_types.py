"""The numbers of a report and of a comparison; accuracies and their differences are fractions."""

from __future__ import annotations

from operator import attrgetter

from benchmark.config import BenchmarkConfig, Settings
from benchmark.corpus.facts import CorpusFacts
from benchmark.report.ladder import LadderRow, Measured, TrialRow
from benchmark.report.lengths import LengthGroup
from benchmark.report.questions import Answer, Question, QuestionKind
from benchmark.results import Environment, Evaluation
from benchmark.statistics.changes import Change
from benchmark.wording import plural
from models.references import PublishedFigure

PAPER = "Maas et al. 2011"
LOPSIDED = 3  # in `report.md.j2` in words


class Report(Settings):
    """All that the report of one benchmark says: the content of ``report.json``."""

    run_id: str
    name: str
    started_at: str
    command: str
    config: BenchmarkConfig
    corpus: CorpusFacts
    drawn_reviews: int | None  # for each seed; None where each trains on the first reviews, or on all
    environment: Environment
    finished_trials: int
    interval_level: float  # of a row: 0.95; more where the error rate is shared among looks
    rows: tuple[LadderRow, ...]  # from the highest accuracy to the lowest
    questions: tuple[Question, ...]
    all_sequence_models: Measured | None  # where there are several
    test_reviews: int
    sample: int  # independent test reviews, or groups of them
    all_right: int  # in every trial, of the architectures that do not give one label only
    all_wrong: int
    lengths: tuple[LengthGroup, ...]
    trials: tuple[TrialRow, ...]
    evaluation: Evaluation | None  # where stored models answered to other reviews
    notes: tuple[str, ...]  # what weakens the answer, and the sanity check
    reference: PublishedFigure | None = None  # the paper's
    figures: tuple[PublishedFigure, ...] = ()
    answer: tuple[str, ...] = ()  # plain sentences, made of all above
    next_command: str | None = None  # that would decide what is open

    @property
    def trained_on(self) -> CorpusFacts:
        """The corpus of the training, which may not be that of the test."""
        return self.evaluation.trained_on if self.evaluation else self.corpus

    @property
    def part_of_corpus(self) -> str | None:
        """Which training reviews were used; None for all."""
        there, limit = self.trained_on.train_reviews, self.config.max_reviews
        reviews = plural(there, "training review")
        if self.drawn_reviews:
            return f"{self.drawn_reviews:,} of {reviews}, drawn for each seed"
        if limit and limit < there:
            return f"the first {limit:,} of {reviews}"
        return None

    @property
    def synthetic(self) -> bool:
        """Whether the models were trained or tested on synthetic reviews."""
        return "synthetic" in (self.corpus.kind, self.trained_on.kind)

    @property
    def verdict(self) -> str:
        """That on the best row, which was picked from a family that holds together; "none" without a reference."""
        answer = self.against_reference(self.rows[0].architecture) if self.rows else None
        return answer.kind if answer else "none"

    def question(self, kind: QuestionKind) -> Question | None:
        """Return one of the planned questions; None where it could not be asked."""
        return next((question for question in self.questions if question.kind == kind), None)

    def against_reference(self, architecture: str) -> Answer | None:
        """Return the answer of one architecture against the paper; None where it was not asked."""
        question = self.question("reference")
        answers = question.answers if question else ()
        return next((answer for answer in answers if answer.architecture == architecture), None)

    def row_of(self, architecture: str) -> LadderRow:
        """Return the row of an architecture."""
        return next(row for row in self.rows if row.architecture == architecture)

    @property
    def titles(self) -> dict[str, str]:
        """The title of each row by its architecture."""
        return {row.architecture: row.title for row in self.rows}

    @property
    def compared(self) -> list[LadderRow]:
        """The rows without those that give one label only."""
        return [row for row in self.rows if not row.one_label]

    @property
    def lopsided(self) -> list[TrialRow]:
        """Trials with more than `LOPSIDED` times as many errors on one label as on the other, the worst first."""
        trials = [trial for row in self.compared for trial in row.trials if trial.error_ratio > LOPSIDED]
        return sorted(trials, key=attrgetter("error_ratio"), reverse=True)


class ArchitectureChange(Settings):
    """One row in two benchmarks."""

    first: LadderRow
    second: LadderRow
    accuracy: Change | None  # of the mean over all seeds; None where all weights are the same


class Comparison(Settings):
    """The difference of two reports: what changed, and what became worse."""

    first: Report
    second: Report
    answer: tuple[str, ...]
    regressions: tuple[str, ...]
    unseen: tuple[str, ...]  # titles of what has too few seeds to show even a large loss
    changes: tuple[ArchitectureChange, ...]
    differing_settings: tuple[str, ...]

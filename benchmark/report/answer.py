"""The answer of a report in plain sentences, for page, terminal and MLflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.config import LOOKS
from benchmark.report.architecture_trials import ArchitectureTrials
from benchmark.report.pairs import MAX_NAMED, MIN_SEEDS, pair_sentences
from benchmark.report.report_types import ReportNumbers
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.statistics.variance import Interval, small_sample
from benchmark.wording import listing, percent, percent_interval, plural, points, points_interval, too_few_seeds
from models.registry import control_pairs


def answer_sentences(report: ReportNumbers) -> Iterator[str]:
    """Say what is best, whether sequence models beat a bag of words, whether the best beats the others, and what
    shuffled words cost.
    """
    if report.synthetic:
        yield "Synthetic reviews: the figures show that the benchmark runs, and nothing about architectures on IMDB."
    if not report.rows:
        yield "No trial finished, so there is no result."
        return
    yield _best(report)
    yield from pair_sentences(report.compared, report.pairs)
    cost = _cost_of_shuffling(report)
    if cost:
        yield cost
    if report.config.max_reviews and not report.synthetic:
        yield f"Trained on a part of the corpus: {report.training_reviews}."


def _best(report: ReportNumbers) -> str:
    best = report.rows[0]
    reference = report.reference
    verdict = report.verdict
    sentence = f"{best.title}: "
    if len(report.rows) > 1:
        sentence = f"Best: {best.title}, "
    sentence += f"{percent(best.accuracy)} ({percent_interval(best.interval)})"
    if reference is None or best.verdict is None:
        return f"{sentence}."
    figure = f"{percent(reference.accuracy)} ({reference.name})"
    if reference.is_paper:
        figure = f"the paper's {percent(reference.accuracy)}"
    if verdict in ("above", "below"):
        return f"{sentence}, {points(best.verdict.difference_points)} {verdict} {figure}."
    if verdict == "equivalent":
        return f"{sentence}, equivalent to {figure} within ±{points(report.config.equivalence_margin_points)}."
    if best.verdict.kind == "above":
        return (
            f"{sentence}. Since it was picked as the best of {len(report.rows)}, it is not shown to be above {figure}."
        )
    if not best.deterministic and len(best.trials) < MIN_SEEDS:
        return f"{sentence}. {too_few_seeds(len(best.trials))} whether it is above {figure}."
    return f"{sentence}. It is not shown to be above or below {figure}."


def _cost_of_shuffling(report: ReportNumbers) -> str | None:
    """Say who is shown to lose more than the margin where words are shuffled, and who less; None of neither."""
    margin_points = report.config.equivalence_margin_points
    more: list[tuple[float, str, Interval]] = []
    less: list[str] = []
    for row in report.compared:
        change = row.shuffled
        if change is None or change.difference == 0:  # it sees no order
            continue
        if change.kind == "equivalent":
            less.append(row.title)
        elif 100 * change.interval.high < -margin_points and change.kind == "below":
            more.append((change.difference, row.title, change.interval))
    margin = points(margin_points)
    parts: list[str] = []
    if more:
        difference, title, (low, high) = min(more)
        cost = f"{points(100 * difference)}, {points_interval(Interval(-high, -low))}"
        if len(more) > 1:
            cost = f"{title} the most: {cost}"
        parts.append(f"{_some([title for _, title, _ in more], report)} more than {margin} ({cost})")
    if less:
        parts.append(f"{_some(less, report)} less than {margin}")
    return f"Shuffled words cost {' and '.join(parts)}." if parts else None


def _some(titles: Sequence[str], report: ReportNumbers) -> str:
    if len(titles) <= MAX_NAMED:
        return listing(titles)
    return f"{len(titles)} of {len(report.compared)}"


def note_sentences(record: BenchmarkRecord, ladder: Sequence[ArchitectureTrials]) -> Iterator[str]:
    """Say what weakens the answer, where trials come from, and whether the benchmark's own control held."""
    if record.evaluation:
        left_out = record.evaluation.reviews_left_out
        if left_out is None:
            yield "The corpus of the training is not in the cache: it may hold some of these reviews."
        elif left_out:
            verb = "is" if left_out == 1 else "are"
            yield f"{plural(left_out, 'review')} that the models were trained on {verb} left out."
    if len(record.finished) < len(record.trials):
        yield f"{len(record.finished)} of {plural(len(record.trials), 'trial')} finished."
    if record.looks and (not record.config.until_decided or len(record.looks) >= len(LOOKS)):
        seen = listing([plural(look, "seed") for look in record.looks], "and with")
        yield f"Seeds were added after a look at the result with {seen}: the plain intervals no longer hold."
    if ladder and small_sample(ladder[0].counts):
        reviews = ladder[0].counts.reviews
        size = plural(int(reviews.sum()), "review")
        if record.corpus.groups:
            size += f" of {plural(len(reviews), record.corpus.group_name)}"
        yield f"The test split is small ({size}): its intervals are rough."
    from_store = [trial for trial in record.finished if trial.trained_in]
    if from_store:
        yield _from_store(from_store, len(record.finished))
    for row in ladder:
        if row.twins:
            same = [row, *row.twins]
            names = {architecture.name for architecture in same}
            passed = any(pair <= names for pair in control_pairs())
            check = "Sanity check passed: " if passed else ""
            titles = listing([architecture.title for architecture in same])
            yield f"{check}{titles} ended with the same weights for every seed, and share a row."
    if _control_failed(ladder):
        yield "Sanity check FAILED: the same network gave other weights."


def _control_failed(ladder: Sequence[ArchitectureTrials]) -> bool:
    """Whether an architecture and its control ended with two weights, for the same seed, settings and machine."""
    weights: dict[object, str] = {}
    for architecture in ladder:
        for pair in control_pairs():
            if architecture.name not in pair:
                continue
            for result in architecture.results:
                config, machine = result.config, result.environment
                settings = config.seed, config.epochs, config.batch_size, config.vocabulary_size, config.max_length
                key = sorted(pair)[0], settings, machine.cpu_model, machine.threads, tuple(machine.versions.items())
                if weights.setdefault(key, result.weights_sha256) != result.weights_sha256:
                    return True
    return False


def _from_store(trials: Sequence[TrialRecord], finished: int) -> str:
    benchmarks = {}
    for trial in trials:
        name = (trial.trained_in or "")[:8]
        day = f" ({trial.trained_at[:10]})" if trial.trained_at else ""
        benchmarks[name] = name + day
    verb = "is" if len(trials) == 1 else "are"
    word = "benchmark" if len(benchmarks) == 1 else "benchmarks"
    return (
        f"{len(trials)} of {plural(finished, 'trial')} {verb} from the store: trained in the {word} "
        f"{listing(list(benchmarks.values()))}. Their times were measured then."
    )

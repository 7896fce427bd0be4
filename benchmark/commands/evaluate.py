"""``evaluate``: stored models on other reviews, without training."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.commands.publish import write_report
from benchmark.corpus.corpus import Corpus
from benchmark.corpus.load import find_cached, load_corpus
from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, Evaluation, Predictions, TestScores, TrialRecord
from benchmark.statistics.scores import scores
from benchmark.terminal import make_console, say, show_summary
from benchmark.training.fingerprint import differing_parts
from benchmark.wording import listing
from tracking.evaluation import log_evaluation, read_models
from tracking.models import load_text_model, predict
from tracking.store import open_store


def evaluate_command(
    *,
    models: tuple[str, ...],
    data: str,
    columns: str | None,
    output: Path,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Report on the models' answers, and log them in one run."""
    from benchmark.report import answer_markdown

    # The models, and the reviews that none of them was trained on
    console = make_console()
    names = list(filter(None, ",".join(models).split(","))) or ["latest"]
    store = open_store(tracking_uri, experiment_name)
    record = read_models(store, names)
    check_trained_alike(record.trials)
    corpus = load_corpus(data, columns=columns, train=False, on_progress=partial(say, console))
    check_labels(corpus.facts.labels, record.corpus.labels)
    is_new, left_out = find_new_reviews(corpus, record)

    # Their answers
    words = ["python", "-m", "benchmark", "evaluate", *names, "--data", data]
    if columns:
        words += ["--columns", columns]
    record = replace(
        record,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        corpus=corpus.facts,
        trials=tuple(_answered(record.finished, corpus, is_new)),
        command=shlex.join(words),
        evaluation=Evaluation(trained_on=record.corpus, reviews_left_out=left_out),
    )

    # The report
    folder = output / f"evaluation-{record.run_id[:8]}-{corpus.facts.name}-{corpus.facts.digest[:8]}"
    report = write_report(record, corpus.test.raw_texts(), folder)
    store = store.of_run(record.run_id)
    run_id = log_evaluation(store, record, answer_markdown(report, ""), folder)
    show_summary(console, report.model_copy(update={"run_id": run_id}), folder / "report.html", store, None)
    return 0


def check_trained_alike(trials: Sequence[TrialRecord]) -> None:
    """Refuse trials of one architecture that differ in more than the seed."""
    first: dict[str, dict[str, Any]] = {}
    for trial in trials:
        assert trial.result
        name = trial.config.architecture
        parts = {**trial.result.fingerprint_parts, "seed": None}
        for difference in differing_parts(first.setdefault(name, parts), parts):
            raise UserError(f"{name} was trained in two ways ({difference}); evaluate them one after the other")


def check_labels(labels: tuple[str, str], possible: tuple[str, str]) -> None:
    """Refuse labels unless it is sure which one the models call positive: their own, 0 and 1, or a condition's."""
    if labels in (possible, ("0", "1")) or " >= " in labels[1]:
        return
    given = listing([repr(label) for label in labels])
    expected = listing([repr(label) for label in possible])
    raise UserError(
        f"--data: the labels are {given}, and those of the models {expected}; rename them, use 0 for {possible[0]} "
        f"and 1 for {possible[1]}, or give a condition such as --columns 'label=stars>=4'"
    )


def find_new_reviews(corpus: Corpus, record: BenchmarkRecord) -> tuple[NDArray[np.bool_], int | None]:
    """Find the reviews whose text, whatever its spaces, is not in the training split of the models.

    Returns
    -------
    is_new : array of bool, shape (n_reviews,)
    left_out : int or None
        None where the corpus of the training is not in the cache: then no review is left out.

    Raises
    ------
    UserError
        If the models were trained on all of them.
    """
    trained_on = find_cached(record.corpus.digest)
    if trained_on is None:
        return np.ones(len(corpus.test), bool), None
    trained = list(trained_on.train.raw_texts().values())
    seen = {" ".join(text.split()) for text in trained[: record.config.max_reviews]}
    is_new = np.array([" ".join(text.split()) not in seen for text in corpus.test.raw_texts().values()])
    if not is_new.any():
        raise UserError(f"--data: the models were trained on all reviews of {corpus.facts.name}; give others")
    return is_new, int((~is_new).sum())


def _answered(
    trials: Sequence[TrialRecord],
    corpus: Corpus,
    is_new: NDArray[np.bool_],
) -> Iterator[TrialRecord]:
    """Give the trials their models' answers to the new reviews, and the scores of these."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns that every network is traced
    texts = [text for text, new in zip(corpus.test.raw_texts().values(), is_new, strict=True) if new]
    with make_console(stderr=True).status("") as status:
        for number, trial in enumerate(trials, 1):
            status.update(f"Predicting: {trial.config.name} ({number} of {len(trials)})")
            model = load_text_model(str(trial.model_uri))
            if not any(map(model.vocabulary.words_of, texts)):
                raise UserError(f"--data: training saw no word of {corpus.facts.name}; give reviews in its language")
            probability = predict(model, texts)["probability"].to_numpy()
            predictions = Predictions.of(corpus.test, probability, chosen=is_new)
            assert trial.result
            new_scores = TestScores(**scores(predictions.label, predictions.probability))
            result = trial.result.model_copy(update={"scores": new_scores, "epochs": ()})
            yield replace(trial, predictions=predictions, result=result)

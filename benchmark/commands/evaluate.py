"""``evaluate``: stored models on other reviews, without training."""

from __future__ import annotations

import itertools
import logging
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.load import check_data, load_corpus
from benchmark.errors import UserError
from benchmark.results import Predictions, TestScores, TrialRecord
from benchmark.statistics.scores import scores
from benchmark.terminal import make_console, say, show_evaluation
from benchmark.wording import listing
from tracking.evaluation import log_evaluation, read_models, start_evaluation
from tracking.models import load_text_model
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
    """Print and log both ladders, with one evaluation run for each model."""
    from benchmark.report import evaluation_note, render_evaluation, summarize_evaluation

    # The models, and the reviews
    console = make_console()
    check_data(data, columns)
    names = list(filter(None, ",".join(models).split(","))) or ["latest"]
    store = open_store(tracking_uri, experiment_name)
    before = read_models(store, names)
    store = store.of_run(before.run_id)
    corpus = load_corpus(data, columns=columns, train=False, on_progress=lambda line: say(console, line))
    check_labels(corpus.facts.labels, before.corpus.labels, columns)

    # Their answers
    trials, unknown = _answers(before.finished, corpus)
    words = ["python", "-m", "benchmark", "evaluate", *names, "--data", data]
    if columns:
        words += ["--columns", columns]
    now = replace(
        before,
        run_id=start_evaluation(store, f"evaluation on {corpus.facts.name}"),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        config=before.config.model_copy(update={"reference": None, "max_reviews": None}),
        corpus=corpus.facts,
        trials=tuple(trials),
        command=shlex.join(words),
    )

    # Both ladders
    evaluation = summarize_evaluation(before, now, unknown)
    page = output / f"evaluation-{now.run_id[:8]}" / "evaluation.html"
    render_evaluation(evaluation, page.parent)
    log_evaluation(store, now, evaluation_note(evaluation), page.parent)
    show_evaluation(console, evaluation, page, store)
    return 0


def check_labels(labels: Sequence[str], possible: Sequence[str], columns: str | None = None) -> None:
    """Refuse labels of which it is not sure which one a model calls positive.

    It is where they are the model's own, two numbers, or made by a condition such as ``label=stars>=4``.
    """
    is_condition = columns is not None and ">=" in columns
    if is_condition or list(labels) == list(possible) or all(map(_is_number, labels)):
        return
    given, expected = (listing([repr(label) for label in pair]) for pair in (labels, possible))
    raise UserError(
        f"--data: the labels are {given}, and those of the models {expected}; rename them, use 0 for {possible[0]} "
        f"and 1 for {possible[1]}, or give a condition such as --columns 'label=stars>=4'"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _answers(trials: Sequence[TrialRecord], corpus: Corpus) -> tuple[list[TrialRecord], int]:
    """Return the trials with their models' answers to the new reviews, and how many have no word that training saw."""
    texts = _texts(corpus)
    unknown = 0
    inputs: dict[tuple[Any, ...], Any] = {}
    answered = []
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns that every network is traced
    with Console(stderr=True).status("") as status:
        for number, trial in enumerate(trials, 1):
            status.update(f"Predicting: {trial.config.name} ({number} of {len(trials)})")
            text_model = load_text_model(str(trial.model_uri))
            if number == 1:
                unknown = sum(not text_model.vocabulary.words_of(text) for text in texts)
            if unknown == len(texts):
                raise UserError(f"--data: training saw no word of {corpus.facts.name}; give reviews in its language")
            answered.append(_with_answers(trial, corpus, _probability(text_model, texts, inputs)))
    return answered, unknown


def _texts(corpus: Corpus) -> list[str]:
    """Return the test reviews as their source has them, or else their words."""
    test = corpus.test
    if test.text is None or test.text_offsets is None:
        return corpus.texts("test")
    text = test.text.tobytes()
    return [text[start:stop].decode() for start, stop in itertools.pairwise(test.text_offsets.tolist())]


def _probability(text_model: Any, texts: Sequence[str], inputs: dict[tuple[Any, ...], Any]) -> NDArray[np.float32]:
    """Return the probability of label 1; `inputs` keeps the encoded texts for other models that take them alike."""
    vocabulary, words = text_model.vocabulary, text_model.words
    key = vocabulary.digest, text_model.kind, words, text_model.vocabulary_size, text_model.max_length
    if text_model.kind == "network":
        if key not in inputs:
            inputs[key] = text_model.encode(texts)
        return text_model.probability_of_ids(inputs[key])
    if key not in inputs:
        inputs[key] = [vocabulary.words_of(text, words) for text in texts]
    return text_model.probability_of_words(inputs[key])


def _with_answers(trial: TrialRecord, corpus: Corpus, probability: NDArray[np.float32]) -> TrialRecord:
    """Replace predictions and scores of a trial by those on the new reviews."""
    assert trial.result
    test = corpus.test
    predictions = Predictions(
        review_id=test.review_ids,
        label=test.labels.astype(np.int8),
        probability=probability,
        words=np.diff(test.offsets).astype(np.int32) - 1,
        group=test.groups,
        in_train=np.zeros(len(test), bool),
        repeated=test.repeated,
    )
    new_scores = TestScores(**scores(predictions.label, probability))
    result = trial.result.model_copy(update={"scores": new_scores, "epochs": ()})
    return replace(trial, predictions=predictions, result=result)

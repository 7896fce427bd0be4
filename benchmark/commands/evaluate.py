"""``evaluate``: stored models on other reviews, without training."""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from benchmark.corpus.corpus import Corpus
from benchmark.corpus.load import load_corpus
from benchmark.errors import UserError
from benchmark.results import Predictions, TestScores, TrialRecord
from benchmark.statistics.scores import scores
from benchmark.terminal import make_console, say, show_evaluation
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
    """Print and log both ladders, with one evaluation run for each model."""
    from benchmark.report import evaluation_note, render_evaluation, summarize_evaluation

    # The models, and the reviews
    console = make_console()
    names = list(filter(None, ",".join(models).split(","))) or ["latest"]
    store = open_store(tracking_uri, experiment_name)
    before = read_models(store, names)
    corpus = load_corpus(data, columns=columns, train=False, on_progress=partial(say, console))
    check_labels(corpus.facts.labels, before.corpus.labels, columns)

    # Their answers
    words = ["python", "-m", "benchmark", "evaluate", *names, "--data", data]
    if columns:
        words += ["--columns", columns]
    now = replace(
        before,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        config=before.config.model_copy(update={"reference": None}),
        corpus=corpus.facts,
        trials=tuple(_answered(before.finished, corpus)),
        command=shlex.join(words),
    )

    # Both ladders
    evaluation = summarize_evaluation(before, now)
    folder = f"evaluation-{before.run_id[:8]}-{corpus.facts.name}-{corpus.facts.digest[:8]}"
    page = output / folder / "evaluation.html"
    render_evaluation(evaluation, page.parent)
    run_id = log_evaluation(store.of_run(before.run_id), now, evaluation_note(evaluation), page.parent)
    show_evaluation(console, evaluation, page, store, run_id)
    return 0


def check_labels(labels: Sequence[str], possible: Sequence[str], columns: str | None = None) -> None:
    """Refuse labels unless it is sure which one the models call positive: their own, 0 and 1, or a condition's."""
    is_condition = re.search("(^|,) *label *=[^,]*>=", columns or "")
    if is_condition or tuple(labels) in (tuple(possible), ("0", "1")):
        return
    given = listing([repr(label) for label in labels])
    expected = listing([repr(label) for label in possible])
    raise UserError(
        f"--data: the labels are {given}, and those of the models {expected}; rename them, use 0 for {possible[0]} "
        f"and 1 for {possible[1]}, or give a condition such as --columns 'label=stars>=4'"
    )


def _answered(trials: Sequence[TrialRecord], corpus: Corpus) -> Iterator[TrialRecord]:
    """Give the trials their models' answers to the new reviews, and the scores of these."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns that every network is traced
    texts = list(corpus.test_texts().values())
    with make_console(stderr=True).status("") as status:
        for number, trial in enumerate(trials, 1):
            status.update(f"Predicting: {trial.config.name} ({number} of {len(trials)})")
            model = load_text_model(str(trial.model_uri))
            if not any(map(model.vocabulary.words_of, texts)):
                raise UserError(f"--data: training saw no word of {corpus.facts.name}; give reviews in its language")
            probability = predict(model, texts)["probability"].to_numpy()
            # whatever is in their own training split, these models did not see it
            predictions = replace(Predictions.of(corpus.test, probability), in_train=np.zeros(len(texts), bool))
            assert trial.result
            new_scores = TestScores(**scores(predictions.label, predictions.probability))
            result = trial.result.model_copy(update={"scores": new_scores, "epochs": ()})
            yield replace(trial, predictions=predictions, result=result)

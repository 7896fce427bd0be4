"""Stored models found, and logged with their scores on other reviews."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, TrialRecord, with_most_reviews
from benchmark.signals import defer_signals, interruptible
from benchmark.wording import listing, percent
from tracking.models import check_model_uri, run_of_model, settings_of_model
from tracking.reader import find_run, read_benchmark
from tracking.store import NOTE_TAG, Store
from tracking.trial_log import KIND_TAG, PARENT_TAG, dataset_inputs


def read_models(store: Store, names: Sequence[str]) -> BenchmarkRecord:
    """Read the trials whose models are meant, as one benchmark.

    Parameters
    ----------
    names : sequence of str
        Ids of benchmarks, their first characters or ``latest``, and models as `check_model_uri` takes them.

    Raises
    ------
    UserError
        If one is not there or has no model, or they were trained on several corpora.
    """
    records = [_read(store, name) for name in names]
    corpora: dict[tuple[str, int | None], str] = {}
    looks: set[int] = set()
    trials: dict[str, TrialRecord] = {}
    for record in records:
        corpora[record.corpus.digest, record.config.max_reviews] = record.corpus.name
        looks.update(record.looks)
        for trial in with_most_reviews(record.finished):
            if trial.model_uri and trial.result:  # a trial that was trained twice counts once
                trials.setdefault(trial.result.fingerprint, replace(trial, trained_in=None))
    if not trials:
        raise UserError(f"{listing(names)}: there is no model, since no trial finished")
    if len(corpora) > 1:
        trained_on = listing([*corpora.values()])
        raise UserError(f"the models were trained on several corpora, or parts, {trained_on}; evaluate one at a time")
    return replace(records[0], trials=tuple(trials.values()), looks=tuple(sorted(looks)))


def log_evaluation(
    store: Store,
    record: BenchmarkRecord,
    note_markdown: str,
    report_folder: Path,
) -> str:
    """Log a run with the report; the reviews and all models are its inputs, and the scores are linked to both.

    Parameters
    ----------
    record : BenchmarkRecord
        The models with their scores on the new reviews.

    Returns
    -------
    str
        The id of the run. Of a score of several models, it shows that of the most accurate one.
    """
    from mlflow.entities import LoggedModelInput
    from mlflow.models import Model
    from mlflow.tracking.context.registry import resolve_tags

    client, corpus = store.client, record.corpus
    _, reviews = dataset_inputs(corpus)
    links = {"dataset_name": reviews.dataset.name, "dataset_digest": reviews.dataset.digest}
    name = f"evaluation on {corpus.name}"
    if record.best:
        name += f", best {percent(record.best[1])}"
    tags = resolve_tags({KIND_TAG: "evaluation", NOTE_TAG: note_markdown})
    # a signal waits until all is logged: in the middle of a call it would leave the store locked
    with interruptible(), defer_signals():
        run_id = client.create_run(store.experiment_id, tags=tags, run_name=name).info.run_id
        status = "FAILED"
        try:
            client.log_artifacts(run_id, str(report_folder), "report")
            for trial in sorted(record.finished, key=attrgetter("accuracy")):
                assert trial.result
                model_id = Model.load(trial.model_uri).model_id
                client.log_inputs(run_id, [reviews], [LoggedModelInput(model_id)])
                for score, value in trial.result.scores:
                    client.log_metric(run_id, f"test/{score}", value, model_id=model_id, **links)
            status = "FINISHED"
        finally:
            client.set_terminated(run_id, status)
    return run_id


def _read(store: Store, name: str) -> BenchmarkRecord:
    """Return the benchmark of that id, or that of a model with its trial alone."""
    if name in ("latest", "previous") or re.fullmatch("[0-9a-f]{4,32}", name):
        return read_benchmark(store, find_run(store, name))
    uri = check_model_uri(store, name, option="MODEL")
    settings_of_model(uri)  # refuses those of other programs
    run = run_of_model(store, uri)
    record = read_benchmark(store, run.data.tags[PARENT_TAG])
    own = [trial for trial in record.trials if trial.run_id == run.info.run_id]
    return replace(record, trials=tuple(own))

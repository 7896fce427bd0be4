"""Stored models found, and logged with their scores on other reviews."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.results import BenchmarkRecord, TrialRecord
from benchmark.trial_folder import PREDICTIONS_FILE, write_predictions
from tracking.models import check_model_uri, files_of_model
from tracking.reader import find_run, read_benchmark, read_trial
from tracking.store import NOTE_TAG, Store
from tracking.trial_log import (
    ARCHITECTURE_TAG,
    DIGEST_TAG,
    KIND_TAG,
    MODEL_TAG,
    PARENT_TAG,
    SEED_TAG,
    dataset_inputs,
    log,
    seed_text,
)

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput


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
    records: dict[str, BenchmarkRecord] = {}
    trials: dict[str, TrialRecord] = {}
    for name in names:
        if name.isalnum():
            record = read_benchmark(store, find_run(store, name))
            chosen = [trial for trial in record.finished if trial.model_uri]
            if not chosen:
                raise UserError(f"the benchmark {name} has no model: no trial finished, or it was imported")
        else:
            run = store.client.get_run(_trial_run(store, name))
            record = read_benchmark(store, run.data.tags[PARENT_TAG])
            chosen = [read_trial(store, run.info.run_id)]
        records[record.corpus.digest] = record
        for trial in chosen:
            trials[trial.run_id] = replace(trial, trained_in=None)
    if len(records) > 1:
        corpora = " and ".join(record.corpus.name for record in records.values())
        raise UserError(f"the models were trained on several corpora, {corpora}; evaluate those of one at a time")
    (record,) = records.values()
    return replace(record, trials=tuple(trials.values()), looks=())


def start_evaluation(store: Store, name: str) -> str:
    """Create the run of an evaluation and return its id."""
    from mlflow.tracking.context.registry import resolve_tags

    tags = resolve_tags({KIND_TAG: "evaluation"})
    return store.client.create_run(store.experiment_id, tags=tags, run_name=name).info.run_id


def log_evaluation(store: Store, record: BenchmarkRecord, note_markdown: str, report_folder: Path) -> None:
    """Log the report, and below its run one run for each model.

    Parameters
    ----------
    record : BenchmarkRecord
        The models with their predictions and scores on the new reviews; `run_id` is that of `start_evaluation`.
    """
    client = store.client
    test = dataset_inputs(record.corpus)[1]
    for trial in record.trials:
        _log_model(store, record, trial, test)
    client.log_inputs(record.run_id, datasets=[test])
    client.log_artifacts(record.run_id, str(report_folder), "report")
    log(client, record.run_id, tags={NOTE_TAG: note_markdown, DIGEST_TAG: record.corpus.digest})
    client.set_terminated(record.run_id)


def _trial_run(store: Store, name: str) -> str:
    """Return the id of the run that trained a model."""
    try:
        uri = check_model_uri(store, name)
    except UserError as error:
        raise UserError(str(error).replace("--model:", "MODEL:")) from None
    files_of_model(uri)
    return store.client.get_logged_model(_model_id(store, uri)).source_run_id


def _model_id(store: Store, uri: str) -> str:
    """Return the id of a logged model; a version of a registered one points to it."""
    name, _, version = uri.removeprefix("models:/").partition("/")
    if not version:
        return name
    return store.client.get_model_version(name, version).source.removeprefix("models:/")


def _log_model(store: Store, record: BenchmarkRecord, trial: TrialRecord, test: DatasetInput) -> None:
    """Log the run of one model: model and reviews as inputs, scores under the names of a trial, predictions."""
    from mlflow.entities import LoggedModelInput, Metric
    from mlflow.tracking.context.registry import resolve_tags

    assert trial.result
    assert trial.predictions
    assert trial.model_uri
    client, config = store.client, trial.config
    tags = {
        PARENT_TAG: record.run_id,
        KIND_TAG: "evaluation",
        ARCHITECTURE_TAG: config.architecture,
        SEED_TAG: seed_text(config),
        DIGEST_TAG: record.corpus.digest,
        MODEL_TAG: trial.model_uri,
    }
    run = client.create_run(
        record.experiment_id, tags=resolve_tags(tags), run_name=f"{config.name} on {record.corpus.name}"
    )
    run_id, model_id = run.info.run_id, _model_id(store, trial.model_uri)
    client.log_inputs(run_id, [test], [LoggedModelInput(model_id)])
    metrics = []
    for name, score in trial.result.scores:
        links = {"model_id": model_id, "dataset_name": test.dataset.name, "dataset_digest": test.dataset.digest}
        metrics.append(Metric(f"test/{name}", score, run.info.start_time, 0, run_id=run_id, **links))
    log(client, run_id, config.model_dump(), metrics)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / PREDICTIONS_FILE
        write_predictions(path, trial.predictions)
        client.log_artifact(run_id, str(path))
    client.set_terminated(run_id)

"""The runs of single trials: each function may be cut short anywhere and called again, and nothing is doubled."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from benchmark.config import TrialConfig
from benchmark.results import (
    MODEL_FILE,
    PREDICTIONS_FILE,
    TENSORBOARD_FOLDER,
    CorpusFacts,
    EpochResult,
    TrialOutcome,
    TrialResult,
)
from tracking.benchmark_facts import KIND_TAG, TRIAL_KIND
from tracking.model_store import TrainedModel, store_model

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Run

PARENT_TAG = "mlflow.parentRunId"
ATTEMPT_TAG = "benchmark.attempt"
FAILURE_TAG = "benchmark.failure"
FINGERPRINT_TAG = "benchmark.fingerprint"
MODEL_TAG = "benchmark.model_id"
REGISTERED_TAG = "benchmark.registered_model"

RESULT_ARTIFACT = "trial.json"
PREDICTIONS_ARTIFACT = PREDICTIONS_FILE
FAILURE_ARTIFACT = "failure.txt"
TENSORBOARD_ARTIFACT = TENSORBOARD_FOLDER

EPOCH_METRICS = (
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "train_seconds",
    "evaluation_seconds",
    "reviews_per_second",
)
FINAL_METRICS = (
    "test_accuracy",
    "test_loss",
    "test_f1",
    "test_roc_auc",
    "test_precision",
    "test_recall",
    "test_brier",
    "build_seconds",
    "trace_seconds",
    "wall_seconds",
    "peak_memory_mb",
    "peak_gpu_memory_mb",
    "model_bytes",
    "parameter_count",
)


def start_trial_run(
    client: MlflowClient, experiment_id: str, benchmark_run_id: str, trial: TrialConfig, attempt: str
) -> str:
    """Create the run of one attempt at a trial, or find the one that was created, and give its id."""
    from mlflow.tracking.context.registry import resolve_tags

    found = client.search_runs([experiment_id], f"tags.`{ATTEMPT_TAG}` = '{attempt}'", max_results=1)
    if found:
        run = found[0]
    else:
        tags = {
            PARENT_TAG: benchmark_run_id,
            ATTEMPT_TAG: attempt,
            KIND_TAG: TRIAL_KIND,
            "benchmark.architecture": trial.architecture,
            "benchmark.seed": str(trial.seed),
        }
        run = client.create_run(experiment_id, tags=resolve_tags(tags), run_name=trial.name)
    _log_params(client, run.info.run_id, trial.model_dump())
    return run.info.run_id


def trial_config(run: Run) -> TrialConfig | None:
    """Settings of a trial's run; None of another kind of run, or one whose process was killed before it logged them."""
    params = run.data.params
    required = {name for name, field in TrialConfig.model_fields.items() if field.is_required()}
    if run.data.tags.get(KIND_TAG) != TRIAL_KIND or not required <= params.keys():
        return None
    values = {name: params[name] for name in TrialConfig.model_fields if params.get(name, "None") != "None"}
    return TrialConfig.model_validate(values)


def log_epoch(client: MlflowClient, run_id: str, epoch: EpochResult, timestamp_ms: int) -> None:
    """Log an epoch's metrics at its step; the same values at the same time are stored once."""
    from mlflow.entities import Metric

    metrics = [Metric(name, getattr(epoch, name), timestamp_ms, epoch.epoch) for name in EPOCH_METRICS]
    client.log_batch(run_id, metrics=metrics)


def finish_trial_run(
    client: MlflowClient,
    experiment_id: str,
    run_id: str,
    outcome: TrialOutcome,
    corpus: CorpusFacts,
    vocabulary_file: Path,
    benchmark_run_id: str,
) -> None:
    """Store all that a finished trial left in its directory; the run becomes FINISHED when everything is there."""
    result = outcome.result
    keras_file = outcome.directory / MODEL_FILE
    _log_params(client, run_id, _result_params(result))
    _log_missing_epochs(client, run_id, result)
    client.log_inputs(run_id, datasets=_dataset_inputs(result, corpus))
    client.log_artifact(run_id, str(outcome.directory / PREDICTIONS_FILE))
    if (outcome.directory / TENSORBOARD_FOLDER).is_dir():
        client.log_artifacts(run_id, str(outcome.directory / TENSORBOARD_FOLDER), TENSORBOARD_ARTIFACT)
    client.log_text(run_id, result.model_dump_json(indent=2), RESULT_ARTIFACT)
    version = store_model(
        client,
        experiment_id,
        run_id,
        TrainedModel(result, corpus, keras_file, vocabulary_file, benchmark_run_id),
    )
    model_id = version.source.removeprefix("models:/")
    _log_final_metrics(client, run_id, result, corpus, model_id)
    set_tags(
        client,
        run_id,
        {
            FINGERPRINT_TAG: result.fingerprint,
            "benchmark.weights_sha256": result.weights_sha256,
            MODEL_TAG: model_id,
            REGISTERED_TAG: f"{version.name}/{version.version}",
        },
    )
    if FAILURE_TAG in client.get_run(run_id).data.tags:  # it was killed before its results could be sent
        client.delete_tag(run_id, FAILURE_TAG)
    client.set_terminated(run_id, "FINISHED")


def fail_trial_run(client: MlflowClient, run_id: str, reason: str, traceback: str) -> None:
    """End a run as FAILED, with the reason as a tag and the traceback as an artifact."""
    client.log_text(run_id, f"{reason}\n\n{traceback}".strip() + "\n", FAILURE_ARTIFACT)
    set_tags(client, run_id, {FAILURE_TAG: reason})
    client.set_terminated(run_id, "FAILED")


def kill_trial_run(client: MlflowClient, run_id: str) -> None:
    """End a run as KILLED."""
    set_tags(client, run_id, {FAILURE_TAG: "interrupted"})
    client.set_terminated(run_id, "KILLED")


def set_tags(client: MlflowClient, run_id: str, tags: dict[str, str]) -> None:
    """Set tags in one call."""
    from mlflow.entities import RunTag

    client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])


def _log_params(client: MlflowClient, run_id: str, params: dict[str, Any]) -> None:
    from mlflow.entities import Param

    client.log_batch(run_id, params=[Param(name, str(value)) for name, value in params.items()])


def _result_params(result: TrialResult) -> dict[str, Any]:
    settings = result.config.model_dump()
    environment = result.environment
    return {
        **{name: value for name, value in result.hyperparameters.items() if name not in settings},
        "device_kind": environment.device_kind,
        "device_name": environment.device_name,
        "cpu_instructions": environment.cpu_instructions,
        "threads": environment.threads,
        **environment.numeric_variables,
        **{f"version.{package}": version for package, version in environment.versions.items()},
    }


def _log_missing_epochs(client: MlflowClient, run_id: str, result: TrialResult) -> None:
    """Log those epochs that were not logged while the trial ran, because the store was away."""
    logged = {metric.step for metric in client.get_metric_history(run_id, EPOCH_METRICS[-1])}
    for epoch in result.epochs:
        if epoch.epoch not in logged:
            log_epoch(client, run_id, epoch, _now_ms())


def _log_final_metrics(
    client: MlflowClient, run_id: str, result: TrialResult, corpus: CorpusFacts, model_id: str
) -> None:
    from mlflow.entities import Metric

    present = client.get_run(run_id).data.metrics
    test = _dataset_inputs(result, corpus)[1].dataset
    metrics = [
        Metric(
            name,
            getattr(result, name),
            _now_ms(),
            result.config.epochs,
            model_id=model_id,
            dataset_name=test.name,
            dataset_digest=test.digest,
            run_id=run_id,
        )
        for name in FINAL_METRICS
        if getattr(result, name) is not None and name not in present
    ]
    client.log_batch(run_id, metrics=metrics)


def _dataset_inputs(result: TrialResult, corpus: CorpusFacts) -> list[DatasetInput]:
    """Give both halves as MLflow datasets, training half first, described without their arrays."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    limit = result.config.limit
    inputs = []
    for half, reviews in (("train", corpus.train_reviews), ("test", corpus.test_reviews)):
        used = reviews if limit is None else min(limit, reviews)
        schema = {
            "mlflow_tensorspec": {
                "features": json.dumps([_tensor("int32", -1, result.config.review_length)]),
                "targets": json.dumps([_tensor("int64", -1)]),
            }
        }
        dataset = Dataset(
            name=f"{corpus.kind}-{half}",
            digest=dataset_digest(corpus.digest, half, limit),
            source_type="corpus",
            source=json.dumps({"source": corpus.source, "digest": corpus.digest}),
            schema=json.dumps(schema),
            profile=json.dumps({"reviews": used, "vocabulary_words": corpus.vocabulary_words}),
        )
        inputs.append(DatasetInput(dataset, tags=[InputTag("mlflow.data.context", half)]))
    return inputs


def dataset_digest(corpus_digest: str, half: str, limit: int | None) -> str:
    """Name a half of a corpus in MLflow's 36 characters."""
    end = f"-{half}" if limit is None else f"-{half}-{limit}"
    return corpus_digest[: 36 - len(end)] + end


def _tensor(dtype: str, *shape: int) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""Which version of a registered model an alias points to, and which is a trial's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.results import TrialRecord
from tracking.outages import is_outage

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.exceptions import MlflowException

CHAMPION = "champion"
CHALLENGER = "challenger"
MISSING_CODES = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}  # no such run or model; no such alias


def version_at(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    """Give the version that an alias points to; None where there is no such model or alias."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if not is_missing(error):
            raise
        return None


def version_under(client: MlflowClient, trial: TrialRecord, name: str) -> ModelVersion | None:
    """Give a trial's version of a registered model; of several the first, which the benchmark itself registered."""
    found = [version for version in client.search_model_versions(f"run_id = '{trial.run_id}'") if version.name == name]
    return min(found, key=lambda version: int(version.version), default=None)


def is_missing(error: MlflowException) -> bool:
    """Whether the store says that it has no such thing; an outage says nothing of the kind."""
    return error.error_code in MISSING_CODES and not is_outage(error)

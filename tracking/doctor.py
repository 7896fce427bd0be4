"""What can be wrong with the tracking store, and with results on their way to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from benchmark.doctor.finding import Finding
from benchmark.doctor.leftovers import remove
from benchmark.errors import UserError
from tracking.benchmark_facts import BENCHMARK_ARTIFACT, BENCHMARK_KIND, KIND_TAG
from tracking.benchmark_run import PROCESS_TAG
from tracking.dead_runs import bury, dead_runs, process_of, running_runs
from tracking.processes import host_of, process_is_alive
from tracking.spool import LABEL_FILE, SpoolHeld, held, read_spooled, send_spooled, spool_folders
from tracking.store import is_remote

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, Run

STARTED_BY_MLFLOW = ("mlflow.source.type", "PROJECT")


def spool_findings(cache_directory: Path) -> list[Finding]:
    """Tell the trials that were left on this disk: finished ones are sent, others are removed."""
    findings = []
    for folder in spool_folders(cache_directory):
        try:
            with held(folder):
                directories = sorted(path for path in folder.iterdir() if path.is_dir())
                findings += [_left_behind(directory) for directory in directories]
        except SpoolHeld:
            continue  # a benchmark is at work there
    return findings


def run_findings(client: MlflowClient, lost_hosts: Collection[str] = ()) -> list[Finding]:
    """Tell the runs that MLflow takes for running, and of which nobody works any more or nobody can tell."""
    experiment_ids = [experiment.experiment_id for experiment in client.search_experiments()]
    dead = dead_runs(client, experiment_ids, lost_hosts)
    findings = [
        Finding(
            f"{_words(run)} is RUNNING in MLflow, and its process is gone",
            "mark it as KILLED; `python -m benchmark run --resume` finishes a benchmark",
            partial(bury, client, run, lost_hosts),
        )
        for run in dead
    ]
    own = os.environ.get("MLFLOW_RUN_ID")
    others = [run for run in running_runs(client, experiment_ids) if run.info.run_id != own]
    dead_ids = {run.info.run_id for run in dead}
    return findings + [note for run in others if run.info.run_id not in dead_ids for note in _notes(client, run)]


def artifact_findings(client: MlflowClient) -> list[Finding]:
    """Tell the experiments whose benchmarks' files cannot be had, or cannot be added to."""
    findings = []
    for experiment in client.search_experiments():
        benchmarks = client.search_runs(
            [experiment.experiment_id], f"tags.`{KIND_TAG}` = '{BENCHMARK_KIND}'", order_by=["start_time DESC"]
        )
        if benchmarks:
            findings += _artifact_findings(client, experiment, benchmarks)
    return findings


def _left_behind(directory: Path) -> Finding:
    if not (directory / LABEL_FILE).exists():
        return Finding(f"{directory} was left by a trial that was cut short", "remove it", _holding(directory, remove))
    try:
        label, result = read_spooled(directory)
    except UserError as error:
        return Finding(str(error), "remove it; the trial is trained again on --resume", _holding(directory, remove))
    return Finding(
        f"{result.config.name} of the benchmark {label.benchmark_run_id} finished, and is not in {label.tracking_uri}",
        f"send it; `python -m benchmark run --resume {label.benchmark_run_id}` does so too, and trains the rest",
        _holding(directory, send_spooled),
    )


def _holding(directory: Path, act: Callable[[Path], object]) -> Callable[[], None]:
    def act_alone() -> None:
        with held(directory.parent):
            act(directory)

    return act_alone


def _notes(client: MlflowClient, run: Run) -> list[Finding]:
    process = process_of(client, run)
    if PROCESS_TAG in run.data.tags and process is not None and process_is_alive(process) is None:
        host = host_of(process)
        remedy = (
            f"where it does not: `doctor --fix` there, or `doctor --fix --lost-host {host}` if that machine is gone"
        )
        return [Finding(f"{_words(run)} is RUNNING on {host}, as far as MLflow knows", remedy, is_note=True)]
    if process is None and STARTED_BY_MLFLOW in run.data.tags.items():
        statement = f"MlflowClient({client.tracking_uri!r}).set_terminated({run.info.run_id!r}, 'KILLED')"
        remedy = f'if nothing works on it: python -c "from mlflow import MlflowClient; {statement}"'
        return [Finding(f"{_words(run)} is RUNNING, and `mlflow run` left no word by whom", remedy, is_note=True)]
    return []


def _artifact_findings(client: MlflowClient, experiment: Experiment, benchmarks: list[Run]) -> list[Finding]:
    where = f"the files of the experiment {experiment.name!r}, {experiment.artifact_location},"
    folder = _local_folder(experiment.artifact_location)
    if folder is not None:
        missing = [run for run in benchmarks if not _has_its_files(run)]
        if missing:
            remedy = f"bring the folder back, or link to where it is now: ln -s NEW_PLACE {folder}"
            return [Finding(f"{where} are not there for {len(missing)} of {len(benchmarks)} benchmarks", remedy)]
        if not os.access(folder, os.W_OK | os.X_OK):
            return [Finding(f"{where} cannot be added to: the folder is read-only", f"chmod -R u+w {folder}")]
        return []
    if experiment.artifact_location.startswith("mlflow-artifacts:") and not is_remote(client.tracking_uri):
        return [Finding(f"{where} are reached only through the MLflow server", "give its address as --tracking-uri")]
    try:
        stored = {artifact.path for artifact in client.list_artifacts(benchmarks[0].info.run_id)}
    except Exception as error:  # each kind of object store has errors of its own
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return [Finding(f"{where} cannot be reached: {reason}", "check the address and the rights to it")]
    if BENCHMARK_ARTIFACT in stored:
        return []
    return [Finding(f"{where} are not there for the newest benchmark", "bring them back to that address")]


def _has_its_files(run: Run) -> bool:
    folder = _local_folder(run.info.artifact_uri)
    return folder is None or (folder / BENCHMARK_ARTIFACT).is_file()


def _local_folder(location: str) -> Path | None:
    """Give the folder of a ``file:`` address or of a plain path, and None for what lies elsewhere."""
    address = urlparse(location)
    return Path(unquote(address.path)) if address.scheme in ("", "file") else None


def _words(run: Run) -> str:
    return f"the run {run.info.run_name!r} ({run.info.run_id})"

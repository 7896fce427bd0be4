"""The benchmark run itself: started, taken over from ``mlflow run``, or resumed."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psutil

from benchmark.errors import UserError
from benchmark.results import Environment
from tracking.benchmark_facts import BENCHMARK_ARTIFACT, BENCHMARK_KIND, KIND_TAG, BenchmarkFacts
from tracking.store import Store
from tracking.trial_runs import PARENT_TAG, kill_trial_run, set_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

NOTE_TAG = "mlflow.note.content"
PROCESS_TAG = "benchmark.process"
LONGEST_PARAM = 500
NAME_BY_MLFLOW = re.compile(r"[a-z]+-[a-z]+-\d+")


def open_benchmark_run(store: Store, facts: BenchmarkFacts, resume_run_id: str | None) -> tuple[str, BenchmarkFacts]:
    """Give the id of a RUNNING benchmark run that knows its facts, and the facts as it has them now.

    Raises
    ------
    UserError
        If the run to resume belongs to a process that is still at work.
    """
    if resume_run_id is not None:
        facts = _resume(store, resume_run_id, facts)
        run_id = resume_run_id
    elif store.started_run_id is not None:
        run_id = store.started_run_id
        if NAME_BY_MLFLOW.fullmatch(store.client.get_run(run_id).info.run_name or ""):
            store.client.update_run(run_id, name=_run_name(facts))
    else:
        run_id = _create_run(store, facts)
    left_alone = [store.stranded_run_id, store.started_run_id if resume_run_id is not None else None]
    for other_run_id in filter(None, left_alone):
        note = f"This benchmark's run is {run_id}, in the experiment {store.experiment_name}."
        set_tags(store.client, other_run_id, {NOTE_TAG: note})
    _describe(store.client, run_id, facts)
    return run_id, facts


def environment_tags(environment: Environment) -> dict[str, str]:
    """What the benchmark run says of the machine, to be seen in the list of runs."""
    tags = {"benchmark.device": environment.device_name, "benchmark.threads": str(environment.threads)}
    if environment.git_commit is not None:
        tags["mlflow.source.git.commit"] = environment.git_commit
        tags["benchmark.git_dirty"] = str(bool(environment.git_dirty)).lower()
    return tags


def child_runs(client: MlflowClient, experiment_id: str, benchmark_run_id: str) -> Iterator[Run]:
    """Give every trial run under a benchmark run, the oldest first."""
    token = None
    while True:
        page = client.search_runs(
            [experiment_id],
            f"tags.`{PARENT_TAG}` = '{benchmark_run_id}'",
            order_by=["attributes.start_time ASC"],
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def read_facts(client: MlflowClient, run_id: str) -> BenchmarkFacts:
    """Read ``benchmark.json`` of a benchmark run."""
    with TemporaryDirectory() as temporary:
        path = client.download_artifacts(run_id, BENCHMARK_ARTIFACT, temporary)
        return BenchmarkFacts.model_validate_json(Path(path).read_bytes())


def process_is_alive(process: str) -> bool | None:
    """Whether the process named by a run's tag is at work; None where it ran on another machine."""
    host, pid, started = process.rsplit("/", 2)
    if host != socket.gethostname():
        return None
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(started)) < 1.0
    except psutil.NoSuchProcess:
        return False


def _create_run(store: Store, facts: BenchmarkFacts) -> str:
    from mlflow.tracking.context.registry import resolve_tags

    run = store.client.create_run(store.experiment_id, tags=resolve_tags(), run_name=_run_name(facts))
    return run.info.run_id


def _resume(store: Store, run_id: str, facts: BenchmarkFacts) -> BenchmarkFacts:
    client = store.client
    run = client.get_run(run_id)
    process = run.data.tags.get(PROCESS_TAG)
    if run.info.status == "RUNNING" and process and process_is_alive(process) and process != _this_process():
        raise UserError(f"--resume: the benchmark {run_id} is still running (process {process.split('/')[1]})")
    for trial_run in child_runs(client, run.info.experiment_id, run_id):
        if trial_run.info.status == "RUNNING":  # its process is gone
            kill_trial_run(client, trial_run.info.run_id)
    client.update_run(run_id, status="RUNNING")
    return facts.model_copy(update={"taken_over": read_facts(client, run_id).taken_over})


def _describe(client: MlflowClient, run_id: str, facts: BenchmarkFacts) -> None:
    from mlflow.entities import Param

    config, corpus = facts.config, facts.corpus
    comparable = corpus.kind == "imdb" and config.limit is None
    set_tags(
        client,
        run_id,
        {
            KIND_TAG: BENCHMARK_KIND,
            PROCESS_TAG: _this_process(),
            "benchmark.corpus": corpus.kind,
            "benchmark.corpus_digest": corpus.digest,
            "benchmark.comparable_to_paper": str(comparable).lower(),
            NOTE_TAG: _note(facts),
        },
    )
    known = client.get_run(run_id).data.params
    params = {f"config.{name}": _param(value) for name, value in config.model_dump().items()}
    # a resumed run keeps those it has: MLflow lets none be changed
    client.log_batch(run_id, params=[Param(*param) for param in params.items() if param[0] not in known])
    client.log_text(run_id, facts.model_dump_json(indent=2), BENCHMARK_ARTIFACT)


def _param(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= LONGEST_PARAM else f"{text[: LONGEST_PARAM - 1]}…"


def _run_name(facts: BenchmarkFacts) -> str:
    architectures, seeds = facts.config.architectures, facts.config.seeds
    what = architectures[0] if len(architectures) == 1 else f"{len(architectures)} architectures"
    return f"{what}, {f'seed {seeds[0]}' if len(seeds) == 1 else f'{len(seeds)} seeds'}"


def _note(facts: BenchmarkFacts) -> str:
    corpus = facts.corpus
    if corpus.kind == "generated":
        reservation = " **Made-up reviews: its figures say nothing about film reviews or the paper.**"
    elif corpus.kind == "custom" or facts.config.limit is not None:
        reservation = " Not the whole IMDB corpus: not comparable to the paper."
    else:
        reservation = ""
    return f"Corpus: {corpus.source}.{reservation}\n\n`{facts.command}`"


def _this_process() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{psutil.Process().create_time()}"

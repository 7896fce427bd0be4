"""The benchmark run itself: started, taken over from ``mlflow run``, or resumed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.config import BenchmarkConfig, option_text
from benchmark.errors import UserError
from benchmark.results import Environment
from benchmark.temporary import temporary_directory
from tracking.benchmark_facts import BENCHMARK_ARTIFACT, BENCHMARK_KIND, KIND_TAG, BenchmarkFacts
from tracking.outages import is_outage
from tracking.processes import host_of, pid_of, process_is_alive, this_process
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
        refuse_to_resume_what_runs(store.client, resume_run_id)
        run_id = resume_run_id
    elif store.started_run_id is not None:
        run_id = store.started_run_id
    else:
        run_id = _create_run(store, facts)
    try:
        if resume_run_id is not None:
            facts = _take_up(store.client, run_id, facts)
        _point_to(store, run_id)
        _describe(store.client, run_id, facts)
    except BaseException as error:
        with suppress(Exception):  # the error that passes through tells more
            store.client.set_terminated(run_id, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
        raise
    return run_id, facts


def refuse_to_resume_what_runs(client: MlflowClient, run_id: str) -> None:
    """Let a benchmark be resumed only where nobody is at work on it.

    Raises
    ------
    UserError
        If its process is alive, or on another machine, where only `doctor` there can tell.
    """
    run = client.get_run(run_id)
    process = run.data.tags.get(PROCESS_TAG)
    if run.info.status != "RUNNING" or process is None or process == this_process():
        return
    alive = process_is_alive(process)
    if alive:
        raise UserError(f"--resume: the benchmark {run_id} is still running (process {pid_of(process)})")
    if alive is None:
        raise UserError(
            f"--resume: the benchmark {run_id} runs on another machine, {host_of(process)}, as far as MLflow knows; "
            "`python -m benchmark doctor --fix` there marks it as killed where it is; where that machine is gone for "
            f"good, give `doctor --fix --lost-host {host_of(process)}` here"
        )


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
    """Read ``benchmark.json`` of a benchmark run.

    Raises
    ------
    UserError
        If it is not there or cannot be read.
    """
    from mlflow.exceptions import MlflowException

    with temporary_directory() as temporary:
        try:
            path = client.download_artifacts(run_id, BENCHMARK_ARTIFACT, temporary)
            return BenchmarkFacts.model_validate_json(Path(path).read_bytes())
        except (OSError, ValueError, MlflowException) as error:
            if is_outage(error):
                raise
            reason = str(error).splitlines()[0]
            raise UserError(
                f"{BENCHMARK_ARTIFACT} of the benchmark {run_id} cannot be read: {reason}; "
                "`python -m benchmark doctor` tells where its files are looked for"
            ) from None


def config_params(config: BenchmarkConfig) -> dict[str, str]:
    """The settings as the benchmark run's params have them."""
    return {f"config.{name}": _param(value) for name, value in config.model_dump().items()}


def _create_run(store: Store, facts: BenchmarkFacts) -> str:
    from mlflow.tracking.context.registry import resolve_tags

    tags = resolve_tags({PROCESS_TAG: this_process()})  # from its first moment on, so that it can be told as dead
    return store.client.create_run(store.experiment_id, tags=tags, run_name=_run_name(facts)).info.run_id


def _take_up(client: MlflowClient, run_id: str, facts: BenchmarkFacts) -> BenchmarkFacts:
    set_tags(client, run_id, {PROCESS_TAG: this_process()})
    client.update_run(run_id, status="RUNNING")
    for trial_run in child_runs(client, client.get_run(run_id).info.experiment_id, run_id):
        if trial_run.info.status == "RUNNING":  # its process is gone
            kill_trial_run(client, trial_run.info.run_id)
    before = read_facts(client, run_id)
    kept = ("taken_over", "environment", "executions", "trusted_since_ms")
    return facts.model_copy(update={name: getattr(before, name) for name in kept})


def _point_to(store: Store, run_id: str) -> None:
    """Leave a note in those runs that ``mlflow run`` has started and that do not become the benchmark run."""
    note = f"This benchmark's run is {run_id}, in the experiment {store.experiment_name}."
    for other_run_id in (store.stranded_run_id, store.started_run_id):
        if other_run_id is not None and other_run_id != run_id:
            set_tags(store.client, other_run_id, {NOTE_TAG: note})


def _describe(client: MlflowClient, run_id: str, facts: BenchmarkFacts) -> None:
    """Log what the benchmark is; the tag that makes the run a benchmark run comes last, when all else is there."""
    from mlflow.entities import Param

    config, corpus = facts.config, facts.corpus
    comparable = corpus.why_not_comparable(config.limit) is None
    tags = {
        PROCESS_TAG: this_process(),
        "benchmark.corpus": corpus.kind,
        "benchmark.corpus_digest": corpus.digest,
        "benchmark.comparable_to_paper": str(comparable).lower(),
        NOTE_TAG: _note(facts),
    }
    set_tags(client, run_id, tags)
    run = client.get_run(run_id)
    if NAME_BY_MLFLOW.fullmatch(run.info.run_name or ""):
        client.update_run(run_id, name=_run_name(facts))
    # a resumed run keeps those it has: MLflow lets none be changed
    params = [Param(*param) for param in config_params(config).items() if param[0] not in run.data.params]
    client.log_batch(run_id, params=params)
    client.log_text(run_id, facts.model_dump_json(indent=2), BENCHMARK_ARTIFACT)
    set_tags(client, run_id, {KIND_TAG: BENCHMARK_KIND})


def _param(value: Any) -> str:
    text = option_text(value)
    return text if len(text) <= LONGEST_PARAM else f"{text[: LONGEST_PARAM - 1]}…"


def _run_name(facts: BenchmarkFacts) -> str:
    architectures, seeds = facts.config.architectures, facts.config.seeds
    what = architectures[0] if len(architectures) == 1 else f"{len(architectures)} architectures"
    return f"{what}, {f'seed {seeds[0]}' if len(seeds) == 1 else f'{len(seeds)} seeds'}"


def _note(facts: BenchmarkFacts) -> str:
    corpus = facts.corpus
    reason = corpus.why_not_comparable(facts.config.limit)
    if corpus.kind == "generated":
        reservation = " **Made-up reviews: its figures say nothing about film reviews or the paper.**"
    else:
        reservation = f" This benchmark is not comparable to the paper: {reason}." if reason else ""
    return f"Corpus: {corpus.source}.{reservation}\n\n`{facts.command}`"

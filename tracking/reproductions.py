"""What there is to reproduce of a run: the trials that it logged, and how they were started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.errors import UserError
from benchmark.reproduction import trials_to_reproduce
from benchmark.results import Environment, TrialRecord
from tracking.benchmark_facts import BENCHMARK_KIND, KIND_TAG, REPRODUCTION_KIND, TRIAL_KIND, BenchmarkFacts
from tracking.benchmark_run import child_runs, read_facts
from tracking.records import read_benchmark, read_trial
from tracking.run_lookup import find_benchmark, find_run
from tracking.trial_runs import PARENT_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

REPRODUCES_TAG = "benchmark.reproduces"
POSSIBLE = "the id of a trial run or of a benchmark run, or latest"


@dataclass(frozen=True)
class Original:
    """A trial run, or a benchmark run, to be trained again.

    Attributes
    ----------
    run_id : str
        As the user gave it.
    trials : tuple of TrialRecord
        Finished: the trial itself, or of a benchmark the median trial of each architecture.
    facts : BenchmarkFacts
        Of the benchmark that the trials belong to.
    """

    run_id: str
    experiment_id: str
    is_benchmark: bool
    trials: tuple[TrialRecord, ...]
    facts: BenchmarkFacts

    @property
    def environment(self) -> Environment:
        """Of the first trial."""
        result = self.trials[0].result
        assert result is not None
        return result.environment


def read_original(client: MlflowClient, experiment_id: str | None, which: str) -> Original:
    """Read what the run `which` logged; ``latest`` is the newest benchmark run.

    Raises
    ------
    UserError
        If there is no such run, it is neither a trial nor a benchmark run, or nothing of it finished.
    """
    run = find_run(client, find_benchmark(client, experiment_id) if which == "latest" else which, POSSIBLE)
    run_id = run.info.run_id
    kind = run.data.tags.get(KIND_TAG)
    if kind == BENCHMARK_KIND:
        trials = tuple(trials_to_reproduce(read_benchmark(client, run_id)))
        return Original(run_id, run.info.experiment_id, True, trials, read_facts(client, run_id))
    if kind == TRIAL_KIND:
        benchmark_run_id = run.data.tags[PARENT_TAG]
        trial = read_trial(client, run_id)
        if trial.status != "finished":
            raise UserError(_unfinished(client, run, trial, benchmark_run_id))
        return Original(run_id, run.info.experiment_id, False, (trial,), read_facts(client, benchmark_run_id))
    if kind == REPRODUCTION_KIND:
        original = run.data.tags[REPRODUCES_TAG]
        raise UserError(f"--run-id: {run_id} is itself a reproduction, of the run {original}; give that one")
    raise UserError(f"--run-id: {run_id} is neither a trial run nor a benchmark run; give {POSSIBLE}")


def _unfinished(client: MlflowClient, run: Run, trial: TrialRecord, benchmark_run_id: str) -> str:
    finished = [
        f"{other.info.run_id} ({other.info.run_name})"
        for other in child_runs(client, run.info.experiment_id, benchmark_run_id)
        if other.info.status == "FINISHED"
    ]
    possible = f"its benchmark finished {', '.join(finished)}" if finished else "its benchmark finished none"
    failure = f": {trial.failure}" if trial.failure else ""
    return (
        f"--run-id: {run.info.run_id} ({trial.config.name}) is {trial.status}{failure}; "
        f"only a finished trial can be reproduced, and {possible}"
    )

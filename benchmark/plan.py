"""What is left to train: all of a new benchmark, the rest of one that was begun before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.config import BenchmarkConfig, TrialConfig
from benchmark.fingerprint import differing_parts, fingerprint, fingerprint_parts
from benchmark.results import BenchmarkRecord, Environment


@dataclass(frozen=True)
class Plan:
    """Trials that can be taken over, and those to train.

    Attributes
    ----------
    finished : tuple of TrialConfig
        Finished in this very benchmark.
    take_over : mapping of TrialConfig to str
        Finished in another benchmark, with the id of the trial run.
    to_train : tuple of TrialConfig
    changes : mapping of TrialConfig to str
        For a trial that had finished and is to be trained all the same: what is not as it was, or not there any more.
    """

    finished: tuple[TrialConfig, ...]
    take_over: Mapping[TrialConfig, str]
    to_train: tuple[TrialConfig, ...]
    changes: Mapping[TrialConfig, str]


def plan_trials(
    config: BenchmarkConfig,
    corpus_digest: str,
    environment: Environment,
    begun: BenchmarkRecord | None = None,
    whole_trials: Mapping[str, str] | None = None,
) -> Plan:
    """Sort a benchmark's trials by what is already there.

    Parameters
    ----------
    config : BenchmarkConfig
    corpus_digest : str
    environment : Environment
        Of the worker that would train.
    begun : BenchmarkRecord or None
        The benchmark to resume.
    whole_trials : mapping of str to str, optional
        Run id to fingerprint, of finished trials of any benchmark whose files are really there.
    """
    finished: list[TrialConfig] = []
    take_over: dict[TrialConfig, str] = {}
    to_train: list[TrialConfig] = []
    changes: dict[TrialConfig, str] = {}
    whole = whole_trials or {}
    run_of = {print_: run_id for run_id, print_ in whole.items()}
    before = {} if begun is None else {record.config: record for record in begun.finished}
    for trial in config.trials():
        parts = fingerprint_parts(trial, corpus_digest, environment)
        print_ = fingerprint(parts)
        record = before.get(trial)
        if record is not None and whole.get(record.run_id) == print_:
            finished.append(trial)
        elif print_ in run_of:
            take_over[trial] = run_of[print_]
        else:
            to_train.append(trial)
            if record is not None and record.result is not None:
                sentences = differing_parts(record.result.fingerprint_parts, parts)
                changes[trial] = "; ".join(sentences) or "its model or its predictions are not in the store any more"
    return Plan(tuple(finished), take_over, tuple(to_train), changes)

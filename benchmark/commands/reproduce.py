"""``reproduce``: a stored trial trained again and compared; exit code 1 where it differs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmark.commands.prepare import prepare
from benchmark.config import Device
from benchmark.errors import UserError
from benchmark.executors import make_executor
from benchmark.results import BenchmarkRecord, TrialFinished, TrialResult
from benchmark.signals import interruptible
from benchmark.terminal import Progress, make_console, say
from benchmark.training.fingerprint import differing_parts
from benchmark.trial_folder import read_result
from tracking.reader import find_run, read_benchmark
from tracking.store import Store, open_store
from tracking.trial_log import KIND_TAG, ORIGIN_TAG, PARENT_TAG

BASELINE_TOLERANCE = 0.001  # of the accuracy on another processor, which rounds otherwise


def reproduce_command(
    *,
    run: str,
    data: str | None,
    device: Device | None,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Train the trial again as `run` would, and judge the result; nothing is stored."""
    console = make_console()
    record, before = find_trial(open_store(tracking_uri, experiment_name), run)
    train_reviews = None
    if before.config.train_reviews:
        train_reviews = (before.config.train_reviews,)
    config = record.config.model_copy(
        update={
            "architectures": (before.config.spec or before.config.architecture,),
            "seeds": (before.config.seed or 0,),
            "train_reviews": train_reviews,
            "data": data or record.config.data,
            "device": device or before.environment.device_kind,
            "threads_per_worker": before.environment.threads,
            "workers": 1,
            "ray_address": None,
            "gpus_per_trial": None,
            "until_decided": False,
        }
    )
    say(console, f"Training {before.config.name} of the benchmark {record.run_id[:8]} again")
    with interruptible(), make_executor(config) as executor, TemporaryDirectory() as folder:
        architectures = executor.describe(config.names)
        corpus, plan = prepare(console, config, executor, architectures)
        if corpus.facts.digest != record.corpus.digest:
            raise UserError(
                f"--data: {corpus.facts.name} is another corpus (digest {corpus.facts.digest[:12]}, it was "
                f"{record.corpus.digest[:12]}); give the one that the trial was trained on"
            )
        for change in differing_parts(before.fingerprint_parts, plan.planned[0].fingerprint_parts):
            say(console, f"Not as before: {change}", "yellow")
        now = None
        with Progress(console, plan) as progress:
            progress.extend(trial.config for trial in plan.planned)
            for event in executor.run(plan.planned, corpus.folder, Path(folder)):
                progress.handle(event)
                if isinstance(event, TrialFinished):
                    now = read_result(event.folder)
    if now is None:
        return 1
    same, sentence = judge(before, now)
    say(console, sentence, "bold green" if same else "bold red")
    return int(not same)


def find_trial(store: Store, text: str) -> tuple[BenchmarkRecord, TrialResult]:
    """Return the benchmark and the finished trial that the user means.

    Parameters
    ----------
    text : str
        A trial's run id, or a benchmark's (or latest): then the median trial of its best architecture.
    """
    run = store.client.get_run(find_run(store, text, ("benchmark", "trial")))
    run_id = run.info.run_id
    if run.data.tags[KIND_TAG] == "benchmark":
        record = read_benchmark(store, run_id)
        trials = record.median_trials
    else:
        record = read_benchmark(store, run.data.tags[PARENT_TAG])
        same = (run_id, run.data.tags.get(ORIGIN_TAG))  # itself, or the run that it copies
        trials = [trial for trial in record.trials if trial.run_id in same]
    for trial in trials:
        if trial.result is not None:
            return record, trial.result
    raise UserError(f"RUN: {text} has no finished trial; list shows the benchmarks that have")


def judge(before: TrialResult, now: TrialResult) -> tuple[bool, str]:
    """Return whether a trial came out the same, and the sentence that says so."""
    accuracies = f"{before.scores.accuracy:.2%} before, {now.scores.accuracy:.2%} now"
    if before.weights_sha256 == now.weights_sha256:
        return True, f"The same, bit for bit: equal weights, test accuracy {now.scores.accuracy:.2%}."
    if _processor(before) == _processor(now):
        return False, f"Different: other weights on the same kind of processor; test accuracy {accuracies}."
    difference = abs(before.scores.accuracy - now.scores.accuracy)
    same = now.config.seed is None and difference <= BASELINE_TOLERANCE
    return same, f"Another kind of processor gives other weights: {accuracies}."


def _processor(result: TrialResult) -> tuple[str, int]:
    return result.environment.processor(result.config.kind), result.environment.threads

"""``reproduce``: a stored trial trained again and compared; exit code 1 where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from benchmark.commands.train import train
from benchmark.config import BenchmarkConfig, Choice, Device
from benchmark.corpus.load import check_data, load_corpus
from benchmark.errors import UserError
from benchmark.executors import Executor, make_executor
from benchmark.plan import Plan
from benchmark.results import BenchmarkRecord, TrialRecord, TrialResult
from benchmark.signals import interruptible
from benchmark.terminal import Progress, make_console, print_pairs, say
from benchmark.training.fingerprint import differing_parts, plan_trial
from tracking.reader import REPRODUCES_TAG, find_run, read_benchmark, read_trial
from tracking.session import open_session
from tracking.store import Store, open_store, ui_link
from tracking.trial_log import PARENT_TAG

if TYPE_CHECKING:
    from rich.console import Console

BASELINE_TOLERANCE = 0.001  # of the accuracy on another processor, which rounds otherwise


def reproduce_command(
    *,
    run: str,
    data: str | None,
    device: Device | None,
    tracking_uri: str | None,
    experiment_name: str | None,
) -> int:
    """Train the trial again in a run of its own with the tag ``benchmark.reproduces``, and judge the result."""
    console = make_console()
    store = open_store(tracking_uri, experiment_name)  # for reading: a missing store is refused, not made
    record, run_id, before = find_trial(store, run)
    environment = before.environment
    config = record.config.model_copy(
        update={
            "architectures": (Choice(name=before.config.spec or before.config.architecture),),
            "seeds": record.config.seeds if before.config.seed is None else (before.config.seed,),
            "data": data or record.config.data,
            "device": device or environment.device_kind,
            "threads_per_worker": environment.threads,
            "workers": 1,
            "ray_address": None,
            "gpus_per_trial": None,
            "until_decided": False,
        }
    )
    check_data(config.data, config.columns)
    say(console, f"Training {before.config.name} again (run {run_id[:8]})")
    with interruptible(), make_executor(config) as executor:
        executor.start()  # it imports TensorFlow while the corpus is read
        now = _train_again(console, store.of_run(run_id), config, run_id, before, executor)
    if now is None:
        return 1
    stored = [trial.accuracy for trial in record.by_architecture[before.config.architecture]]
    same, sentence = judge(before, now, stored)
    say(console, sentence, "bold green" if same else "bold red")
    print_pairs(console, [("MLflow", ui_link(store, run_id))])
    return int(not same)


def find_trial(store: Store, text: str) -> tuple[BenchmarkRecord, str, TrialResult]:
    """Return the benchmark, the run and the result of the finished trial that the user means.

    Parameters
    ----------
    text : str
        A trial's run id, or a benchmark's (or latest): then the median trial of its best architecture.
    """
    trials: Sequence[TrialRecord] = []
    if text not in ("latest", "previous"):
        with suppress(UserError):  # then it is a benchmark's
            trials = [read_trial(store, find_run(store, text, "trial"))]
    if trials:
        run = store.client.get_run(trials[0].run_id)
        record = read_benchmark(store, run.data.tags[PARENT_TAG])
    else:
        record = read_benchmark(store, find_run(store, text))
        trials = [trial for trial in record.median_trials if trial.model_uri]
    for trial in trials:
        if trial.result is not None:
            return record, trial.run_id, trial.result
    raise UserError(f"RUN: {text} has no finished trial with a model; list shows the benchmarks that have")


def _train_again(
    console: Console,
    store: Store,
    config: BenchmarkConfig,
    run_id: str,
    before: TrialResult,
    executor: Executor,
) -> TrialResult | None:
    """Train, show and store the trial; None where it fails."""
    # The same architecture and corpus, as they are now
    (architecture,) = executor.describe([choice.name for choice in config.architectures])
    corpus = load_corpus(
        config.data,
        columns=config.columns,
        unlabelled=architecture.unlabelled,
        on_progress=partial(say, console),
    )
    if corpus.facts.digest != before.corpus_digest:
        raise UserError(
            f"--data: {corpus.facts.name} is not the corpus of then (digest {corpus.facts.digest[:12]}, it was "
            f"{before.corpus_digest[:12]}); give the one that it was trained on"
        )
    if architecture.unlabelled and not corpus.facts.unlabelled_digest:
        raise UserError("--data: it has no unlabelled reviews, from which this model learned too")

    # The plan, with what is not as before
    environment = executor.environment()
    trial = before.config.model_copy(update={"device": config.device})
    digest = corpus.facts.digest_with(architecture.unlabelled)
    planned = plan_trial(trial, architecture, digest, environment)
    for change in differing_parts(before.fingerprint_parts, planned.fingerprint_parts):
        say(console, f"Not as before: {change}", "yellow")
    command = f"python -m benchmark reproduce {run_id}"
    plan = Plan(
        config=config,
        planned=(planned,),
        corpus=corpus.facts,
        environment=environment,
        command=command,
    )

    # Training
    with open_session(store, plan, vocabulary_file=None, text_of=corpus.text) as session:  # it registers no model
        store.client.set_tag(session.run_id, REPRODUCES_TAG, run_id)  # first: so it is never taken for a benchmark
        with Progress(console, plan) as progress:
            train([plan.planned], executor, corpus, session, progress, config.retry_failed)
        result = session.read().trials[0].result
        same_weights = result is not None and result.weights_sha256 == before.weights_sha256
        session.describe(
            f"Trial `{run_id}` trained again; weights equal: {'yes' if same_weights else 'no'}.",
            run_name=f"reproduction of {trial.name}",
        )
        session.finish("FAILED" if result is None else "FINISHED")
    return result


def judge(before: TrialResult, now: TrialResult, stored_accuracies: Sequence[float]) -> tuple[bool, str]:
    """Return whether a trial came out the same, and the sentence that says so.

    Parameters
    ----------
    stored_accuracies : sequence of float
        Of all seeds of the architecture in the stored benchmark.
    """
    from benchmark.statistics.variance import prediction_interval

    accuracies = f"{before.scores.accuracy:.2%} then, {now.scores.accuracy:.2%} now"
    if before.weights_sha256 == now.weights_sha256:
        return True, f"The same, bit for bit: equal weights, test accuracy {now.scores.accuracy:.2%}."
    if _processor(before) == _processor(now):
        return False, f"Different: other weights on the same kind of processor; test accuracy {accuracies}."
    if now.config.seed is None:
        same = abs(before.scores.accuracy - now.scores.accuracy) <= BASELINE_TOLERANCE
        return same, f"{'The same' if same else 'Different'} to 0.1 points, on another processor: {accuracies}."
    interval = prediction_interval(stored_accuracies)
    if interval is None:
        return False, (
            f"Cannot be judged: on another kind of processor the weights differ, and one stored seed gives no "
            f"prediction interval; test accuracy {accuracies}."
        )
    same = interval.low <= now.scores.accuracy <= interval.high
    return same, (
        f"{'In line with the stored seeds' if same else 'Different'}: on another kind of processor the weights "
        f"differ; the accuracy is {now.scores.accuracy:.2%}, and the 95% prediction interval of "
        f"{len(stored_accuracies)} stored seeds is {100 * interval.low:.2f} to {100 * interval.high:.2f}%."
    )


def _processor(result: TrialResult) -> tuple[str, int]:
    return result.environment.processor(result.config.kind), result.environment.threads

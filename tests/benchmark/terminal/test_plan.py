"""The plan as the terminal shows it, at 80 columns: golden/plans.txt."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan
from benchmark.results import PlannedTrial
from benchmark.terminal import show_plan
from benchmark.training.environment import gpu_command
from tests.support.golden import assert_golden
from tests.support.records import corpus_facts, environment, trial_config
from tests.support.terminal import layout_faults, screen

GOLDEN = Path(__file__).parent / "golden" / "plans.txt"
NAMES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
TRIALS = [trial_config(name, seed) for seed in (7, 8, 9) for name in NAMES]
TRIALS += [trial_config("naive_bayes_logistic")]
A_MINUTE = dict.fromkeys([trial.architecture for trial in TRIALS], 60.0)
IMDB = corpus_facts("imdb", train_reviews=25_000, test_reviews=25_000, source="aclImdb_v1.tar.gz, as Stanford has it")
OWN = corpus_facts("custom")
GPU = {"device_kind": "gpu", "device_name": "NVIDIA H100 80GB HBM3"}


def plan(trials=TRIALS, finished=(), corpus=IMDB, workers=1, machine=None, **settings) -> Plan:
    planned = []
    for trial in trials:
        stored_as = trial.name if trial in finished else None
        planned.append(PlannedTrial(trial, {}, f"fingerprint of {trial.name}", stored_as))
    return Plan(
        config=BenchmarkConfig(architectures=(*NAMES, "naive_bayes_logistic"), **settings),
        planned=tuple(planned),
        corpus=corpus,
        environment=environment(**{"threads": 1, "trials_at_once": workers} | (machine or {})),
    )


def large():
    """Many seeds, long titles, and a long source."""
    trials = [trial_config(name, seed, title=f"{name}, " * 5) for name in NAMES for seed in range(10)]
    return plan(trials, corpus=corpus_facts("imdb", source="the archive " + "aclImdb_labelled.tar.gz " * 12))


def of_1_3_and_10_seeds():
    return plan(TRIALS + [trial_config("conv_gru", seed) for seed in range(10)] + [trial_config("text_cnn", 7)])


def learning_curve():
    """A baseline without randomness whose seeds draw its training reviews, except for all of them."""
    whole = trial_config("naive_bayes_logistic")
    drawn = [whole.model_copy(update={"seed": seed, "train_reviews": 1000}) for seed in (7, 8)]
    return plan([whole, *drawn], train_reviews=(1000, 25_000))


# The plan, and the seconds of earlier trials
CASES = {
    "Trials that were timed on this machine": (plan, A_MINUTE),
    "Four trials at a time": (lambda: plan(workers=4), A_MINUTE),
    "More workers than trials take the time of one": (lambda: plan(workers=50), A_MINUTE),
    "Nothing was timed": (plan, {}),
    "One architecture was timed": (plan, {"lstm": 60.0}),
    "What the store has takes no time": (lambda: plan(finished=TRIALS[2:]), A_MINUTE),
    "The store has all": (lambda: plan(finished=TRIALS), A_MINUTE),
    "Long texts and ten seeds": (large, A_MINUTE),
    "Each number of seeds can show another difference": (of_1_3_and_10_seeds, A_MINUTE),
    "Seeds are added until it is decided": (lambda: plan(until_decided=True), A_MINUTE),
    "One trial against the paper": (lambda: plan(TRIALS[:1]), A_MINUTE),
    "One trial of an own corpus has nothing to compare with": (lambda: plan(TRIALS[:1], corpus=OWN), A_MINUTE),
    "A learning curve": (learning_curve, A_MINUTE),
    "Synthetic reviews": (lambda: plan(corpus=corpus_facts("synthetic")), A_MINUTE),
    "On a GPU": (lambda: plan(machine=GPU), A_MINUTE),
}


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch) -> None:
    monkeypatch.setattr("benchmark.training.environment.nvidia_gpu_present", lambda: False)


def shown(plan: Plan, seconds: dict[str, float] = A_MINUTE) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, highlight=False, markup=False, emoji=False)
    show_plan(console, plan, seconds)
    text = screen(console.file.getvalue())
    assert layout_faults(text) == []
    return text


def test_the_plans_are_the_golden_ones():
    sections = []
    for title, (make, seconds) in CASES.items():
        sections.append(f"{title}\n{'=' * len(title)}\n\n{shown(make(), seconds).strip()}\n")
    assert_golden(GOLDEN, "\n\n".join(sections))


@pytest.mark.parametrize(
    "python", ["/bin/python", "/home/student/imdb-benchmark/bin/python", f"/Prüfung 2/{'x' * 120}"]
)
def test_an_nvidia_gpu_that_cannot_be_used_has_its_command_on_a_line_of_its_own(monkeypatch, python):
    monkeypatch.setattr("benchmark.training.environment.nvidia_gpu_present", lambda: True)
    monkeypatch.setattr(sys, "executable", python)
    assert gpu_command() in shown(plan()).splitlines()
    baselines = [trial_config("naive_bayes_logistic")]
    for other in (plan(device="cpu"), plan(baselines), plan(finished=TRIALS), plan(ray_address="auto")):
        assert "NVIDIA" not in shown(other)

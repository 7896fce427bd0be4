"""The plan as the terminal shows it, at 80 columns."""

import io
import sys

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.plan import Plan
from benchmark.results import PlannedTrial
from benchmark.terminal import show_plan
from benchmark.training.environment import gpu_command
from tests.support.records import corpus_facts, environment, trial_config
from tests.support.terminal import layout_faults, screen

NAMES = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")
TRIALS = [trial_config(name, seed) for seed in (7, 8, 9) for name in NAMES]
TRIALS += [trial_config("naive_bayes_logistic")]
IMDB = corpus_facts("imdb", train_reviews=25_000, test_reviews=25_000, source="aclImdb_v1.tar.gz, as Stanford has it")


def _plan(trials=TRIALS, finished=(), corpus=IMDB, workers=1, threads=1, **settings) -> Plan:
    planned = []
    for trial in trials:
        stored_as = trial.name if trial in finished else None
        planned.append(PlannedTrial(trial, {}, f"fingerprint of {trial.name}", stored_as))
    return Plan(
        config=BenchmarkConfig(architectures=(*NAMES, "naive_bayes_logistic"), **settings),
        planned=tuple(planned),
        corpus=corpus,
        environment=environment(threads=threads, trials_at_once=workers),
        command="python -m benchmark run",
    )


A_MINUTE = dict.fromkeys([trial.architecture for trial in TRIALS], 60.0)


def _lines(plan: Plan, seconds: dict[str, float] = A_MINUTE) -> list[str]:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, highlight=False, markup=False, emoji=False)
    show_plan(console, plan, seconds)
    shown = screen(console.file.getvalue())
    assert layout_faults(shown) == []
    return shown.splitlines()


def _shown(plan: Plan, seconds: dict[str, float] = A_MINUTE) -> str:
    return " ".join(" ".join(_lines(plan, seconds)).split())


def test_the_plan_names_architectures_titles_seeds_the_corpus_and_how_many_trials_train_at_once():
    shown = _shown(_plan())
    assert "Plan: 13 trials of 5 architectures architecture" in shown
    assert "Conv1D + LSTM 7, 8, 9 3 64" in shown
    assert {"none", "cnn_lstm_tensorboard"} <= set(shown.split())
    assert "25,000 to train" in shown
    assert "1 trial at a time, 1 thread" in shown
    assert "4 trials at a time, 1 thread each; timings are then of trials" in _shown(_plan(workers=4))


def test_a_large_plan_fits_80_columns_and_shows_the_seeds_of_each_architecture():
    trials = [trial_config(name, seed, title=f"{name}, " * 5) for name in NAMES for seed in range(10)]
    corpus = corpus_facts("imdb", source="the archive " + "aclImdb_labelled.tar.gz " * 12)
    words = _shown(_plan(trials, corpus=corpus)).split()
    assert {*NAMES, "0-9"} <= set(words)


def test_the_time_comes_from_earlier_trials_and_is_not_guessed():
    plan = _plan()
    assert "about 13.0 min, from earlier trials on this machine" in _shown(plan)
    for workers, minutes in ((2, "about 6.5 min, from earlier"), (50, "about 1.0 min, from earlier")):
        side_by_side = _plan(workers=workers)
        assert minutes in _shown(side_by_side)
    assert "time not known: nothing of it was timed on this machine yet" in _shown(plan, {})
    partly = "about 3.0 min, from earlier trials on this machine; and that of lstm_dropout, cnn_lstm,"
    assert partly in _shown(plan, {"lstm": 60.0})


def test_what_the_store_has_is_counted_and_takes_no_time():
    plan = _plan(finished=TRIALS[2:])
    shown = _shown(plan)
    assert "Plan: 13 trials of 5 architectures; 11 from the store, 2 to train" in shown
    assert "about 2.0 min, from earlier" in shown
    assert "nothing is left to train" in _shown(_plan(finished=TRIALS))


def test_the_plan_says_which_difference_each_number_of_seeds_can_show():
    more = [trial_config("conv_gru", seed) for seed in range(10)] + [trial_config("text_cnn", 7)]
    assert (
        "with 1 seed how this trained model does, nothing of its architecture "
        "with 3 seeds differences of 1.0 points, or 4.4 where seeds differ much "
        "with 10 seeds differences of 0.7 points, or 1.7 where seeds differ much"
    ) in _shown(_plan(TRIALS + more))


def test_what_can_be_shown_needs_something_to_compare_with():
    one, own = TRIALS[:1], corpus_facts("custom")
    assert "can show" not in _shown(_plan(one, corpus=own))
    for plan in (_plan(one, corpus=own, reference="my paper=0.9"), _plan(one), _plan(corpus=own)):
        assert "can show" in _shown(plan)
    assert "most answers, with up to 20 seeds" in _shown(_plan(until_decided=True))
    synthetic = _shown(_plan(corpus=corpus_facts("synthetic")))
    assert "can show" not in synthetic
    assert "NOT IMDB" in synthetic


def test_the_plan_says_on_which_device_it_trains():
    assert "device CPU (Some CPU at 2.0 GHz) time" in _shown(_plan())
    gpu = environment(device_kind="gpu", device_name="NVIDIA H100 80GB HBM3")
    shown = _shown(_plan().model_copy(update={"environment": gpu}))
    assert "device GPU (NVIDIA H100 80GB HBM3), for the networks; baselines train on the CPU time" in shown


@pytest.mark.parametrize(
    "python", ["/bin/python", "/home/student/imdb-benchmark/bin/python", f"/Prüfung 2/{'x' * 120}"]
)
def test_an_nvidia_gpu_that_cannot_be_used_has_its_command_on_a_line_of_its_own(monkeypatch, tmp_path, python):
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr("benchmark.training.environment.DEVICES", tmp_path)
    monkeypatch.setattr(sys, "executable", python)
    assert gpu_command() in _lines(_plan())
    baselines = [trial_config("naive_bayes_logistic")]
    for plan in (_plan(device="cpu"), _plan(baselines), _plan(finished=TRIALS), _plan(ray_address="auto")):
        assert "NVIDIA" not in _shown(plan)

"""The plan says what is trained and how long that takes, whatever the corpus."""

import io
import re

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.durations import SECONDS_AROUND, guess_seconds_in_all
from benchmark.executors.settings import ExecutorSettings
from benchmark.plan import Plan
from benchmark.terminal import show_plan, show_resumed

CONFIG = BenchmarkConfig(architectures=("cnn_lstm", "lstm"), seeds=(7, 8))
CNN_7, LSTM_7, CNN_8, LSTM_8 = CONFIG.trials()


def shown(config: BenchmarkConfig = CONFIG, resumed: Plan | None = None) -> dict[str, str]:
    """The rows of the plan."""
    out = io.StringIO()
    show_plan(Console(file=out, width=200), config, ExecutorSettings(), resumed)
    rows = [re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in out.getvalue().splitlines()[1:]]
    return {row[0]: row[1] for row in rows}


def resumed_words(plan: Plan) -> str:
    out = io.StringIO()
    show_resumed(Console(file=out, width=200), plan)
    return out.getvalue().strip()


@pytest.mark.parametrize("data", ["auto", "generated", "aclImdb"])
def test_a_time_is_given_for_every_corpus(data):
    assert re.match(r"about \d+ (s|min)", shown(CONFIG.model_copy(update={"data": data}))["time"])


def test_generated_reviews_take_less_time_and_are_not_called_imdb():
    time = shown(BenchmarkConfig(architectures=("lstm",), seeds=(7,), epochs=1, data="generated"))["time"]
    assert re.match(r"about 2\d s on two", time)


def test_the_start_of_the_command_and_its_report_count():
    assert guess_seconds_in_all([], 25_000) == SECONDS_AROUND


def test_one_epoch_is_one_epoch():
    assert shown(CONFIG.model_copy(update={"epochs": 1}))["training"].startswith("1 epoch, batches")
    assert shown()["training"].startswith("3 epochs, batches")


def test_a_resumed_benchmark_shows_what_stays_and_what_is_trained():
    rows = shown(resumed=Plan((CNN_7,), {LSTM_7: "of another benchmark"}, (CNN_8, LSTM_8), {}))
    assert rows["finished"] == "2, kept as they are"
    assert rows["to train"] == "2: cnn_lstm seed 8, lstm seed 8"
    nothing = shown(resumed=Plan(tuple(CONFIG.trials()), {}, (), {}))
    assert (nothing["to train"], nothing["time"].split(" on ")[0]) == ("none", "about 20 s for IMDB")


def test_one_finished_trial_is_one():
    assert resumed_words(Plan((CNN_7,), {}, (LSTM_7,), {})) == "1 trial is finished and stays as it is; 1 to train"
    assert resumed_words(Plan((CNN_7, LSTM_7), {}, (), {})) == "2 trials are finished and stay as they are; 0 to train"

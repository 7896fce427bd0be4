import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.__main__ import cli
from benchmark.config import BenchmarkConfig, parse_list, parse_seeds, seeds_text
from benchmark.errors import UserError

TUTORIAL = ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard")


def test_the_default_benchmark_is_the_tutorial_with_three_seeds():
    config = BenchmarkConfig.from_options()
    assert config.architectures == TUTORIAL
    assert (config.seeds, config.epochs, config.batch_size) == ((7, 8, 9), 3, 64)
    assert (config.vocabulary_size, config.review_length, config.limit) == (5000, 500, None)


def test_trials_are_ordered_seed_by_seed_so_that_an_interrupted_benchmark_is_balanced():
    config = BenchmarkConfig.from_options(architectures=("lstm", "cnn_lstm"), seeds=(0, 1))
    assert [trial.name for trial in config.trials()] == [
        "lstm seed 0",
        "cnn_lstm seed 0",
        "lstm seed 1",
        "cnn_lstm seed 1",
    ]


def test_a_trial_has_the_settings_of_its_benchmark():
    (trial,) = BenchmarkConfig.from_options(architectures=("lstm",), seeds=(0,), epochs=2, limit=10).trials()
    assert (trial.seed, trial.epochs, trial.limit) == (0, 2, 10)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, ("--epochs", "0")),
        ({"epochs": "many"}, ("--epochs", "many", "give a whole number from 1 to 1,000")),
        ({"batch_size": -1}, ("--batch-size", "-1")),
        ({"device": "tpu"}, ("--device", "tpu", "give auto, cpu or gpu")),
        ({"seeds": (7, 8, 7)}, ("--seeds", "7", "twice")),
        ({"seeds": (-1,)}, ("--seeds", "-1")),
        ({"seeds": (2**32,)}, ("--seeds", str(2**32), "whole number from 0 to 4,294,967,295")),
        ({"seeds": ()}, ("--seeds",)),
        ({"architectures": ("lstn",)}, ("--architectures", "'lstn'", "did you mean 'lstm'", "cnn_lstm")),
        ({"architectures": ("lstm", "lstm")}, ("--architectures", "lstm", "twice")),
        ({"limit": 1}, ("--limit", "1", "give a whole number from 2 on")),
        ({"equivalence_margin_points": 0}, ("--equivalence-margin-points", "give a number over 0 and up to 50")),
        ({"max_minutes_per_trial": "nan"}, ("--max-minutes-per-trial", "nan", "give a number over 0")),
        ({"max_minutes_per_trial": "inf"}, ("--max-minutes-per-trial", "inf")),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_its_option(options, words):
    with pytest.raises(UserError) as refusal:
        BenchmarkConfig.from_options(**options)
    assert "\n" not in str(refusal.value)
    for word in words:
        assert word in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0", (0,)), ("7,8,9", (7, 8, 9)), (" 7 , 8 ", (7, 8)), ("0-3", (0, 1, 2, 3)), ("5,0-1", (5, 0, 1))],
)
def test_seeds_are_a_list_or_a_range(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "7,", "a", "7;8", "-1", "3-1", "1.5", "0-99999", "²"])
def test_seeds_that_are_no_seeds_are_refused(text):
    with pytest.raises(UserError, match="--seeds"):
        parse_seeds(text)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20, unique=True))
def test_every_list_of_seeds_survives_being_written_and_read(seeds):
    assert list(parse_seeds(seeds_text(seeds))) == seeds


@settings(deadline=None)  # ten thousands of seeds, on a busy machine
@given(st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 25_000)), min_size=1, max_size=4))
def test_consecutive_seeds_survive_being_written_and_read_however_many_they_are(stretches):
    seeds = tuple(seed for first, length in stretches for seed in range(first, first + length))
    assert parse_seeds(seeds_text(seeds)) == seeds


@pytest.mark.parametrize(
    ("seeds", "text"),
    [
        ((7, 8, 9), "7,8,9"),
        (tuple(range(2500)), "0-2499"),
        ((5, 0, 1, 2, 3, 9, 10), "5,0-3,9,10"),
        ((4, 3, 2, 1), "4,3,2,1"),
        (tuple(range(10_001)), "0-9999,10000"),
    ],
)
def test_four_consecutive_seeds_and_more_are_written_as_a_range(seeds, text):
    assert seeds_text(seeds) == text
    command = shlex.split(BenchmarkConfig.from_options(seeds=seeds).command())
    assert command[-2:] == (["--seeds", text] if seeds != (7, 8, 9) else ["benchmark", "run"])


@given(st.text())
def test_any_text_gives_seeds_or_a_one_line_refusal(text):
    refused = ""
    seeds = ()
    try:
        seeds = parse_seeds(text)
    except UserError as refusal:
        refused = str(refusal)
    assert bool(seeds) != bool(refused)
    assert len(refused.splitlines()) <= 1


def test_a_list_with_a_gap_is_refused():
    with pytest.raises(UserError, match="--architectures"):
        parse_list("architectures", "lstm,,cnn_lstm")


def test_the_command_of_a_config_gives_the_same_config_again():
    config = BenchmarkConfig.from_options(
        architectures=("lstm",), seeds=(0, 5), epochs=2, limit=100, data="a folder/aclImdb", max_minutes_per_trial=2.5
    )
    python, dash_m, package, command, *words = shlex.split(config.command())
    assert [python, dash_m, package, command] == ["python", "-m", "benchmark", "run"]
    given = cli.commands["run"].make_context("run", words).params
    assert (given["seeds"], given["architectures"], given["limit"]) == ("0,5", "lstm", "100")
    assert (given["data"], given["max_minutes_per_trial"]) == ("a folder/aclImdb", "2.5")


def test_a_config_survives_json():
    config = BenchmarkConfig.from_options(seeds=(0,), limit=5)
    assert BenchmarkConfig.model_validate_json(config.model_dump_json()) == config

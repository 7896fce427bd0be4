"""MLproject's entry points and the command line have the same options with the same defaults."""

import re
from pathlib import Path

import pytest
import yaml

from benchmark.__main__ import cli

PROJECT = yaml.safe_load((Path(__file__).parents[2] / "MLproject").read_text())
BENCHMARK = PROJECT["entry_points"]["benchmark"]
TRAIN = PROJECT["entry_points"]["train"]
OF_SEVERAL_TRIALS = {"architectures", "seeds", "equivalence_margin_points", "resume"}
OF_EXECUTORS = {"executor", "workers", "ray_address", "cpus_per_trial", "gpus_per_trial"}
NOT_UNDER_MLFLOW_RUN = {"tracking_uri", "experiment_name", "dry_run", "output"}


def _given(entry_point: dict, **changed: str) -> dict:
    values = {name: facts["default"] for name, facts in entry_point["parameters"].items()} | changed
    words = re.sub(r"\{(\w+)\}", lambda match: f"\0{values[match[1]]}", entry_point["command"]).split()
    words = [word.removeprefix("\0") for word in words]
    assert words[:3] == ["python", "-m", "benchmark"]
    command = cli.commands[words[3]]
    return command.make_context(words[3], words[4:]).params


@pytest.mark.parametrize("name", list(PROJECT["entry_points"]))
def test_the_command_of_an_entry_point_can_be_parsed(name):
    required = {
        key: "x" for key, facts in PROJECT["entry_points"][name]["parameters"].items() if facts["default"] is None
    }
    assert _given(PROJECT["entry_points"][name], **required)


def test_every_option_of_run_is_a_parameter_of_the_benchmark_entry_point():
    options = {parameter.name for parameter in cli.commands["run"].params}
    assert set(BENCHMARK["parameters"]) == options - NOT_UNDER_MLFLOW_RUN


def test_train_has_the_parameters_of_benchmark_that_one_trial_needs_with_the_same_defaults():
    expected = {
        name: facts for name, facts in BENCHMARK["parameters"].items() if name not in OF_SEVERAL_TRIALS | OF_EXECUTORS
    }
    given = dict(TRAIN["parameters"])
    assert given.pop("architecture")
    assert given.pop("seed")
    assert given == expected
    assert set(re.findall(r"\{(\w+)\}", TRAIN["command"])) == set(TRAIN["parameters"])


def test_the_entry_points_defaults_are_the_command_lines_defaults():
    from benchmark.commands.run_settings import config_from_options
    from benchmark.config import BenchmarkConfig

    given = {name: value for name, value in _given(BENCHMARK).items() if name in BenchmarkConfig.model_fields}
    assert config_from_options(given) == BenchmarkConfig()

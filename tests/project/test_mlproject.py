"""MLproject's entry points: the options of the commands, with the same defaults."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from benchmark.__main__ import cli

ENTRY_POINTS = yaml.safe_load((Path(__file__).parents[2] / "MLproject").read_text())["entry_points"]
COMMANDS = {"benchmark": "run"} | {name: name for name in ("report", "predict", "evaluate", "compare", "reproduce")}
REQUIRED = {"evaluate": {"data": "other.csv"}}
NOT_UNDER_MLFLOW_RUN = {"tracking_uri", "experiment_name", "dry_run", "open_browser"}


def _parsed(entry_point: str, **changed: str) -> dict:
    """What the command makes of an entry point's parameters, quoted as `mlflow run` quotes them."""
    facts = ENTRY_POINTS[entry_point]
    changed = REQUIRED.get(entry_point, {}) | changed
    values = {name: parameter["default"] for name, parameter in facts["parameters"].items()} | changed
    command = re.sub(r"\{(\w+)\}", lambda match: shlex.quote(values[match[1]]), facts["command"])
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "benchmark", COMMANDS[entry_point]]
    return cli.commands[words[3]].make_context(words[3], words[4:]).params


def test_every_entry_point_stands_for_a_command():
    assert set(ENTRY_POINTS) == set(COMMANDS)


@pytest.mark.parametrize("entry_point", COMMANDS)
def test_every_option_is_a_parameter(entry_point):
    command = cli.commands[COMMANDS[entry_point]]
    options = {parameter.name for parameter in command.params if parameter.name not in NOT_UNDER_MLFLOW_RUN}
    own_names = {"output_format": "format", "input_file": "input", "texts": "text"}
    assert set(ENTRY_POINTS[entry_point]["parameters"]) == {own_names.get(name, name) for name in options}
    assert set(re.findall(r"\{(\w+)\}", ENTRY_POINTS[entry_point]["command"])) == set(
        ENTRY_POINTS[entry_point]["parameters"]
    )


@pytest.mark.parametrize("entry_point", COMMANDS)
def test_the_defaults_are_those_of_the_command_line(entry_point):
    command = cli.commands[COMMANDS[entry_point]]
    given = [word for name, value in REQUIRED.get(entry_point, {}).items() for word in (f"--{name}", value)]
    expected = command.make_context(COMMANDS[entry_point], given).params
    if entry_point == "predict":
        expected["texts"] = ("",)
    if entry_point == "evaluate":
        expected["models"] = ("latest",)
    assert _parsed(entry_point) == expected


def test_a_parameter_that_is_given_arrives():
    parsed = _parsed("benchmark", seeds="0-2", until_decided="true", epochs="2", data="my reviews.csv")
    assert parsed["seeds"] == (0, 1, 2)
    assert parsed["until_decided"] is True
    assert parsed["epochs"] == 2
    assert parsed["data"] == "my reviews.csv"
    assert _parsed("predict", text="it's --explain fine")["texts"] == ("it's --explain fine",)

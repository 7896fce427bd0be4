"""Help, option types and suggestions of the command line."""

import shlex
from pathlib import Path

import click
import pytest
from click.core import ParameterSource
from click.testing import CliRunner

from benchmark.__main__ import cli, main
from benchmark.commands.options import architectures, seeds
from benchmark.config import BenchmarkConfig, split_seeds
from models.registry import ours
from tests.support.terminal import COLUMNS

ROOT = Path(__file__).parents[3]
COMMANDS = ["run", "list", "report", "predict", "evaluate", "compare", "reproduce", "new", "check"]


def _help(*words: str) -> str:
    result = CliRunner().invoke(cli, [*words, "--help"], prog_name="python -m benchmark", terminal_width=COLUMNS)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_80_columns_nothing_is_cut_and_every_option_is_explained(command):
    text = _help(*command.split())
    for parameter in cli.commands[command].params if command else ():
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name
    for line in text.splitlines():
        assert len(line) <= COLUMNS, line
        assert not line.endswith("-"), f"broken at a hyphen: {line}"
    assert "..." not in text.replace("]...", "")
    assert "…" not in text
    assert "Examples:" in text


def test_examples_of_the_help_can_be_parsed():
    """An example with an option that does not exist would be worse than none."""
    for name, command in cli.commands.items():
        examples = [line.split("python -m benchmark ")[1] for line in command.epilog.splitlines() if "python" in line]
        assert examples, name
        for example in examples:
            called, *words = shlex.split(example)
            known = {option for parameter in cli.commands[called].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, f"{name}: {example}"


@pytest.mark.parametrize(("text", "numbers"), [(" 3 , 5-6,5 ", (3, 5, 6)), ("999999999", (999_999_999,))])
def test_seeds_are_numbers_and_ranges(text, numbers):
    assert seeds(text) == numbers


def test_groups_of_architectures_are_expanded_and_seeds_of_their_own_stay_as_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nets.py").write_text("def my_net(): ...\nraise SystemExit  # the command line reads it and never imports it")
    typed = architectures("tutorial,networks@0-9,nets.py:my_net@3,package.nets:other")
    assert typed[:5] == ("lstm", "lstm_dropout", "cnn_lstm", "cnn_lstm_tensorboard", "ngram_sum@0-9")
    assert list(typed[7:]) == ["transformer@0-9", "nets.py:my_net@3", "package.nets:other"]


@pytest.mark.parametrize(
    ("typed", "name", "own_seeds"),
    [("lstm", "lstm", ()), ("lstm@0-2", "lstm", (0, 1, 2)), ("me@work/n.py:my_net@3", "me@work/n.py:my_net", (3,))],
)
def test_seeds_of_its_own_end_what_is_typed_of_an_architecture(typed, name, own_seeds):
    assert split_seeds(typed) == (name, own_seeds)
    assert BenchmarkConfig(architectures=(typed,)).names == [name]


def test_an_empty_value_of_mlflow_run_counts_as_not_given():
    words = ["--epochs=", "--seeds=", "--until-decided=", "--held-out=false", "--workers=2", "--fresh=true"]
    context = cli.commands["run"].make_context("run", words)
    assert context.params["epochs"] is None
    assert context.params["seeds"] == (7, 8, 9, 10, 11)
    assert context.params["until_decided"] is False
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    assert sorted(given) == ["fresh", "workers"]


def test_architectures_are_listed(capsys):
    assert main(["list", "architectures"]) == 0
    assert set(ours()) <= set(capsys.readouterr().out.split())

"""Training again from what a run logged, and two benchmarks side by side, as a user types it."""

import json
import shutil
from dataclasses import dataclass

import pytest

from tests.end_to_end.conftest import TINY, Workspace, trial_runs

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Two:
    """A store with two benchmarks, and their ids."""

    workspace: Workspace
    baseline: str
    candidate: str


@pytest.fixture(scope="module")
def two(tmp_path_factory, finished_benchmark) -> Two:
    """A copy of the store of `finished_benchmark`, with one more benchmark: one architecture for one epoch."""
    workspace = Workspace(tmp_path_factory.mktemp("two"), finished_benchmark.workspace.cache)
    shutil.copyfile(finished_benchmark.workspace.folder / "mlflow.db", workspace.folder / "mlflow.db")
    ended = workspace.run("run", "--architectures", "cnn_lstm", "--seeds", "0,1", *TINY, "--epochs", "1")
    assert ended.exit_code == 0, ended.output + ended.errors
    return Two(workspace, finished_benchmark.ended.run_id, ended.run_id)


def test_a_trial_is_reproduced_bit_for_bit_in_a_fresh_process(two):
    client = two.workspace.client
    trial = next(run for run in trial_runs(client, two.baseline) if run.info.run_name == "cnn_lstm seed 1")
    ended = two.workspace.run("reproduce", "--run-id", trial.info.run_id, "--tolerance-points", "0")
    assert ended.exit_code == 0, ended.output + ended.errors
    assert "cnn_lstm seed 1: bit for bit the same" in ended.output
    outcome = client.get_run(trial.info.run_id).data.tags["benchmark.reproduced"]
    reproduction = client.get_run(outcome.removeprefix("bit for bit the same (run ").removesuffix(")"))
    assert reproduction.data.tags["benchmark.reproduces"] == trial.info.run_id
    assert reproduction.data.tags["benchmark.weights_sha256"] == trial.data.tags["benchmark.weights_sha256"]


def test_of_a_benchmark_one_trial_of_each_architecture_is_reproduced(two):
    ended = two.workspace.run("reproduce", "--run-id", two.candidate)
    assert ended.exit_code == 0, ended.output + ended.errors
    assert ended.output.count("bit for bit the same") == 1
    tags = two.workspace.client.get_run(two.candidate).data.tags
    assert tags["benchmark.reproduced"].startswith("bit for bit the same (run ")


def test_a_run_that_is_not_there_is_refused_in_one_line(two):
    ended = two.workspace.run("reproduce", "--run-id", "nowhere")
    assert ended.exit_code == 2
    assert ended.errors.startswith("error: there is no run 'nowhere'")
    assert ended.errors.count("\n") == 1


@pytest.mark.parametrize("command", ["report", "reproduce", "compare"])
def test_a_store_that_is_not_there_is_refused_and_not_made(command, workspace):
    ended = workspace.run(command)
    assert ended.exit_code == 2
    assert "there is no MLflow store at" in ended.errors
    assert not (workspace.folder / "mlflow.db").exists()


def test_the_newest_benchmark_is_compared_with_the_one_before_it(two):
    allowing = ("--max-accuracy-drop-points", "100", "--max-slowdown", "1000")
    ended = two.workspace.run("compare", *allowing)
    assert ended.exit_code == 0, ended.output + ended.errors
    folder = two.workspace.folder / "reports" / f"comparison-{two.baseline[:8]}-{two.candidate[:8]}"
    facts = json.loads((folder / "comparison.json").read_text())
    assert (facts["baseline"]["run_id"], facts["candidate"]["run_id"]) == (two.baseline, two.candidate)
    assert [one["architecture"] for one in facts["architectures"]] == ["cnn_lstm"]
    assert facts["only_in_baseline"] == ["lstm_dropout", "cnn_lstm_tensorboard"]
    assert {"epochs", "architectures"} <= {one["name"] for one in facts["differences"]}
    assert facts["architectures"][0]["pairing"] == "seeds and reviews"
    assert (folder / "comparison.html").stat().st_size > 0
    assert (folder / "comparison.md").stat().st_size > 0
    assert "settings: epochs was 2 and is 1" in ended.output


def test_of_two_benchmarks_the_slower_one_is_the_regression(two):
    """Which one that is, this machine decides; with no slowdown allowed it is just one of the two directions."""
    allowing = ("--max-accuracy-drop-points", "100", "--max-slowdown", "1")
    sides = [("--baseline", two.baseline, "--candidate", two.candidate)]
    sides.append(("--baseline", two.candidate, "--candidate", two.baseline))
    ended = [two.workspace.run("compare", *side, *allowing) for side in sides]
    assert sorted(one.exit_code for one in ended) == [0, 1], ended
    assert "1 regression" in next(one.output for one in ended if one.exit_code == 1)


def test_a_benchmark_is_not_compared_with_itself(two):
    ended = two.workspace.run("compare", "--baseline", "latest")
    assert ended.exit_code == 2
    assert "--baseline and --candidate are both" in ended.errors


def test_an_impossible_threshold_is_refused(two):
    ended = two.workspace.run("compare", "--max-slowdown", "0.5")
    assert ended.exit_code == 2
    assert ended.errors.startswith("error: --max-slowdown: '0.5' is not possible")

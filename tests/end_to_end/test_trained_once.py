"""What the store has finished is not trained again."""

import pytest

from tests.end_to_end.conftest import TINY, trial_runs

pytestmark = pytest.mark.slow


def test_a_second_run_trains_only_what_the_store_does_not_have(workspace):
    run = ("run", "--architectures", "majority_class,bag_of_words_svm", *TINY)
    first = workspace.run(*run)
    assert first.exit_code == 0, first.all_output
    trained = workspace.record()

    second = workspace.run(*run)
    assert second.exit_code == 0, second.all_output
    assert "Plan: 2 trials of 2 architectures; 2 from the store, 0 to train" in second.output
    assert "test accuracy" not in second.output
    record = workspace.record()
    assert record.complete
    assert trial_runs(workspace.client, record.run_id) == []
    assert {trial.trained_in for trial in record.trials} == {trained.run_id}
    assert [trial.run_id for trial in record.trials] == [trial.run_id for trial in trained.trials]
    description = workspace.client.get_run(record.run_id).data.tags["mlflow.note.content"]
    for trial in record.trials:
        assert f"runs/{trial.run_id}" in description

    workspace.client.delete_run(trained.trials[0].run_id)
    assert not workspace.record().complete
    third = workspace.run("run", "--resume", "latest")
    assert third.exit_code == 0, third.all_output
    assert "1 from the store, 1 to train" in third.output
    assert [trial.trained_in for trial in workspace.record().trials] == [None, trained.run_id]

    fresh = workspace.run(*run, "--fresh")
    assert fresh.exit_code == 0, fresh.all_output
    assert "from the store" not in fresh.output
    assert [trial.trained_in for trial in workspace.record().trials] == [None, None]
    compared = workspace.run("compare", record.run_id[:8], "latest")
    assert compared.exit_code == 0, compared.all_output

"""A user's architecture from the first line to the prediction."""

import pytest

from tests.end_to_end.conftest import TINY

pytestmark = pytest.mark.slow


def test_a_new_network_is_checked_trained_and_used(workspace):
    assert workspace.run("new", "my_net").exit_code == 0
    checked = workspace.run("check", "my_net.py:my_net")
    assert checked.exit_code == 0, checked.all_output
    ended = workspace.run("run", "--architectures", "my_net.py:my_net,majority_class", "--seeds", "3", *TINY)
    assert ended.exit_code == 0, ended.all_output
    assert "my_net seed 3" in [trial.config.name for trial in workspace.record().finished]
    (workspace.folder / "my_net.py").unlink()
    predicted = workspace.run("predict", "--model", "synthetic-my_net", "--format", "json", "a fine film")
    assert predicted.exit_code == 0, predicted.all_output
    assert '"probability"' in predicted.output

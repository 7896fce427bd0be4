import pytest

from benchmark.analysis.execution import execution_words
from benchmark.results import Execution


@pytest.mark.parametrize(
    ("execution", "words"),
    [
        (Execution(), "one at a time, on the whole machine"),
        (
            Execution(executor="ray", trials_at_once=4, cpus_per_trial=2, gpus_per_trial=0.25),
            "up to 4 at once by Ray on this machine, with 2 CPU cores and 0.25 GPU for each",
        ),
        (
            Execution(executor="ray", on_cluster=True, trials_at_once=None, cpus_per_trial=1, gpus_per_trial=0),
            "as many at once as fit by Ray on a cluster, with 1 CPU core for each",
        ),
    ],
)
def test_how_trials_were_run_is_told_in_words(execution, words):
    assert execution_words(execution) == words

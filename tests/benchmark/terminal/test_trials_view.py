import io

import pytest
from rich.console import Console

from benchmark.config import BenchmarkConfig
from benchmark.events import WorkerReady
from benchmark.terminal.trials_view import TrialsView
from tests.support.records import make_environment


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"threads": 2}, "Device: Some CPU at 2.0 GHz (CPU), 2 threads in one operation"),
        ({"threads": 1}, "Device: Some CPU at 2.0 GHz (CPU), 1 thread in one operation"),
        (
            {"device_kind": "gpu", "device_name": "Some GPU", "threads": 8},
            "Device: Some GPU (GPU, with cuDNN), 8 threads in one operation",
        ),
    ],
)
def test_the_device_is_named_once_with_its_kind(facts, line):
    out = io.StringIO()
    with TrialsView(Console(file=out, width=200), BenchmarkConfig(architectures=("lstm",)).trials(), 100) as view:
        view.handle(WorkerReady(make_environment(**facts)))
    assert line in out.getvalue()

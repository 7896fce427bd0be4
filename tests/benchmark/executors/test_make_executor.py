"""Which executor the settings ask for."""

import os
import sys

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import make_executor


def config(*architectures: str, **settings: object) -> BenchmarkConfig:
    return BenchmarkConfig(architectures=architectures or ("cnn_lstm",), **settings)


def test_a_gpu_is_refused_at_once_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.executors.nvidia_gpu_present", lambda: False)
    monkeypatch.setattr("benchmark.training.environment.nvidia_gpu_present", lambda: False)
    with pytest.raises(UserError, match=r"--device: gpu is not possible: .*; use cpu or auto"):
        make_executor(config(device="gpu"))


@pytest.mark.parametrize("address", ["ray://host:10001", "host", "host:name", "127.0.0.1:1", "127.0.0.1:99999"])
def test_an_address_where_nothing_answers_is_refused_at_once(address: str) -> None:
    pytest.importorskip("ray", reason="ray is not installed: pip install -e '.[ray]'")
    with pytest.raises(UserError, match=r"--ray-address: .* cannot be joined: .*; give auto, or host:port"):
        make_executor(config(ray_address=address))


def test_a_missing_ray_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    with pytest.raises(UserError, match=r"Ray is not installed; run `pip install -e '\.\[ray\]'`"):
        make_executor(config(ray_address="auto"))
    assert os.environ.pop("RAY_USAGE_STATS_ENABLED") == "0"

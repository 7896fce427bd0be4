"""A real MLflow server in a process of its own, which a test can take away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.running_command import wait_until

SECONDS_TO_START = 120.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def mlflow_server(folder: Path, environment: Mapping[str, str], *words: str, port: int | None = None) -> Iterator[str]:
    """Start ``mlflow WORDS`` (``server …`` or ``ui …``), yield its address when it answers, kill it at the end."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *words, "--port", str(port), "--workers", "1"],
        cwd=folder,
        env={**environment, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # ten more processes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{address}/health"), lambda: f"no server at {address}", SECONDS_TO_START)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except OSError:
        return False
    return True

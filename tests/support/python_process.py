"""Code in a Python process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def run_python(code: str, **environment: str) -> str:
    """Run code in a process of its own, since TensorFlow is prepared once in a process."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()

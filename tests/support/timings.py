"""Files as ``pytest --benchmark-json`` writes them, without measuring anything."""

import json
from pathlib import Path


def timing_entry(
    name: str, median_seconds: float, iqr_seconds: float = 0.001, rounds: int = 16, **work: object
) -> dict:
    return {
        "fullname": f"tests/microbenchmarks/test_some_speed.py::test_{name}",
        "stats": {
            "median": median_seconds,
            "min": median_seconds - iqr_seconds,
            "iqr": iqr_seconds,
            "rounds": rounds,
        },
        "extra_info": work,
    }


def write_timings(path: Path, *entries: dict) -> Path:
    path.write_text(json.dumps({"machine_info": {}, "commit_info": {}, "benchmarks": entries}))
    return path

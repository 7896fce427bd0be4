"""The contracts of `lint-imports` hold for every module, also for one that is new."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
JOIN_HARNESS_AND_TRACKING = {"benchmark.__init__", "benchmark.__main__", "benchmark.commands"}


def test_every_module_of_the_harness_but_the_command_line_is_kept_from_mlflow():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if "the harness knows nothing of MLflow" in contract["name"]]
    modules = {
        f"benchmark.{path.stem}"
        for path in (ROOT / "benchmark").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(contract["source_modules"]) == modules - JOIN_HARNESS_AND_TRACKING

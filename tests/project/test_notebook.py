"""The notebook runs from its first cell to its last."""

import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_first_experiment_runs_on_a_few_synthetic_reviews(tmp_path, monkeypatch):
    for name in ("benchmark", "models", "tracking", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "MLproject", tmp_path)
    monkeypatch.setenv("NOTEBOOK_MAX_REVIEWS", "200")
    monkeypatch.setenv("NOTEBOOK_DATA", "synthetic")
    notebook = nbformat.read(tmp_path / "notebooks" / "first_experiment.ipynb", as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(tmp_path / "notebooks")}}
    )
    client.execute()
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output
    )
    assert "points apart" in printed


def test_the_stored_notebook_has_no_output():
    notebook = nbformat.read(ROOT / "notebooks" / "first_experiment.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)

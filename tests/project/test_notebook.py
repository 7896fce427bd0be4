"""The notebook runs from its first cell to its last, and is stored with short outputs."""

import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

from benchmark.commands.new import new_command

ROOT = Path(__file__).parents[2]


def outputs_of(notebook: nbformat.NotebookNode) -> tuple[str, set[str]]:
    """Return all that is shown as text, and the kinds of what is shown."""
    texts, kinds = [], set()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
            kinds |= {output.get("name", ""), *output.get("data", {})}
    return "\n".join(texts), kinds


@pytest.mark.slow
def test_the_first_experiment_runs_with_a_tiny_network_on_a_few_synthetic_reviews(tmp_path, monkeypatch):
    for name in ("benchmark", "models", "tracking", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "MLproject", tmp_path)
    monkeypatch.chdir(tmp_path)
    new_command(name="tiny", baseline=False)
    monkeypatch.setenv("NOTEBOOK_MAX_REVIEWS", "200")
    monkeypatch.setenv("NOTEBOOK_DATA", "synthetic")
    notebook = nbformat.read(tmp_path / "notebooks" / "first_experiment.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("cnn_lstm,", "tiny.py:tiny,").replace("'cnn_lstm'", "'tiny'")
    client = nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path / "notebooks")}}
    )
    client.execute()
    shown, kinds = outputs_of(notebook)
    assert "points apart" in shown
    assert "known_words" in shown
    assert {"image/svg+xml", "image/png"} <= kinds
    assert len(shown.splitlines()) < 100


def test_the_stored_notebook_shows_its_results_in_few_lines():
    shown, kinds = outputs_of(nbformat.read(ROOT / "notebooks" / "first_experiment.ipynb", as_version=4))
    assert "points apart" in shown
    assert {"image/svg+xml", "image/png"} <= kinds
    assert len(shown.splitlines()) < 100

"""The notebook runs from its first cell to its last, and is stored with short outputs."""

import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
QUICK = """
from models.registry import register_baseline
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline

@register_baseline(deterministic=False)
def quick():
    return make_pipeline(CountVectorizer(), SGDClassifier("log_loss", max_iter=5, tol=None))
"""


def assert_shows_its_results_in_few_lines(notebook: nbformat.NotebookNode) -> None:
    texts, kinds = [], set()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
            kinds |= set(output.get("data", {}))
    shown = "\n".join(texts)
    assert "points apart" in shown
    assert "known_words" in shown
    assert {"image/svg+xml", "image/png"} <= kinds
    assert len(shown.splitlines()) < 100


@pytest.mark.slow
def test_the_first_experiment_runs_with_a_quick_classifier_on_a_few_synthetic_reviews(tmp_path, monkeypatch):
    for name in ("benchmark", "models", "tracking", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "MLproject", tmp_path)
    (tmp_path / "quick.py").write_text(QUICK)
    monkeypatch.setenv("NOTEBOOK_MAX_REVIEWS", "200")
    monkeypatch.setenv("NOTEBOOK_DATA", "synthetic")
    notebook = nbformat.read(tmp_path / "notebooks" / "first_experiment.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("cnn_lstm,", "quick.py:quick,").replace("'cnn_lstm'", "'quick'")
        cell.source = cell.source.replace("--seeds 0-4", "--seeds 0-1")
    resources = {"metadata": {"path": str(tmp_path / "notebooks")}}
    nbclient.NotebookClient(notebook, timeout=600, resources=resources).execute()
    assert_shows_its_results_in_few_lines(notebook)


def test_the_stored_notebook_shows_its_results_in_few_lines():
    stored = nbformat.read(ROOT / "notebooks" / "first_experiment.ipynb", as_version=4)
    assert_shows_its_results_in_few_lines(stored)

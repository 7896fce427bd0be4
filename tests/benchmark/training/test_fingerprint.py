"""What is part of a fingerprint, and how a difference is named."""

import hashlib
from pathlib import Path

import pytest

from benchmark.config import TrialConfig
from benchmark.results import Environment
from benchmark.training.fingerprint import differing_parts, fingerprint, plan_trial
from models.registry import Architecture
from tests.support.records import environment

ENVIRONMENT = environment()
DIGEST = "d" * 64
PROJECT = Path(__file__).parents[3]


def facts(**changes: object) -> Architecture:
    given = {"name": "net", "title": "Net", "kind": "network", "build": print}
    return Architecture(**(given | {"hyperparameters": {"units": 100}, "sources": {"nets.py": "a" * 64}} | changes))


def parts(architecture=None, digest=DIGEST, environment=None, **trial: object) -> dict[str, object]:
    """Give the parts of a trial; `environment` has the facts of the machine that differ from `ENVIRONMENT`."""
    architecture = architecture or facts()
    names = ("epochs", "batch_size", "learning_rate", "kind", "title")
    given = {"architecture": architecture.name, "seed": 7, **{name: getattr(architecture, name) for name in names}}
    changed = Environment(**{**ENVIRONMENT.model_dump(), **(environment or {})})
    return plan_trial(TrialConfig(**(given | trial)), architecture, digest, changed).fingerprint_parts


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": 8}, "seed was 7 and is 8"),
        ({"epochs": 4}, "hyperparameters: epochs was 3 and is 4"),
        ({"max_reviews": 64}, "hyperparameters: max_reviews was not set and is 64"),
        ({"train_reviews": 64}, "train reviews was not set and is 64"),
        ({"digest": "e" * 64}, "corpus digest has changed"),
        ({"architecture": facts(sources={"nets.py": "b" * 64})}, "nets.py has changed"),
        ({"architecture": facts(hyperparameters={"units": 50})}, "hyperparameters: units was 100 and is 50"),
        ({"environment": {"threads": 1}}, "threads was 2 and is 1"),
        (
            {"environment": {"versions": ENVIRONMENT.versions | {"keras": "3.16.0"}}},
            "versions: keras was 3.15.1 and is 3.16.0",
        ),
        (
            {"environment": {"numeric_variables": {"TF_ENABLE_ONEDNN_OPTS": "0"}}},
            "TF_ENABLE_ONEDNN_OPTS was not set and is 0",
        ),
    ],
)
def test_what_decides_a_networks_weights_is_in_the_fingerprint_and_is_named(change, sentence: str) -> None:
    before, now = parts(), parts(**change)
    assert differing_parts(before, now) == [sentence]
    assert fingerprint(before) != fingerprint(now)


@pytest.mark.parametrize(
    "change",
    [
        {"environment": {"cpu_model": "another", "trials_at_once": 4}},
        {"environment": {"versions": {**ENVIRONMENT.versions, "mlflow": "1"}}},
        {"architecture": facts(title="Other", spec="/elsewhere/nets.py:net")},
    ],
)
def test_what_decides_nothing_is_not_in_it(change: dict[str, object]) -> None:
    assert parts(**change) == parts()


def test_a_baseline_depends_on_scikit_learn_and_variables_and_not_on_what_networks_need() -> None:
    baseline = facts(kind="baseline", words=5000)
    before = parts(baseline)
    elsewhere = {"threads": 1, "device_kind": "gpu", "versions": {**ENVIRONMENT.versions, "tensorflow": "3"}}
    assert before == parts(baseline, vocabulary_size=99, max_length=9, environment=elsewhere)
    now = {"versions": {**ENVIRONMENT.versions, "numpy": "3"}, "numeric_variables": {"OPENBLAS_CORETYPE": "Haswell"}}
    assert differing_parts(before, parts(baseline, environment=now)) == [
        "versions: numpy was 2.4.6 and is 3",
        "OPENBLAS_CORETYPE was not set and is Haswell",
    ]
    assert differing_parts(before, parts(facts(kind="baseline"))) == ["hyperparameters: words was 5000 and is not set"]


def test_the_harnesss_own_code_is_a_part_and_a_file_that_has_changed_is_named() -> None:
    before = parts()
    assert "nets.py" in before["source"]
    for name in ("benchmark/training/network.py", "benchmark/corpus/corpus.py", "models/baselines.py"):
        digest = hashlib.sha256((PROJECT / name).read_bytes()).hexdigest()
        assert before["source"][name] == digest
        changed = {**before, "source": {**before["source"], name: "0" * 64}}
        assert differing_parts(before, changed) == [f"{name} has changed"]
    assert "benchmark/training/environment.py" not in before["source"]

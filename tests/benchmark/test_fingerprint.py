"""The fingerprint tells trials apart that may end with other weights, and can say why."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from benchmark.config import TrialConfig
from benchmark.fingerprint import differing_parts, fingerprint, fingerprint_parts
from tests.support.records import make_environment

VERSIONS = {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6", "mlflow": "3.17.2"}


def parts_of(
    corpus_digest: str = "ab", environment: Mapping[str, object] = MappingProxyType({}), **settings: object
) -> dict[str, object]:
    config = TrialConfig(**{"architecture": "lstm", "seed": 7, **settings})
    return fingerprint_parts(config, corpus_digest, make_environment(**{"versions": VERSIONS, **environment}))


def test_equal_trials_have_one_fingerprint() -> None:
    assert fingerprint(parts_of()) == fingerprint(parts_of())
    assert len(fingerprint(parts_of())) == 64


def test_the_order_of_the_parts_does_not_count() -> None:
    parts = parts_of()
    assert fingerprint(dict(reversed(parts.items()))) == fingerprint(parts)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": 0}, "seed was 7 and is 0"),
        ({"architecture": "lstm_dropout"}, "architecture was lstm and is lstm_dropout"),
        ({"epochs": 5}, "hyperparameters: epochs was 3 and is 5"),
        ({"batch_size": 32}, "hyperparameters: batch_size was 64 and is 32"),
        ({"vocabulary_size": 10_000}, "hyperparameters: vocabulary_size was 5000 and is 10000"),
        ({"review_length": 400}, "hyperparameters: review_length was 500 and is 400"),
        ({"limit": 200}, "hyperparameters: limit was not set and is 200"),
        ({"corpus_digest": "cd"}, "corpus digest has changed"),
        ({"environment": {"versions": {**VERSIONS, "keras": "3.14.0"}}}, "versions: keras was 3.15.1 and is 3.14.0"),
        ({"environment": {"device_kind": "gpu"}}, "device kind was cpu and is gpu"),
        ({"environment": {"threads": 4}}, "threads was 2 and is 4"),
        (
            {"environment": {"numeric_variables": {"TF_ENABLE_ONEDNN_OPTS": "0"}}},
            "TF_ENABLE_ONEDNN_OPTS was not set and is 0",
        ),
    ],
)
def test_whatever_may_change_the_weights_makes_another_fingerprint(change: dict[str, object], sentence: str) -> None:
    changed = parts_of(**change)
    assert fingerprint(changed) != fingerprint(parts_of())
    assert sentence in differing_parts(parts_of(), changed)


@pytest.mark.parametrize(
    "change",
    [{"environment": {"versions": {**VERSIONS, "mlflow": "3.18.0"}}}, {"device": "cpu"}],
    ids=["tracking", "device asked for"],
)
def test_what_does_not_compute_leaves_the_fingerprint(change: dict[str, object]) -> None:
    assert fingerprint(parts_of(**change)) == fingerprint(parts_of())


def test_threads_count_on_a_cpu_only() -> None:
    few, many = ({"device_kind": "gpu", "threads": threads} for threads in (2, 8))
    assert fingerprint(parts_of(environment=few)) == fingerprint(parts_of(environment=many))


def test_a_changed_source_is_named_without_its_hashes() -> None:
    before = parts_of()
    now = {**before, "architecture source": "another"}
    assert differing_parts(before, now) == ["architecture source has changed"]


def test_a_part_that_one_side_lacks_is_named() -> None:
    assert differing_parts({"seed": 1}, {"seed": 1, "threads": 2}) == ["threads was not set and is 2"]
    assert differing_parts({"seed": 1, "threads": 2}, {"seed": 1}) == ["threads was 2 and is not set"]


def test_equal_parts_differ_in_nothing() -> None:
    assert differing_parts(parts_of(), parts_of()) == []

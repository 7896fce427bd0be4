"""The settings of our architectures: what is logged is what is built."""

import re
from typing import Any

import numpy as np
import pytest

from models.registry import Architecture, expand, lookup

TEXTS = [" ".join(f"word{number}" for number in range(start, start + 60)) for start in range(0, 2400, 60)]
LABELS = np.arange(len(TEXTS)) % 2


def described(architecture: Architecture, **settings: object) -> str:
    """Describe what is built with these settings, layer by layer, or the parameters and decisions of the estimator."""
    if architecture.kind == "network":
        layers = architecture.build(50, 40, **settings).to_json()
        return re.sub(r"_\d+", "", layers)  # Keras numbers the layers of a process
    fitted = architecture.build(**settings).fit(TEXTS, LABELS)
    return f"{fitted.get_params()} {fitted.decision_function(TEXTS)}"


def other_than(value: Any) -> Any:
    if isinstance(value, list):
        return value[:-1]
    return value // 2 if isinstance(value, int) else value / 2


# one of those that have their function in common
NAMES = {lookup(name).build: name for name in expand(["all"]) if lookup(name).hyperparameters}


@pytest.mark.parametrize("name", NAMES.values())
def test_each_setting_that_is_logged_reaches_what_is_built(name: str) -> None:
    architecture = lookup(name)
    settings = dict(architecture.hyperparameters)
    if architecture.kind == "network":
        assert described(architecture, **settings) == described(architecture)
    else:
        settings["features"] = 100  # fits in milliseconds
        if "iterations" in settings:
            settings["iterations"] = 4
    before = described(architecture, **settings)
    for setting in architecture.hyperparameters:
        other = {**settings, setting: other_than(settings[setting])}
        assert described(architecture, **other) != before, setting

"""The colours of the charts, for readers with and without colour blindness."""

import re
from itertools import combinations

import numpy as np
import pytest

from benchmark.report.page import STYLE

KINDS = ("sequence-model", "n-grams", "bag-of-words", "reference", "soft")
# Machado, Oliveira and Fernandes 2009, severity 1; applied to linear RGB
SEEN = {
    "by most": np.eye(3),
    "without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
LIGHT, DARK = STYLE.split("@media")[:2]


def linear(scheme, name):
    digits = re.search(rf"--{name}: #(\w+)", scheme)[1]
    value = np.array(list(bytes.fromhex(digits))) / 255
    return np.where(value > 0.04045, ((value + 0.055) / 1.055) ** 2.4, value / 12.92)


def lab(colour):
    x, y, z = np.cbrt(XYZ @ colour / (0.95047, 1, 1.08883))  # none is so dark that the scale is straight there
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_of_the_kinds_differ(scheme, seen):
    colours = {name: lab((SEEN[seen] @ linear(scheme, name)).clip(0, 1)) for name in KINDS}
    for one, other in combinations(KINDS, 2):
        assert np.linalg.norm(colours[one] - colours[other]) >= 20, f"{one} and {other}"


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_colour_stands_out_from_the_page(scheme, name):
    paper, colour = (linear(scheme, one) @ XYZ[1] for one in ("paper", name))
    assert (max(paper, colour) + 0.05) / (min(paper, colour) + 0.05) >= 3

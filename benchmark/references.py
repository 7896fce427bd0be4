"""The published figures of ``models/references.yaml``, checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

REFERENCES_PATH = Path(__file__).resolve().parent.parent / "models" / "references.yaml"


class _Reference(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PaperFigure(_Reference):
    """One published accuracy on so many test reviews, a fraction of 1."""

    accuracy: float = Field(gt=0, lt=1)
    test_reviews: int = Field(gt=0)
    title: str
    citation: str
    url: str
    system: str
    provenance: str


class TutorialSettings(_Reference):
    """What the tutorial's figures were made with; the fields are those of `benchmark.config.TrainingSettings`."""

    epochs: int
    batch_size: int
    vocabulary_size: int
    review_length: int


class TutorialSource(_Reference):
    title: str
    citation: str
    url: str
    settings: TutorialSettings
    provenance: str


class PublishedEpoch(_Reference):
    """One line of Keras's progress output; ``val_`` is the test half."""

    loss: float = Field(ge=0)
    accuracy: float = Field(ge=0, le=1)
    val_loss: float | None = Field(default=None, ge=0)
    val_accuracy: float | None = Field(default=None, ge=0, le=1)
    seconds: float = Field(gt=0)


class PublishedArchitecture(_Reference):
    """What the tutorial printed for one architecture."""

    accuracy: float = Field(gt=0, lt=1)
    parameters: int = Field(gt=0)
    epochs: tuple[PublishedEpoch, ...]


class References(_Reference):
    """All published figures; `architectures` by registered name, and one's own architectures are not in it."""

    paper: PaperFigure
    tutorial: TutorialSource
    architectures: dict[str, PublishedArchitecture]


@cache
def load_references(path: Path = REFERENCES_PATH) -> References:
    """Read and check the published figures.

    Raises
    ------
    pydantic.ValidationError
        If a figure is missing, misspelt or impossible.
    """
    return References.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))

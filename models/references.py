"""Published figures to compare with, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class TutorialEpoch:
    """One epoch as the tutorial printed it; its validation is on the test split, where it was printed."""

    train_accuracy: float
    train_loss: float
    test_accuracy: float | None = None
    test_loss: float | None = None


@dataclass(frozen=True)
class PublishedFigure:
    """One published accuracy, a fraction of 1."""

    key: str  # short and stable: maas_2011_bag_of_words
    title: str  # for a mark in a chart: Bag of words (Maas et al. 2011)
    accuracy: float
    citation: str
    url: str
    measured_with: str  # system and data: linear SVM; 50,000 unlabelled reviews used too
    provenance: str  # where the figure stands
    papers_method: str | None = None  # where it is the paper's own method: in which form
    architecture: str | None = None  # the one here that it corresponds to
    test_reviews: int = 25_000
    epochs: tuple[TutorialEpoch, ...] = ()  # of the tutorial's networks


@dataclass(frozen=True)
class References:
    """All published figures."""

    paper: PublishedFigure  # Maas et al. 2011, 88.89%: what the verdicts compare with
    figures: tuple[PublishedFigure, ...]  # by ascending accuracy, `paper` included

    def of_architecture(self, name: str) -> PublishedFigure | None:
        """Return the published figure that the architecture corresponds to."""
        return next((figure for figure in self.figures if figure.architecture == name), None)


def load_references() -> References:
    """Read ``references.yaml``; an architecture names its figure where it is registered."""
    import yaml
    from pydantic import TypeAdapter

    from models.registry import ours

    registered = {architecture.published_as: architecture.name for architecture in ours().values()}
    content = yaml.safe_load(Path(__file__).with_name("references.yaml").read_text(encoding="utf-8"))
    figures = []
    for figure in TypeAdapter(list[PublishedFigure]).validate_python(content["figures"]):
        figures.append(replace(figure, architecture=registered.get(figure.key)))
    figures.sort(key=lambda figure: figure.accuracy)
    by_key = {figure.key: figure for figure in figures}
    return References(by_key[content["paper"]], tuple(figures))

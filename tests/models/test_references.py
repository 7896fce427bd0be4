"""Published figures: complete, in order, and of architectures that exist."""

import pytest

from models.references import References, load_references
from models.registry import ours


@pytest.fixture(scope="module")
def references() -> References:
    return load_references()


def test_the_papers_figure_and_what_it_needed(references: References) -> None:
    assert references.paper.accuracy == 0.8889
    assert references.paper.test_reviews == 25_000
    assert "50,000 unlabelled reviews" in references.paper.measured_with
    assert references.paper in references.figures


def test_figures_ascend_and_say_where_they_come_from(references: References) -> None:
    accuracies = [figure.accuracy for figure in references.figures]
    assert accuracies == sorted(accuracies)
    assert len({figure.key for figure in references.figures}) == len(accuracies)
    for figure in references.figures:
        assert 0.5 < figure.accuracy < 1
        assert figure.url.startswith("https://")
        assert figure.provenance
        assert figure.measured_with


def test_every_figure_that_an_architecture_names_is_there_and_named_once(references: References) -> None:
    keys = [architecture.published_as for architecture in ours().values() if architecture.published_as]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= {figure.key for figure in references.figures}

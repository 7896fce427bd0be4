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


@pytest.mark.parametrize(
    ("architecture", "accuracy", "epochs"),
    [
        ("lstm", 0.8562, [(0.7870, 0.8468), (0.8620, 0.8530), (0.8864, 0.8562)]),
        ("lstm_dropout", 0.8546, [(0.7675, None), (0.8772, None), (0.8394, None)]),
        ("cnn_lstm", 0.8815, [(0.7908, None), (0.9041, None), (0.9224, None)]),
        ("cnn_lstm_tensorboard", 0.8850, [(0.7971, None), (0.9056, None), (0.9262, None)]),
    ],
)
def test_the_tutorials_outputs(references: References, architecture: str, accuracy: float, epochs: object) -> None:
    figure = references.of_architecture(architecture)
    assert (figure.key, figure.accuracy) == (f"tutorial_{architecture}", accuracy)
    assert [(epoch.accuracy, epoch.val_accuracy) for epoch in figure.epochs] == epochs


def test_figures_ascend_and_say_where_they_come_from(references: References) -> None:
    accuracies = [figure.accuracy for figure in references.figures]
    assert accuracies == sorted(accuracies)
    assert len({figure.key for figure in references.figures}) == len(accuracies)
    for figure in references.figures:
        assert 0.5 < figure.accuracy < 1
        assert figure.url.startswith("https://")
        assert figure.provenance
        assert figure.measured_with


@pytest.mark.parametrize(
    ("architecture", "accuracy"),
    [("bag_of_words_svm", 0.8780), ("naive_bayes_logistic", 0.9122), ("majority_class", None)],
)
def test_the_figure_of_an_architecture(references: References, architecture: str, accuracy: float | None) -> None:
    figure = references.of_architecture(architecture)
    assert (figure and figure.accuracy) == accuracy


def test_every_figure_corresponds_to_one_of_ours_or_to_none(references: References) -> None:
    named = [figure.architecture for figure in references.figures if figure.architecture]
    assert len(set(named)) == len(named)
    assert set(named) <= {architecture.name for architecture in ours().values()}

"""Published figures: complete, in order, and of architectures that exist."""

import pytest

from models.references import References, load_references
from models.registry import list_architectures


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
        ("lstm", 0.8562, ((0.4504, 0.7870, 188), (0.3304, 0.8620, 193), (0.2865, 0.8864, 190))),
        ("lstm_dropout", 0.8546, ((0.4738, 0.7675, 157), (0.3097, 0.8772, 175), (0.3852, 0.8394, 180))),
        ("cnn_lstm", 0.8815, ((0.4243, 0.7908, 73), (0.2438, 0.9041, 77), (0.2017, 0.9224, 79))),
        ("cnn_lstm_tensorboard", 0.8850, ((0.4172, 0.7971, 72), (0.2417, 0.9056, 75), (0.1961, 0.9262, 74))),
    ],
)
def test_the_tutorials_outputs(references: References, architecture: str, accuracy: float, epochs: object) -> None:
    figure = references.of_architecture(architecture)
    assert (figure.key, figure.accuracy) == (f"tutorial_{architecture}", accuracy)
    assert tuple((epoch.loss, epoch.accuracy, epoch.seconds) for epoch in figure.epochs) == epochs


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
    assert set(named) <= {architecture.name for architecture in list_architectures()}

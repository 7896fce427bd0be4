import pytest
import yaml
from pydantic import ValidationError

from benchmark.config import TrainingSettings
from benchmark.references import REFERENCES_PATH, References, load_references
from models.registry import architecture_names, get_architecture


def test_the_paper_has_one_figure_on_25_000_reviews():
    paper = load_references().paper
    assert (paper.accuracy, paper.test_reviews) == (0.8889, 25_000)
    assert "Maas" in paper.citation


def test_every_tutorial_architecture_has_its_published_figures():
    published = load_references().architectures
    assert list(published) == architecture_names("tutorial")
    accuracies = [one.accuracy for one in published.values()]
    assert accuracies == [0.8562, 0.8546, 0.8815, 0.8850]
    assert all(len(one.epochs) == load_references().tutorial.settings.epochs for one in published.values())


@pytest.mark.parametrize("name", architecture_names("tutorial"))
def test_published_parameter_counts_are_those_that_the_architectures_promise(name):
    assert load_references().architectures[name].parameters == get_architecture(name).parameter_count


def test_the_tutorials_settings_are_the_defaults_here():
    defaults = TrainingSettings().model_dump()
    settings = load_references().tutorial.settings.model_dump()
    assert settings == {name: defaults[name] for name in settings}


def test_the_last_validation_accuracy_of_the_lstm_is_its_test_accuracy():
    lstm = load_references().architectures["lstm"]
    assert lstm.epochs[-1].val_accuracy == lstm.accuracy


def test_a_misspelt_figure_is_refused():
    content = yaml.safe_load(REFERENCES_PATH.read_text(encoding="utf-8"))
    content["architectures"]["lstm"]["acuracy"] = 0.9
    with pytest.raises(ValidationError, match="acuracy"):
        References.model_validate(content)

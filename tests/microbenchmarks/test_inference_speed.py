"""One review and many, from ids and from raw text through the registered model."""

import warnings

import numpy as np
import pytest

from benchmark.config import TrialConfig
from models.registry import get_architecture
from tests.support.records import finished_trial, make_corpus_facts

ARCHITECTURE = "cnn_lstm"


@pytest.fixture(scope="module")
def model(sizes, work_on_device):
    from benchmark.runtime import seed_everything

    seed_everything(0)
    return get_architecture(ARCHITECTURE).build(sizes.vocabulary_size, sizes.review_length)


@pytest.fixture(scope="module")
def classifier(model, corpus, sizes, tmp_path_factory):
    """The raw-text model, loaded from its files as from the registry."""
    import tracking  # noqa: F401  (before MLflow: it turns telemetry off)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        import mlflow.pyfunc

        from tracking.model_files import write_model_files

        config = TrialConfig(
            architecture=ARCHITECTURE, seed=0, vocabulary_size=sizes.vocabulary_size, review_length=sizes.review_length
        )
        folder = tmp_path_factory.mktemp("model")
        model.save(folder / "model.keras")
        result = finished_trial(config).result
        write_model_files(
            folder / "mlflow", result, make_corpus_facts(), folder / "model.keras", corpus.vocabulary_file
        )
        return mlflow.pyfunc.load_model(str(folder / "mlflow"))


@pytest.fixture(scope="module")
def median_review(encoded):
    """Index of the test review of median length."""
    return int(np.argsort(encoded.test_words, kind="stable")[len(encoded.test_words) // 2])


def test_one_review_from_ids(benchmark, model, encoded, median_review, work_on_device):
    from models.prediction import Predictor

    x = encoded.x_test[median_review : median_review + 1]
    benchmark.extra_info |= {**work_on_device, "words": int(encoded.test_words[median_review])}
    predictor = Predictor(model)
    predictor.predict(x)

    assert benchmark(predictor.predict, x).shape == (1,)


def test_one_review_from_text(benchmark, classifier, corpus, encoded, median_review, work_on_device):
    texts = [corpus.text(str(encoded.test_ids[median_review]))]
    benchmark.extra_info |= {**work_on_device, "words": int(encoded.test_words[median_review])}
    classifier.predict(texts)

    assert len(benchmark(classifier.predict, texts)) == 1


def test_batch_from_ids(benchmark, model, encoded, sizes, work_on_device):
    from models.prediction import predict_probabilities

    x = encoded.x_test[: sizes.texts]
    benchmark.extra_info |= {**work_on_device, "reviews": len(x)}
    predict_probabilities(model, x)

    assert benchmark(predict_probabilities, model, x).shape == (len(x),)


def test_batch_from_text(benchmark, classifier, corpus, encoded, sizes, work_on_device):
    texts = [corpus.text(str(name)) for name in encoded.test_ids[: sizes.texts]]
    benchmark.extra_info |= {**work_on_device, "reviews": len(texts)}
    classifier.predict(texts)

    assert len(benchmark(classifier.predict, texts)) == len(texts)

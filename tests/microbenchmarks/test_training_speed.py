"""A training step, and a batch of the evaluation, of every registered architecture."""

import numpy as np
import pytest

from models.registry import architecture_names, get_architecture


@pytest.fixture(scope="module", params=architecture_names())
def model(request, sizes, work_on_device):
    from benchmark.fingerprint import LOSS, OPTIMIZER
    from benchmark.runtime import seed_everything

    seed_everything(0)
    model = get_architecture(request.param).build(sizes.vocabulary_size, sizes.review_length)
    model.compile(loss=LOSS, optimizer=OPTIMIZER, metrics=["accuracy"])
    return model


def test_training_step(benchmark, model, encoded, sizes, work_on_device):
    x, y = encoded.x_train[: sizes.train_batch], encoded.y_train[: sizes.train_batch]
    benchmark.extra_info |= {**work_on_device, "reviews": len(x)}
    model.train_on_batch(x, y)  # traces the graph

    loss, _ = benchmark(model.train_on_batch, x, y)

    assert np.isfinite(loss)


def test_evaluation_batch(benchmark, model, encoded, sizes, work_on_device):
    from models.prediction import Predictor

    x = encoded.x_test[: sizes.evaluation_batch]
    benchmark.extra_info |= {**work_on_device, "reviews": len(x)}
    predictor = Predictor(model)
    predictor.predict(x)  # traces the graph

    probability = benchmark(predictor.predict, x)

    assert probability.shape == (len(x),)

"""What `check` refuses, and what it says to change."""

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.training.check import check_architecture

SMALL = BenchmarkConfig(architectures=(), device="cpu", vocabulary_size=50, max_length=12)
BASELINES = """
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.linear_model import Ridge

def good():
    return make_pipeline(CountVectorizer(), LinearSVC(dual=False))

def returns_nothing(): pass

def exits():
    raise SystemExit(0)

def prints():
    print("building")
    return good()

def random_order():
    return make_pipeline(CountVectorizer(), SGDClassifier(loss="log_loss"))

def own_function():
    return make_pipeline(FunctionTransformer(lambda texts: texts), CountVectorizer(), LogisticRegression())

def no_classifier():
    return make_pipeline(CountVectorizer(), Ridge())
"""
NETWORKS = """
import keras
from keras import layers
import numpy as np

def good(vocabulary_size, max_length, *after):
    return keras.Sequential([
        keras.Input((max_length,), dtype="int32"),
        layers.Embedding(vocabulary_size, 2),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
        *after,
    ])

def returns_nothing(vocabulary_size, max_length): pass

def compiled(vocabulary_size, max_length):
    model = good(vocabulary_size, max_length)
    model.compile("sgd")
    return model

def two_outputs(vocabulary_size, max_length):
    ids = keras.Input((max_length,), dtype="int32")
    output = good(vocabulary_size, max_length)(ids)
    return keras.Model(ids, [output, output])

def small_embedding(vocabulary_size, max_length):
    return good(vocabulary_size // 2, max_length)

def no_probability(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Rescaling(50.0))

def random_start(vocabulary_size, max_length):
    start = keras.initializers.Constant(float(np.random.default_rng().random()))
    return good(vocabulary_size, max_length, layers.Dense(1, kernel_initializer=start, activation="sigmoid"))

def own_lambda(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Lambda(lambda x: x * 0.5))

@keras.saving.register_keras_serializable()
class Halved(layers.Layer):
    def call(self, x):
        return x * 0.5

def own_layer(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, Halved())

def own_activation(vocabulary_size, max_length):
    def halved(x):
        return x * 0.5
    return good(vocabulary_size, max_length, layers.Activation(halved))
"""


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("nets")
    (folder / "baselines.py").write_text(BASELINES)
    (folder / "networks.py").write_text(NETWORKS)
    return lambda spec: check_architecture(f"{folder}/{spec}", SMALL)


def assert_refused(points: list[tuple[str, str]], name: str, advice: str) -> None:
    *met, last = points
    assert not any(said for _, said in met)
    assert last[0] == name
    assert advice in last[1]
    assert "\n" not in last[1]


IMPORTS = "imports, with a possible name and parameters"
BUILDS = "builds an unfitted scikit-learn estimator"
FITS = "fits texts, and gives a probability for each"
SAVES = "saves with skops, and loads without trusted types"
REPEATS = "the same seed gives the same model"
QUIET = "prints nothing"


@pytest.mark.parametrize(
    ("function", "point", "advice"),
    [
        ("absent", IMPORTS, "there is no function 'absent'"),
        ("returns_nothing", BUILDS, "it returns nothing: return a scikit-learn"),
        ("exits", BUILDS, "it calls sys.exit: return instead"),
        ("no_classifier", FITS, "neither predict_proba nor decision_function"),
        ("own_function", SAVES, "no class or function of your own"),
        ("random_order", REPEATS, "random_state=0, or register it with determ"),
        ("prints", QUIET, "it prints 'building': remove the print"),
    ],
)
def test_a_baseline_that_breaks_the_contract_is_refused(check, function: str, point: str, advice: str) -> None:
    assert_refused(check(f"baselines.py:{function}"), point, advice)


def test_a_good_baseline_passes_every_point(check) -> None:
    assert check("baselines.py:good") == [(point, "") for point in (IMPORTS, BUILDS, FITS, SAVES, REPEATS, QUIET)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "point", "advice"),
    [
        ("returns_nothing", "builds an uncompiled Keras model", "it returns nothing: return a keras.Model"),
        ("compiled", "builds an uncompiled Keras model", "remove compile()"),
        ("two_outputs", "gives one probability for each review", "it gives the shape (2, 4, 1) and not (4, 1)"),
        ("small_embedding", "gives one probability for each review", "is not in [0, 25)"),
        ("no_probability", "gives one probability for each review", "not between 0 and 1: end with Dense(1, activ"),
        ("random_start", "trains, and the same seed gives the same weights", "draw random numbers with Keras only"),
        ("own_lambda", "saves, and loads without its source", "load without the source of Lambda: use"),
        ("own_layer", "saves, and loads without its source", "does not load without the source of Halved: use"),
        ("own_activation", "saves, and loads without its source", "no class or function of your own"),
    ],
)
def test_a_network_that_breaks_the_contract_is_refused(check, function: str, point: str, advice: str) -> None:
    assert_refused(check(f"networks.py:{function}"), point, advice)


@pytest.mark.slow
def test_a_good_network_passes_every_point(check) -> None:
    points = check("networks.py:good")
    assert len(points) == 6
    assert not any(advice for _, advice in points), points

"""What `check` refuses, and what it says to change."""

import pytest

from benchmark.corpus.cache import cache_folder
from benchmark.training.check import Check, check_architecture

SMALL = {"vocabulary_size": 50, "max_length": 12}
BASELINES = """
import os
from pathlib import Path
import numpy as np
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

def writes():
    Path(os.environ["IMDB_BENCHMARK_CACHE"], "corpus.npy").write_text("changed")
    return good()

def removes():
    Path(__file__).with_name("other.csv").unlink(missing_ok=True)
    return good()

def needs(one): pass

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

def three_units(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Dense(3))

def no_probability(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Rescaling(50.0))

def random_start(vocabulary_size, max_length):
    start = keras.initializers.Constant(float(np.random.default_rng().random()))
    return good(vocabulary_size, max_length, layers.Dense(1, kernel_initializer=start, activation="sigmoid"))

def own_lambda(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Lambda(lambda x: x * 0.5))

class Halved(layers.Layer):
    def call(self, x):
        return x * 0.5

def own_layer(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, Halved())
"""


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("nets")
    (folder / "baselines.py").write_text(BASELINES)
    (folder / "networks.py").write_text(NETWORKS)
    (folder / "broken.py").write_text("def net(vocabulary_size, max_length)\n    pass\n")
    (folder / "needs_more.py").write_text("import not_installed\n\ndef net(): pass\n")
    (folder / "named.py").write_text(
        "from models.registry import register_baseline\n\n@register_baseline('my/net')\ndef net(): pass\n"
    )

    def check(spec: str) -> list[Check]:
        return check_architecture(f"{folder}/{spec}", **SMALL)

    return check


def assert_refused(checks: list[Check], name: str, advice: str) -> None:
    *passed, last = checks
    assert all(point.ok and not point.advice for point in passed)
    assert (last.ok, last.name) == (False, name)
    assert advice in last.advice
    assert "\n" not in last.advice


QUIET = "prints nothing and writes no files"
IMPORTS = "imports, with a possible name and parameters"


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ("absent.py:net", "there is no file"),
        ("broken.py:net", "SyntaxError: expected ':' (broken.py, line 1)"),
        ("needs_more.py:net", "No module named 'not_installed'"),
        ("named.py:net", "'my/net' is not possible"),
        ("baselines.py:other", "there is no function 'other'"),
        ("baselines.py:needs", "a network takes (vocabulary_size, max_length), a baseline nothing"),
    ],
)
def test_what_cannot_be_imported_is_refused(check, spec: str, advice: str) -> None:
    assert_refused(check(spec), IMPORTS, advice)


def test_a_good_baseline_passes_every_point(check) -> None:
    checks = check("baselines.py:good")
    assert all(point.ok for point in checks)
    assert [point.name for point in checks] == [
        IMPORTS,
        "builds an unfitted scikit-learn estimator",
        "fits texts, and gives a probability for each",
        "saves with skops, and loads without trusted types",
        "the same seed gives the same model",
        QUIET,
    ]


@pytest.mark.parametrize(
    ("function", "name", "advice"),
    [
        ("returns_nothing", "builds an unfitted scikit-learn estimator", "it returns nothing: return a scikit-learn"),
        ("exits", "builds an unfitted scikit-learn estimator", "it calls sys.exit: return instead"),
        ("prints", QUIET, "it prints 'building': remove the print"),
        ("random_order", "the same seed gives the same model", "random_state=0, or register it with determ"),
        ("own_function", "saves with skops, and loads without trusted types", "no class or function of your own"),
        (
            "no_classifier",
            "fits texts, and gives a probability for each",
            "neither predict_proba nor decision_function",
        ),
    ],
)
def test_a_baseline_that_breaks_the_contract_is_refused(check, function: str, name: str, advice: str) -> None:
    assert_refused(check(f"baselines.py:{function}"), name, advice)


def test_a_file_that_is_written_or_removed_is_named(check) -> None:
    assert_refused(check("baselines.py:writes"), QUIET, f"writes or removes {cache_folder() / 'corpus.npy'}")
    assert_refused(check("baselines.py:removes"), QUIET, "other.csv: build a model and nothing else")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "name", "advice"),
    [
        ("returns_nothing", "builds an uncompiled Keras model", "it returns nothing: return a keras.Model"),
        ("compiled", "builds an uncompiled Keras model", "remove compile()"),
        ("two_outputs", "gives one probability for each review", "it gives 2 outputs and not (4, 1)"),
        ("three_units", "gives one probability for each review", "it gives shape (4, 3) and not (4, 1)"),
        (
            "no_probability",
            "gives one probability for each review",
            "not between 0 and 1: end with Dense(1, activation",
        ),
        ("random_start", "trains, and the same seed gives the same weights", "draw random numbers with Keras only"),
        ("own_lambda", "saves, and loads without its source", "no Lambda"),
        ("own_layer", "saves, and loads without its source", "no class or function of your own"),
    ],
)
def test_a_network_that_breaks_the_contract_is_refused(check, function: str, name: str, advice: str) -> None:
    assert_refused(check(f"networks.py:{function}"), name, advice)


@pytest.mark.slow
def test_a_good_network_passes_every_point(check) -> None:
    checks = check("networks.py:good")
    assert all(point.ok for point in checks), checks
    assert len(checks) == 6

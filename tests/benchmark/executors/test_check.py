"""What `check` and `run` refuse, and what they say to change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors import LocalExecutor

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

def needs_more_reviews():
    return make_pipeline(CountVectorizer(), LinearSVC(max_iter=1, random_state=0))

def returns_nothing(): pass

def exits():
    raise SystemExit(0)

class Late(LinearSVC):
    def fit(self, texts, labels):
        import late
        return good().fit(texts, labels)

def imports_late():
    return Late()

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

def small_embedding(vocabulary_size, max_length):
    return good(vocabulary_size // 2, max_length)

def no_probability(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Rescaling(50.0))

def random_start(vocabulary_size, max_length):
    start = keras.initializers.Constant(float(np.random.default_rng().random()))
    return good(vocabulary_size, max_length, layers.Dense(1, kernel_initializer=start, activation="sigmoid"))

@keras.saving.register_keras_serializable()
class Halved(layers.Layer):
    def call(self, x):
        return x * 0.5

def own_layer(vocabulary_size, max_length): return good(vocabulary_size, max_length, Halved())
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nets")
    (folder / "baselines.py").write_text(BASELINES)
    (folder / "networks.py").write_text(NETWORKS)
    (folder / "late.py").touch()
    return folder


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(SMALL) as executor:
        yield executor


def assert_refused(executor: LocalExecutor, spec: str, advice: str) -> None:
    with pytest.raises(UserError) as refused:
        executor.describe([spec])
    assert "is not possible: " in str(refused.value)
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        ("absent", "there is no function 'absent'"),
        ("returns_nothing", "it returns a NoneType: return a scikit-learn estimator"),
        ("exits", "SystemExit: 0"),
        ("no_classifier", "neither predict_proba nor decision_function"),
        ("own_function", "no class or function of your own"),
        ("random_order", "random_state=0, or register it with deterministic=False"),
        ("imports_late", "late.py is used now, but only since the training started: import it at the top"),
    ],
)
def test_a_baseline_that_breaks_the_contract_is_refused(executor, files: Path, function: str, advice: str) -> None:
    assert_refused(executor, f"{files}/baselines.py:{function}", advice)


@pytest.mark.parametrize("name", ["good", "needs_more_reviews"])
def test_a_good_baseline_is_described(executor, files: Path, name: str) -> None:
    [good] = executor.describe([f"{files}/baselines.py:{name}"])
    assert (good.name, good.kind, good.spec) == (name, "baseline", f"{files}/baselines.py:{name}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "advice"),
    [
        ("returns_nothing", "it returns a NoneType: return a keras.Model"),
        ("compiled", "remove compile()"),
        ("small_embedding", "is not in [0, 25)"),
        ("no_probability", "not between 0 and 1: end with Dense(1, activ"),
        ("random_start", "draw random numbers with Keras or numpy.random only"),
        ("own_layer", "does not load without the source of Halved: use"),
    ],
)
def test_a_network_that_breaks_the_contract_is_refused(executor, files: Path, function: str, advice: str) -> None:
    assert_refused(executor, f"{files}/networks.py:{function}", advice)


def test_settings_are_refused_by_what_they_are_for(executor, files: Path) -> None:
    assert_refused(executor, "bag_of_words_svm[C=-1]", "The 'C' parameter of LinearSVC must be a float in the range")
    assert_refused(executor, f"{files}/baselines.py:good[C=2]", "there is no setting 'C' of good; possible: none")
    [described] = executor.describe(["bag_of_words_svm[C=2,features=5000]"])
    assert described.name == "bag_of_words_svm[C=2.0]"


@pytest.mark.slow
def test_settings_of_a_network_are_refused_by_keras(executor) -> None:
    assert_refused(executor, "lstm[lstm_units=0]", "expected a positive integer, got 0")


def test_the_name_of_one_of_ours_is_refused(executor, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"{BASELINES}\nlstm = good\nlstm.__name__ = 'lstm'\n")
    with pytest.raises(UserError, match=r"the name 'lstm' of .*:lstm is given twice or one of ours; choose"):
        executor.describe([f"{tmp_path}/mine.py:lstm"])

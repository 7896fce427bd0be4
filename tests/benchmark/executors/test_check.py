"""What `check` and `run` refuse, and what they say to change."""

import os
from pathlib import Path

import pytest

from benchmark.config import BenchmarkConfig
from benchmark.errors import UserError
from benchmark.executors.check import check_architecture

pytestmark = pytest.mark.slow

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

def own_layer(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, Halved())

def a_lambda(vocabulary_size, max_length):
    return good(vocabulary_size, max_length, layers.Lambda(lambda x: x * 0.5))
"""
BROKEN = {
    "syntax": "def broken(:",
    "two_lines": "raise ValueError('one\\ntwo')",
    "package": "import no_such_package",
    "leaves": "raise SystemExit",
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "baselines.py").write_text(BASELINES)
    (tmp_path / "networks.py").write_text(NETWORKS)
    for name, line in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(f"import os\n{line}\ndef net(v, m): ...\n")
    os.mknod(tmp_path / "late.py")  # what this process has opened to write is no source of a trial
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ("syntax.py:net", "is not possible: SyntaxError: invalid syntax (syntax.py, line 2)"),
        ("two_lines.py:net", "is not possible, line 2: ValueError: one two"),
        ("package.py:net", "is not possible, line 2: ModuleNotFoundError: No module named"),
        ("leaves.py:net", "is not possible, line 2: SystemExit"),
        ("baselines.py:exits", "is not possible, line 16: SystemExit: 0"),
        ("baselines.py:no_classifier", "neither predict_proba nor decision_function"),
        ("baselines.py:own_function", "no class or function of your own"),
        ("baselines.py:random_order", "random_state=0, or register it with deterministic=False"),
        ("baselines.py:imports_late", "late.py is used now, but only since the training started: import it at the top"),
        ("networks.py:compiled", "remove compile()"),
        ("networks.py:small_embedding", "is not in [0, 25)"),
        ("networks.py:no_probability", "not between 0 and 1: end with Dense(1, activ"),
        ("networks.py:random_start", "draw random numbers with Keras or numpy.random only"),
        ("networks.py:own_layer", "does not load without the source of Halved: use"),
        ("networks.py:a_lambda", "does not load: ValueError: Requested the deserialization of a `Lambda` layer"),
        ("bag_of_words_svm[C=-1]", "The 'C' parameter of LinearSVC must be a float in the range"),
        ("lstm[lstm_units=0]", "expected a positive integer, got 0"),
    ],
)
def test_what_breaks_the_contract_is_refused_in_one_line(spec: str, advice: str) -> None:
    with pytest.raises(UserError) as refused:
        check_architecture(spec, SMALL)
    assert str(refused.value).startswith(f"{spec} is not possible")
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("spec", ["baselines.py:good", "baselines.py:needs_more_reviews", "networks.py:good"])
def test_what_keeps_it_is_described(files: Path, spec: str) -> None:
    found = check_architecture(spec, SMALL)
    assert (found.name, f"{found.kind}s.py:{found.name}", found.spec) == (spec.split(":")[1], spec, f"{files}/{spec}")

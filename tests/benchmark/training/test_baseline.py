"""Baselines as trials: fitted on the texts, saved without pickle, and refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from benchmark.corpus.corpus import open_corpus
from benchmark.corpus.word_order import shuffle_texts
from benchmark.results import TrialResult
from benchmark.training.environment import describe_environment
from benchmark.training.trial import run_trial
from benchmark.trial_folder import BASELINE_FILE, SOURCE_FILE, read_predictions, read_result
from models.baselines import probability_of
from tests.support.planned import planned

NETS = """
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier
from models.registry import register_baseline

def logistic():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())

@register_baseline(words=10)
def few_words():
    return make_pipeline(CountVectorizer(token_pattern="[^ ]+"), LogisticRegression())

@register_baseline(deterministic=False)
def shuffled():
    return make_pipeline(CountVectorizer(), SGDClassifier(loss="log_loss", max_iter=50))

@register_baseline(unlabelled=True)
def self_training():
    return make_pipeline(CountVectorizer(token_pattern="[^ ]+"), SelfTrainingClassifier(LogisticRegression()))

def forest():
    return make_pipeline(CountVectorizer(), RandomForestClassifier(5))

def stops_early():
    return make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1))
"""


@pytest.fixture
def run(corpus: Path, nets: Path, tmp_path: Path):
    def run(name: str, seed: int | None = None, **settings: object) -> TrialResult:
        trial = planned(name.replace("nets:", f"{nets}:"), corpus, seed, **settings)
        run_trial(trial, corpus, tmp_path, print, describe_environment())
        return read_result(tmp_path)

    return run


@pytest.mark.parametrize("name", ["nets:logistic", "nets:few_words", "nets:shuffled"])
def test_the_saved_estimator_needs_no_trust_and_gives_the_stored_probabilities(run, name, corpus, tmp_path) -> None:
    result = run(name)
    estimator = skops.io.load(tmp_path / BASELINE_FILE, trusted=[])
    predictions = read_predictions(tmp_path / "predictions.parquet")
    words = 10 if name == "nets:few_words" else None
    opened = open_corpus(corpus)
    texts = opened.texts(opened.test, words)
    np.testing.assert_array_equal(predictions.probability, probability_of(estimator, texts))
    shuffled = probability_of(estimator, shuffle_texts(texts))
    np.testing.assert_array_equal(predictions.probability_shuffled, shuffled)
    assert result.scores.accuracy == np.mean((predictions.probability > 0.5) == predictions.label)


def test_unlabelled_reviews_are_fitted_after_the_others_without_a_label(run, corpus, tmp_path) -> None:
    review = open_corpus(corpus).vocabulary.ids("word0 word0 word0")
    np.save(corpus / "unlabelled_ids.npy", np.array(review * 5, np.int32))
    np.save(corpus / "unlabelled_offsets.npy", np.arange(0, 21, 4))
    run("nets:self_training")
    estimator = skops.io.load(tmp_path / BASELINE_FILE, trusted=[])
    assert (estimator[-1].labeled_iter_ == 0).tolist() == [True] * 130 + [False] * 5
    assert estimator[-1].transduction_[130:].tolist() == [0] * 5  # word0 gives it away


def test_of_fewer_training_reviews_the_drawn_ones_are_fitted(run, corpus, tmp_path) -> None:
    run("nets:few_words", 1, train_reviews=30)
    estimator = skops.io.load(tmp_path / BASELINE_FILE, trusted=[])
    whole = open_corpus(corpus)
    drawn = whole.drawn(30, 1)
    texts = np.array(whole.texts(whole.train, words=10))[drawn]
    expected = clone(estimator).fit(texts, whole.train.labels[drawn])
    np.testing.assert_array_equal(estimator[-1].coef_, expected[-1].coef_)


def test_predictions_carry_the_facts_of_the_reviews(run, corpus, tmp_path) -> None:
    run("majority_class", max_reviews=100)
    predictions = read_predictions(tmp_path / "predictions.parquet")
    test = open_corpus(corpus).test
    for name, expected in {
        "review_id": test.review_ids,
        "label": test.labels,
        "words": np.diff(test.offsets) - 1,
        "group": test.groups,
    }.items():
        np.testing.assert_array_equal(getattr(predictions, name), expected[:100])


def test_the_result_describes_the_fit(run, nets, tmp_path) -> None:
    result = run("nets:few_words")
    assert result.parameter_count == 6 + 1 + 1  # six words, "<unk>" and the intercept
    assert result.hyperparameters == {"words": 10, "max_reviews": None}
    assert result.epochs == ()
    assert result.trace_seconds == 0
    assert 0 < result.train_seconds < result.wall_seconds
    assert result.model_bytes == (tmp_path / BASELINE_FILE).stat().st_size
    assert (tmp_path / SOURCE_FILE).read_text() == nets.read_text()


def test_weights_depend_on_the_reviews_and_where_it_is_random_on_the_seed(run) -> None:
    def weights(name: str, seed: int, **settings: object) -> str:
        return run(name, seed, **settings).weights_sha256

    assert weights("nets:logistic", 7) == weights("nets:logistic", 8) != weights("nets:logistic", 7, max_reviews=100)
    assert weights("nets:shuffled", 7) == weights("nets:shuffled", 7) != weights("nets:shuffled", 8)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stops_early", "^stops_early does not converge: lbfgs failed to converge .*; raise its max_iter$"),
        ("forest", "the fitted estimator holds sklearn.tree._tree.Tree, which skops does not load without trust"),
    ],
)
def test_what_cannot_be_a_trial_fails_with_one_line(run, tmp_path, name: str, message: str) -> None:
    with pytest.raises(Exception, match=message) as caught:
        run(f"nets:{name}")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "result.json").exists()

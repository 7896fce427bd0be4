"""Which labels of new reviews are understood, and which reviews are new."""

import pandas
import pytest

from benchmark.commands.evaluate import check_labels, check_trained_alike, find_new_reviews
from benchmark.corpus.load import load_corpus
from benchmark.errors import UserError
from tests.support.records import corpus_facts, tiny_record


@pytest.mark.parametrize("labels", [("negative", "positive"), ("0", "1"), ("stars < 4", "stars >= 4")])
def test_labels_whose_meaning_is_sure_are_taken(labels):
    check_labels(labels, ("negative", "positive"))


def test_other_labels_are_refused_with_those_that_are_possible():
    with pytest.raises(UserError) as refusal:
        check_labels(("good", "terrible"), ("negative", "positive"))
    assert "the labels are 'good' and 'terrible', and those of the models 'negative' and 'positive'" in str(
        refusal.value
    )
    assert "--columns 'label=stars>=4'" in str(refusal.value)


def test_trials_that_differ_in_more_than_the_seed_are_no_seeds_of_one_architecture():
    check_trained_alike(tiny_record(("lstm", "cnn_lstm")).finished)
    other = tiny_record(("lstm",), max_length=100).finished
    with pytest.raises(UserError, match=r"^lstm was trained in two ways \(.*max_length was 500 and is 100"):
        check_trained_alike([*tiny_record(("lstm",)).finished, *other])


def table(path, texts, **columns):
    labels = [number % 2 for number in range(len(texts))]
    pandas.DataFrame({"text": texts, "label": labels, **columns}).to_csv(path, index=False)
    return str(path)


@pytest.fixture
def training(tmp_path, monkeypatch):
    """The corpus of a training, which the cache has."""
    monkeypatch.setenv("IMDB_BENCHMARK_CACHE", str(tmp_path / "cache"))
    texts = [f"film number{number} is good" for number in range(40)]
    return load_corpus(table(tmp_path / "mine.csv", texts, split=["train"] * 20 + ["test"] * 20))


def test_reviews_of_the_training_split_are_left_out(training, tmp_path):
    record = tiny_record(("lstm",), corpus=training.facts, max_reviews=4)
    trained_on = list(training.train.raw_texts().values())
    texts = [trained_on[3].replace(" ", "  "), trained_on[4], "film number30 is good", "another film"]
    corpus = load_corpus(table(tmp_path / "other.csv", texts), train=False)
    is_new, left_out = find_new_reviews(corpus, record)
    old = [text for text, new in zip(corpus.test.raw_texts().values(), is_new, strict=True) if not new]
    assert (old, left_out) == (texts[:1], 1)  # the fifth review was not trained on
    only_seen = load_corpus(table(tmp_path / "seen.csv", texts[:1] * 2), train=False)
    with pytest.raises(UserError, match=r"^--data: the models were trained on all reviews of seen"):
        find_new_reviews(only_seen, record)


def test_without_the_corpus_of_the_training_it_is_not_known_which_are_new(training):
    is_new, left_out = find_new_reviews(training, tiny_record(("lstm",), corpus=corpus_facts()))
    assert is_new.all()
    assert left_out is None

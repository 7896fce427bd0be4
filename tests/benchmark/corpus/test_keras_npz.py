from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest

from benchmark.corpus import keras_npz
from benchmark.corpus.encoding import permutations
from benchmark.corpus.keras_npz import keras_order
from benchmark.corpus.load import load_corpus
from tests.benchmark.corpus.conftest import ragged


@pytest.fixture
def published(npz, monkeypatch) -> Path:
    """The files are taken for those that Keras publishes."""
    monkeypatch.setattr(keras_npz, "NPZ_HASH", f"sha256:{hashlib.sha256(npz.read_bytes()).hexdigest()}")
    word_index = npz.with_name("imdb_word_index.json").read_bytes()
    monkeypatch.setattr(keras_npz, "WORD_INDEX_HASH", f"md5:{hashlib.md5(word_index).hexdigest()}")
    return npz


def test_the_published_files_are_the_whole_of_imdb_without_text(published):
    corpus = load_corpus(str(published))
    assert (corpus.facts.kind, corpus.facts.name, corpus.facts.vocabulary_words) == ("imdb", "imdb", 1000)
    assert corpus.vocabulary.words[:2] == ("word1", "word2")
    assert corpus.text("test/pos/12") is None


def test_the_first_reviews_that_keras_returns_have_the_known_names():
    # As Keras's documentation and examples print them: "this film was just brilliant casting location scenery story",
    # "big hair big boobs bad music and a giant safety pin", "this has to be one of the worst films of the 1990s", …
    train, test = permutations(25_000, 25_000)
    names = ["pos/576", "neg/10654", "neg/3771", "pos/10714", "neg/324", "neg/8203"]
    assert [keras_order("train", 25_000)[i] for i in train[:6]] == [f"train/{name}" for name in names]
    names = ["neg/7975", "pos/2425", "pos/5965", "neg/1106", "pos/352"]
    assert [keras_order("test", 25_000)[i] for i in test[:5]] == [f"test/{name}" for name in names]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "length"), [(500, 20), (5000, 100)])
def test_the_arrays_are_those_that_keras_itself_gives(published, monkeypatch, size, length):
    keras = pytest.importorskip("keras")
    monkeypatch.setattr("keras.src.datasets.imdb.get_file", lambda **_: str(published))
    (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=size)
    encoded = load_corpus(str(published)).encode(size, length)
    np.testing.assert_array_equal(encoded.x_train, keras.utils.pad_sequences(x_train, maxlen=length))
    np.testing.assert_array_equal(encoded.x_test, keras.utils.pad_sequences(x_test, maxlen=length))
    np.testing.assert_array_equal(encoded.y_train, y_train)
    np.testing.assert_array_equal(encoded.y_test, y_test)


class _Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_hostile_pickle_is_refused_and_does_not_run(npz, refusal, tmp_path):
    np.savez(npz, x_train=ragged([_Hostile(tmp_path / "executed")]))
    message = refusal(load_corpus, str(npz))
    assert "is not the file that Keras publishes" in message
    assert ".csv, .parquet or .jsonl table" in message
    npz.write_bytes(pickle.dumps(_Hostile(tmp_path / "executed")))
    assert "is none of the possible sources" in refusal(load_corpus, str(npz))
    assert not (tmp_path / "executed").exists()


def test_a_changed_or_missing_word_index_is_refused(published, refusal):
    index = published.with_name("imdb_word_index.json")
    index.write_bytes(index.read_bytes() + b" ")
    assert "imdb_word_index.json is not the file that Keras publishes" in refusal(load_corpus, str(published))
    index.unlink()
    assert "imdb.npz needs Keras's imdb_word_index.json in the same folder" in refusal(load_corpus, str(published))

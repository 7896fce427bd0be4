from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus import keras_npz as module
from benchmark.corpus import load_corpus
from benchmark.corpus.keras_npz import read_keras_npz
from benchmark.corpus.reviews import permutations
from benchmark.errors import UserError
from tests.support.keras_files import WORDS, ragged, write_npz


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    return write_npz(tmp_path / "imdb.npz")


def refusal(npz: Path) -> str:
    with pytest.raises(UserError) as raised:
        read_keras_npz(npz, npz.with_name("imdb_word_index.json"))
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_ranks_become_ids_after_the_start_id(npz):
    train = read_keras_npz(npz, npz.with_name("imdb_word_index.json")).train
    with np.load(npz, allow_pickle=True) as arrays:  # our own file, written above
        first = permutations(40, 30)[0][0]
        assert train.ids[: train.offsets[1]].tolist() == [1, *(rank + 3 for rank in arrays["x_train"][first])]
        assert train.labels[0] == arrays["y_train"][first]


def test_reviews_are_named_by_their_position_in_the_file_and_have_no_text(npz, cache):
    corpus = load_corpus(str(npz), cache)
    assert corpus.train.review_ids.tolist() == [f"train/{i}" for i in permutations(40, 30)[0]]
    assert corpus.text("test/12") is None


def test_an_npz_that_is_not_the_published_one_is_a_custom_corpus(npz, cache):
    facts = load_corpus(str(npz), cache).facts
    assert (facts.kind, facts.train_reviews, facts.test_reviews, facts.vocabulary_words) == ("custom", 40, 30, 1000)


def test_the_words_keep_their_ranks_whatever_their_order_in_the_file(npz):
    shuffled = dict(sorted(((word, i) for i, word in enumerate(WORDS, start=1)), reverse=True))
    npz.with_name("imdb_word_index.json").write_text(json.dumps(shuffled))
    assert list(read_keras_npz(npz, npz.with_name("imdb_word_index.json")).vocabulary.words) == WORDS


@pytest.mark.slow
@pytest.mark.parametrize(("size", "length"), [(500, 20), (5000, 100)])
def test_the_arrays_are_those_that_keras_itself_gives(npz, cache, monkeypatch, size, length):
    keras = pytest.importorskip("keras")
    monkeypatch.setattr("keras.src.datasets.imdb.get_file", lambda **_: str(npz))
    (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=size)
    encoded = load_corpus(str(npz), cache).encode(size, length)
    np.testing.assert_array_equal(encoded.x_train, keras.utils.pad_sequences(x_train, maxlen=length))
    np.testing.assert_array_equal(encoded.x_test, keras.utils.pad_sequences(x_test, maxlen=length))
    np.testing.assert_array_equal(encoded.y_train, y_train)
    np.testing.assert_array_equal(encoded.y_test, y_test)


class _Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["x_train", "x_test", "y_train", "y_test"])
def test_a_hostile_pickle_in_any_array_is_refused_and_does_not_run(tmp_path, name):
    path = write_npz(tmp_path / "imdb.npz", **{name: ragged([_Hostile(tmp_path / "executed")])})
    assert "is refused" in refusal(path)
    assert not (tmp_path / "executed").exists()


def test_a_hostile_pickle_in_place_of_the_file_is_refused_and_does_not_run(tmp_path, cache):
    path = tmp_path / "imdb.npz"
    path.write_bytes(pickle.dumps(_Hostile(tmp_path / "executed")))
    with pytest.raises(UserError, match=r"neither an \.npz nor a \.tar\.gz"):
        load_corpus(str(path), cache)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x_train": None}, "no item named 'x_train.npy'"),
        ({"y_test": np.zeros(3, int)}, "y_test is not a 0 or 1 for each review"),
        ({"y_test": np.full(30, 2)}, "y_test is not a 0 or 1"),
        ({"y_test": np.zeros(30)}, "y_test is not a 0 or 1"),
        ({"x_test": np.zeros((30, 5), int)}, "x_test.npy is not a one-dimensional array"),
        ({"x_test": np.zeros(30, int)}, "not lists of whole numbers"),
        ({"x_test": ragged([[1001]] * 30)}, "words that imdb_word_index.json does not have"),
        ({"x_test": ragged([[0]] * 30)}, "words that imdb_word_index.json does not have"),
        ({"x_test": ragged([[2**70]] * 30)}, "is refused"),
        ({"x_test": np.empty(0, object), "y_test": np.zeros(0, int)}, "x_test has no reviews"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, changes, reason):
    assert reason in refusal(write_npz(tmp_path / "imdb.npz", **changes))


@given(data=st.data())
def test_no_damage_inside_gives_anything_but_a_corpus_or_a_refusal(small_npz, data):
    with zipfile.ZipFile(small_npz) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    damaged = members[data.draw(st.sampled_from(sorted(members)))]
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, min(len(damaged), 400) - 1))] = data.draw(st.integers(0, 255))
    copy = small_npz.with_name("damaged.npz")
    with zipfile.ZipFile(copy, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, bytes(content))
    try:
        encoded = read_keras_npz(copy, copy.with_name("imdb_word_index.json"))
    except UserError:
        return
    assert encoded.train.ids.dtype == np.int32


@pytest.fixture(scope="module")
def small_npz(tmp_path_factory) -> Path:
    return write_npz(tmp_path_factory.mktemp("npz") / "imdb.npz")


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(npz, kept):
    content = npz.read_bytes()
    npz.write_bytes(content[: int(len(content) * kept)])
    assert "is refused" in refusal(npz)


def test_a_flipped_byte_is_refused(npz):
    content = bytearray(npz.read_bytes())
    content[len(content) // 3] ^= 0xFF
    npz.write_bytes(content)
    assert "is refused" in refusal(npz)


def test_an_array_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = write_npz(tmp_path / "imdb.npz")
    monkeypatch.setattr(module, "LARGEST_ARRAY_BYTES", 1000)
    assert "x_train.npy unpacks to more than 1,000 bytes" in refusal(path)


def test_a_header_that_claims_terabytes_is_refused(tmp_path):
    path = write_npz(tmp_path / "imdb.npz", y_train=None)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<i8", "fortran_order": False, "shape": (10**15,)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y_train.npy", header.getvalue() + bytes(80))
    assert "is refused" in refusal(path)


def test_the_word_index_has_to_lie_beside_the_file(npz, cache):
    npz.with_name("imdb_word_index.json").unlink()
    with pytest.raises(UserError, match=r"^--data: .*imdb\.npz needs Keras's imdb_word_index\.json beside it"):
        load_corpus(str(npz), cache)


@pytest.mark.parametrize(
    "content",
    ["", "[1]", "{", '{"a": 2}', '{"a": 1, "b": 1}', '{"a": "1"}', '{"": 1}', '{"a\\nb": 1}', '{"\\ud800": 1}'],
)
def test_a_wrong_word_index_is_refused(npz, content):
    npz.with_name("imdb_word_index.json").write_text(content)
    assert "imdb_word_index.json is not a word index" in refusal(npz)

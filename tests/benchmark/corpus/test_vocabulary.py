from __future__ import annotations

import ast
import importlib.util
import string
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpus import vocabulary as module
from benchmark.corpus.vocabulary import Vocabulary

SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
texts = st.text(
    st.one_of(st.sampled_from(SEPARATORS + " ABZabz'ÄäÉß\r\x0b\xa0\u2028\U0001f600\ud800"), st.characters())
)
word_lists = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1), unique=True)


def split_as_written(text: str) -> list[str]:
    """The rules, one character at a time."""
    characters = [" " if c in SEPARATORS else c.lower() if c in string.ascii_uppercase else c for c in text]
    return [word for word in "".join(characters).split(" ") if word]


def encode_as_written(vocabulary: Vocabulary, text: str, size: int, length: int) -> list[int]:
    ids = [1]
    for word in vocabulary.split(text):
        if word in vocabulary:
            identity = vocabulary.words.index(word) + 1 + 3
            ids.append(identity if identity < size else 2)
    ids = ids[-length:]
    return [0] * (length - len(ids)) + ids


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's great!<br /><br />Really.", ["it's", "great", "br", "br", "really"]),
        ("Ärger and ÉTÉ", ["Ärger", "and", "ÉtÉ"]),  # ASCII letters only
        ("tab\tnew\nline", ["tab", "new", "line"]),
        ("stay\rwhole\xa0here", ["stay\rwhole\xa0here"]),  # no other white space separates
        ("  many   spaces  ", ["many", "spaces"]),
        ("10/10 -- A+", ["10", "10", "a"]),
        ("lone \ud800 surrogate", ["lone", "\ud800", "surrogate"]),
        ("...", []),
        ("", []),
    ],
)
def test_text_is_split_by_the_rules_of_keras_own_corpus(text, words):
    assert Vocabulary.split(text) == words


@given(texts)
def test_splitting_follows_the_written_rules_for_any_text(text):
    words = Vocabulary.split(text)
    assert words == split_as_written(text)
    assert Vocabulary.split(" ".join(words)) == words


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", "x", "y"]), max_size=12).map(" ".join),
    st.integers(4, 12),
    st.integers(1, 15),
)
def test_encoding_follows_the_written_rules(text, size, length):
    vocabulary = Vocabulary(["a", "b", "c", "d", "e"])
    encoded = vocabulary.encode([text], size, length)
    assert encoded.dtype == np.int32
    assert encoded.tolist() == [encode_as_written(vocabulary, text, size, length)]


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (None, "the rare film"),
        (7, "the rare film"),
        (6, "the <unk> film"),
        (4, "<unk> <unk> <unk>"),
        (0, "<unk> <unk> <unk>"),
    ],
)
def test_a_baseline_gets_the_words_that_a_network_of_the_same_vocabulary_size_sees(words, seen):
    vocabulary = Vocabulary(["the", "film", "rare"])
    assert vocabulary.words_of("The RARE, unheard-of film!", words) == seen
    if words is not None:
        network = vocabulary.encode(["The RARE, unheard-of film!"], words, 4)[0][1:]
        assert [identity == 2 for identity in network] == [word == "<unk>" for word in seen.split()]


@given(word_lists)
def test_a_saved_vocabulary_loads_equal_and_with_its_digest(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.txt"
    vocabulary = Vocabulary(words)
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert (loaded.words, loaded.digest) == (vocabulary.words, vocabulary.digest)


@pytest.mark.parametrize("words", [["a", "a"], ["a", ""], ["\ud800"]])
def test_words_that_a_file_cannot_hold_are_refused(words):
    with pytest.raises(ValueError, match=r"word|surrogates"):
        Vocabulary(words)


@pytest.mark.parametrize("content", [b"a\nb", b"a\n\nb\n", b"a\na\n", b"\xff\n"])
def test_a_damaged_vocabulary_file_is_refused(tmp_path, content):
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"vocabulary|utf-8"):
        Vocabulary.load(path)


def test_the_module_works_alone_as_it_travels_with_a_model(tmp_path):
    copy = tmp_path / "shipped_vocabulary.py"
    copy.write_bytes(Path(module.__file__).read_bytes())
    imported = set()
    for node in ast.walk(ast.parse(copy.read_text())):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
    assert imported <= {"numpy", *sys.stdlib_module_names}

    spec = importlib.util.spec_from_file_location("shipped_vocabulary", copy)
    shipped = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shipped)
    assert shipped.Vocabulary(["a"]).encode(["A"], 5, 2).tolist() == [[1, 4]]

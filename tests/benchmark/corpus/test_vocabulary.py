from __future__ import annotations

import numpy as np
import pytest

from benchmark.corpus.vocabulary import Vocabulary

SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's great!<br /><br />Really.", ["it's", "great", "br", "br", "really"]),
        ("Ärger and ÉTÉ", ["Ärger", "and", "ÉtÉ"]),  # ASCII letters only
        ("tab\tnew\nline", ["tab", "new", "line"]),
        ("stay\rwhole\xa0here", ["stay\rwhole\xa0here"]),  # no other white space separates
        ("  many   spaces  ", ["many", "spaces"]),
        (f"A{'B'.join(SEPARATORS)}Z", ["a", *"b" * (len(SEPARATORS) - 1), "z"]),
        ("lone \ud800 surrogate", ["lone", "\ud800", "surrogate"]),
        ("...", []),
        ("", []),
    ],
)
def test_text_is_split_by_the_rules_of_keras_own_corpus(text, words):
    assert Vocabulary.split(text) == words


@pytest.mark.parametrize(
    ("text", "size", "length", "ids"),
    [
        ("the film", 9, 4, [0, 1, 4, 5]),  # padded at the front
        ("the film the film", 9, 3, [5, 4, 5]),
        ("the rare film", 6, 4, [1, 4, 2, 5]),  # a rank beyond the vocabulary
        ("the unheard-of film", 9, 4, [0, 1, 4, 5]),
        ("", 9, 2, [0, 1]),
    ],
)
def test_text_is_encoded_as_keras_own_corpus(text, size, length, ids):
    encoded = Vocabulary(["the", "film", "rare"]).encode([text], size, length)
    assert (encoded.dtype, encoded.tolist()) == (np.int32, [ids])


@pytest.mark.parametrize(
    ("words", "seen"), [(None, "the rare film"), (7, "the rare film"), (6, "the <unk> film"), (0, "<unk> <unk> <unk>")]
)
def test_a_baseline_gets_the_words_that_a_network_of_the_same_vocabulary_size_sees(words, seen):
    assert Vocabulary(["the", "film", "rare"]).words_of("The RARE, unheard-of film!", words) == seen


def test_a_saved_vocabulary_loads_equal(tmp_path):
    vocabulary = Vocabulary(["the", "caf\xe9", "a\rb", "a\x85b", "a\u2028b", "\U0001f600"])
    vocabulary.save(tmp_path / "vocabulary.txt")
    assert Vocabulary.load(tmp_path / "vocabulary.txt").words == vocabulary.words

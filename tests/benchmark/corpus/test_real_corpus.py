from __future__ import annotations

import hashlib

import pytest

pytestmark = [pytest.mark.real_corpus, pytest.mark.slow]

# SHA-256 of the vocabulary file and of the encoded arrays as little-endian 64-bit integers, since version 0.4.
VOCABULARY = "953b1b0a7aa71e9d805d3df8ba6e1f02d34e6164ecf781862a63d5374562f95b"
ENCODED = {
    "x_train": "ca44b852579260efd79402d5caad416e46857ce7ff481ffd005191fef7e2c1ce",
    "y_train": "387086e86b859d238ff5d7e264f9801d661012c250d87a6bb5debd9e388c4715",
    "x_test": "d4402918855a76e50f37573147d0e118f8cffe41e220e7106e44f21662c0407e",
    "y_test": "a9282b8db0139200a105d87a1349a51bfadd3ae57b16cd4b367787735df72d7f",
}
# Of what a baseline takes, a review a line.
TEXTS = {
    "train": "402cc4273b6ec5dc9b456e7415d52234ae884cd86a8c42216cc754ac537eb5c3",
    "test": "e0e16cf0d6157ae263a6d24c76f9881ec8c5dac9fc4c385f157efcdfb69d5c6f",
}


def test_it_is_known_to_be_the_whole_of_imdb(real_corpus):
    facts = real_corpus.facts
    assert (facts.kind, facts.name) == ("imdb", "imdb")
    assert facts.digest == "c775a9cf15034a1081b15778cf0e3e11bd0b21fb837fbe1d578b988bbc9baad4"
    assert (facts.train_reviews, facts.test_reviews, facts.vocabulary_words) == (25_000, 25_000, 88_584)
    assert (facts.groups, facts.test_reviews_in_train, facts.repeated_test_reviews) == (3581, 123, 199)


def test_the_vocabulary_and_the_encoded_reviews_stay_as_they_are(real_corpus):
    assert hashlib.sha256(real_corpus.vocabulary_file.read_bytes()).hexdigest() == VOCABULARY
    encoded = real_corpus.encode(5000, 500)
    digests = {name: hashlib.sha256(array.astype("<i8")).hexdigest() for name, array in vars(encoded).items()}
    assert digests == ENCODED
    for split, digest in TEXTS.items():
        assert hashlib.sha256("\n".join(real_corpus.texts(getattr(real_corpus, split))).encode()).hexdigest() == digest

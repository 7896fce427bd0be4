from __future__ import annotations

import pytest

from benchmark.corpus.load import load_corpus
from tests.benchmark.corpus.test_table import write


@pytest.fixture
def grouped(tmp_path) -> str:
    """80 training reviews of 20 products and 8 test reviews."""
    rows = []
    for number in range(88):
        label = ("bad", "good")[number % 2]
        split = "train" if number < 80 else "test"
        rows.append(
            {"text": f"{label} thing{number}", "label": label, "split": split, "group": f"product{number // 4}"}
        )
    return str(write(tmp_path / "mine.csv", rows))


def test_a_fifth_of_the_groups_of_the_training_split_is_the_test_and_its_words_are_not_counted(grouped):
    whole, held_out = load_corpus(grouped), load_corpus(grouped, held_out=True)
    assert (held_out.facts.train_reviews, held_out.facts.test_reviews, held_out.facts.groups) == (64, 16, 4)
    assert not set(held_out.train.groups) & set(held_out.test.groups)
    assert held_out.train.raw_texts() | held_out.test.raw_texts() == whole.train.raw_texts()
    tested = [text.split()[1] for text in held_out.test.raw_texts().values()]
    assert all(word in whole.vocabulary and word not in held_out.vocabulary for word in tested)


def test_it_is_another_corpus_that_says_so_and_is_always_the_same(grouped, monkeypatch):
    whole, held_out = load_corpus(grouped).facts, load_corpus(grouped, held_out=True).facts
    assert (held_out.kind, held_out.name, held_out.held_out) == ("custom", "mine-held-out", True)
    assert held_out.digest != whole.digest
    assert held_out.source.endswith("held out as the test: a fifth of the groups of its training split (fixed seed)")
    assert "held out" in str(held_out.not_comparable_reason(None))
    monkeypatch.setattr("benchmark.corpus.load.encode_corpus", None)
    assert load_corpus(grouped, held_out=True).facts == held_out


def test_held_out_of_imdb_has_its_films_and_never_compares_with_the_paper(is_imdb, monkeypatch):
    monkeypatch.setenv("IMDB_DATA", str(is_imdb))
    load_corpus("imdb")
    monkeypatch.delenv("IMDB_DATA")
    facts = load_corpus("imdb", held_out=True).facts
    assert (facts.kind, facts.name, facts.title) == ("imdb", "imdb-held-out", "IMDB, held out")
    assert facts.not_comparable_reason(None)

"""A word's effect is what hiding it changes."""

import io

import pytest
from rich.console import Console

from benchmark.numbers import MINUS
from tests.support.fake_classifier import FakeClassifier
from tracking.explain import as_html, as_terminal_text, explain, word_spans

WORDS = {"the": 0.0, "good": 0.25, "bad": -0.125}


def effects(text: str, **settings: int) -> dict[str, float]:
    explanation = explain(FakeClassifier(WORDS, **settings), text)
    return {text[word.start : word.stop]: word.effect for word in explanation.words}


def test_a_word_has_the_effect_that_hiding_it_takes_away() -> None:
    assert effects("the good, BAD film") == {"the": 0.0, "good": 0.25, "BAD": -0.125, "film": 0.0}


def test_repeated_words_have_an_effect_each() -> None:
    words = explain(FakeClassifier(WORDS), "bad bad").words
    assert [word.effect for word in words] == [-0.125, -0.125]


def test_what_the_model_cannot_see_has_no_effect() -> None:
    assert effects("good the the bad", review_length=3) == {"good": 0.0, "the": 0.0, "bad": -0.125}


def test_rare_words_have_no_effect() -> None:
    assert effects("good bad", vocabulary_size=6)["bad"] == 0.0


def test_exactly_as_many_words_as_the_model_sees_all_count() -> None:
    assert effects("good the bad", review_length=3) == {"good": 0.25, "the": 0.0, "bad": -0.125}


@pytest.mark.parametrize("text", ["", "   ", "unknown words", "😀"])
def test_a_text_of_no_known_word_is_explained_by_nothing(text: str) -> None:
    explanation = explain(FakeClassifier(WORDS), text)
    assert (explanation.probability, explanation.strongest) == (0.5, [])


def test_the_strongest_words_come_first_whichever_way_they_push() -> None:
    assert explain(FakeClassifier(WORDS), "the bad good").strongest == [("good", 0.25), ("bad", -0.125)]


@pytest.mark.parametrize("text", ["The film<br />isn't (bad)!", "\tÄußerst gut, 3/10\n", "", "--", "a\x00b\r\nc  d"])
def test_spans_are_the_words_of_the_vocabularys_own_rules(text: str) -> None:
    vocabulary = FakeClassifier(WORDS).vocabulary
    words = [text[start:stop] for start, stop in word_spans(text, vocabulary)]
    assert [vocabulary.split(word) for word in words] == [[word] for word in vocabulary.split(text)]


def test_html_shows_the_text_as_text_and_colours_both_ways() -> None:
    page = as_html(explain(FakeClassifier(WORDS), "<script>good</script> & bad"))
    assert "<script>" not in page
    assert 'style="background:rgba(0,158,115,1.00)">good' in page
    assert 'style="background:rgba(213,94,0,0.50)">bad' in page
    assert "&amp;" in page
    assert "+25.0 points" in page


def test_the_terminal_shows_the_whole_text_and_the_strongest_words() -> None:
    out = io.StringIO()
    Console(file=out, width=200).print(as_terminal_text(explain(FakeClassifier(WORDS), "the [bold]good[/bold] bad")))
    shown = out.getvalue()
    assert shown.startswith("the [bold]good[/bold] bad\n")
    assert "positive, probability of positive 62.5%" in shown
    assert "+25.0 points  good" in shown
    assert f"{MINUS}12.5 points  bad" in shown

"""The part of a review that decided."""

import pytest

from benchmark.report.excerpt import MAX_WORDS, excerpt
from benchmark.report.report_types import ReviewErrors


def review(text, effects=(), label=0):
    return ReviewErrors(
        review_id="a", label=label, words=1, probabilities={"lstm": 0.9}, text=text, word_effects=effects
    )


def test_bold_pushed_to_the_wrong_label_and_italics_to_the_right_one():
    effects = (("good", 1.0), ("bad", -1.0))
    assert excerpt(review("A good, a Bad film.", effects, label=0)) == "A **good**, a *Bad* film."
    assert excerpt(review("A good, a Bad film.", effects, label=1)) == "A *good*, a **Bad** film."


@pytest.mark.parametrize("text", ["not good", "Not, good", "not-good", "NOT  good"])
def test_a_pair_of_words_is_found_across_punctuation(text):
    marked = excerpt(review(f"It is {text} at all", (("not good", 2.0), ("good", 1.0))))
    assert marked.count("**") == 2
    assert marked.startswith("It is **")


def test_a_word_inside_another_is_not_marked():
    assert excerpt(review("Badly, baddest, a_bad", (("bad", -1.0),))) == "Badly, baddest, a_bad"


def test_the_part_with_the_strongest_words_is_shown():
    text = " ".join(["filler"] * 60 + ["awful"] + ["filler"] * 60)
    shown = excerpt(review(text, (("awful", -3.0),)))
    assert shown.startswith("… filler")
    assert "*awful*" in shown
    assert len(shown.split()) == MAX_WORDS + 2  # and a mark at either end


def test_without_an_explanation_it_is_the_beginning():
    text = " ".join(f"word{number}" for number in range(100))
    assert excerpt(review(text)).startswith("word0 word1")
    assert excerpt(review(text)).endswith(" …")


def test_markup_and_line_breaks_of_the_reviewer_are_text():
    shown = excerpt(review("<b>good</b><br /><br />- *great*\x1b[31m", (("great", 1.0),)))
    assert "<" not in shown
    assert "\x1b" not in shown
    assert "<br" not in shown
    assert "&#42;**great**&#42;" in shown


def test_unusable_effects_are_no_error():
    assert excerpt(review("A good film", (("", 1.0), ("  ", 2.0), ("(.*", 1.0)))) == "A good film"

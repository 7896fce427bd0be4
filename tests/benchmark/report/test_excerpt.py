"""The part of a review that decided."""

from benchmark.report.excerpt import MAX_MARKED, MAX_WORDS, excerpt
from benchmark.report.report_types import ReviewErrors


def review(text, effects=(), label=0):
    return ReviewErrors(review_id="a", label=label, probabilities={"lstm": 0.9}, text=text, word_effects=effects)


def test_bold_pushed_to_the_wrong_label_and_italics_to_the_right_one():
    effects = (("good", 1.0), ("bad", -1.0))
    assert excerpt(review("A good, a Bad film.", effects, label=0)) == "A **good**, a *Bad* film."
    assert excerpt(review("A good, a Bad film.", effects, label=1)) == "A *good*, a **Bad** film."


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
    assert excerpt(review("- a good film")).startswith(r"\- a")
    assert r"\***great**\*" in shown


def test_only_the_strongest_words_are_marked():
    words = [f"word{chr(97 + place)}" for place in range(20)]
    shown = excerpt(review(" ".join(words), [(word, 0.1 * place) for place, word in enumerate(words)]))
    assert shown.count("**") == 2 * MAX_MARKED
    assert shown.endswith("wordl **wordm** **wordn** **wordo** **wordp** **wordq** **wordr** **words** **wordt**")


def test_unusable_effects_are_not_marked():
    effects = (("good", 0.0), ("", 1.0), ("  ", 2.0), ("(.*", 1.0))
    assert excerpt(review("A good film", effects)) == "A good film"

"""The page with every test review."""

import html

import numpy as np
import pytest

from benchmark.report import collect_trials, render_reviews, summarize
from tests.support.records import tiny_record
from tests.support.reviews import rows_of

HOSTILE = '</script><script>alert("x")</script> & <b>bold</b> &lt;i&gt; <!-- a line<br /><br />another'


@pytest.fixture
def record():
    return tiny_record(("lstm", "naive_bayes_logistic"), reviews=100)


def page_of(record, texts, folder):
    architectures = collect_trials(record)
    render_reviews(summarize(record, architectures), architectures, texts, folder)
    return (folder / "reviews.html").read_text(encoding="utf-8")


def test_each_review_has_what_the_typical_training_gives_to_its_label(record, tmp_path):
    rows = rows_of(page_of(record, {}, tmp_path))
    assert [row["review"] for row in rows] == record.trials[0].predictions.review_id.tolist()
    assert {row["label"] for row in rows} == {"negative", "positive"}
    for trial in record.median_trials:
        name, predicted = f"of {trial.config.architecture}", trial.predictions
        is_right = (predicted.probability > 0.5) == (predicted.label == 1)
        assert [row[name] >= 50 for row in rows] == is_right.tolist()
        of_truth = np.where(predicted.label == 1, predicted.probability, 1 - predicted.probability)
        assert np.allclose([row[name] for row in rows], 100 * of_truth, atol=1)
    assert {row["right"] for row in rows} <= {0, 25, 50, 75, 100}  # of four trials


def test_a_text_is_shown_as_a_browser_shows_it(record, tmp_path):
    (row, *_) = rows_of(page_of(record, {"test/neg/0": HOSTILE}, tmp_path))
    assert html.unescape(row["text"]) == HOSTILE.replace("<br /><br />", "  ")


def test_no_text_becomes_a_tag(record, tmp_path):
    page = page_of(record, {"test/neg/0": HOSTILE}, tmp_path)
    assert page.count("<script") == page.count("</script") == 3
    assert "<" not in rows_of(page)[0]["text"]

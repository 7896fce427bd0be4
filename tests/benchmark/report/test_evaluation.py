"""The same models on other reviews: which order they have there, and what is said of it."""

from dataclasses import replace

from benchmark.report import render_evaluation, summarize_evaluation
from benchmark.report.tables import evaluation_table
from tests.support.records import corpus_facts, tiny_record

NAMES = ("lstm", "bag_of_words_svm", "naive_bayes_logistic")
BEFORE = {"lstm": 0.7, "bag_of_words_svm": 0.8, "naive_bayes_logistic": 0.9}


def ladder(accuracies, reviews=2_000, **facts):
    by_trial = {(name, None if "_" in name else seed): value for name, value in accuracies.items() for seed in (7, 8)}
    corpus = corpus_facts("custom", test_reviews=reviews, **facts) if facts else corpus_facts(test_reviews=reviews)
    return tiny_record(NAMES, (7, 8), reviews=reviews, accuracies=by_trial, corpus=corpus)


def test_the_answer_counts_the_differences_that_hold_on_the_new_reviews():
    now = ladder({"lstm": 0.6, "bag_of_words_svm": 0.8, "naive_bayes_logistic": 0.7}, name="tweets")
    best, order = summarize_evaluation(ladder(BEFORE), now).answer
    assert best.startswith("Best on tweets: Bag of words + SVM, 80.00% (")
    assert "; on IMDB: Naive Bayes + logistic, 90.00% (" in best
    assert order == (
        "Of 3 differences between architectures shown on IMDB: 2 shown on tweets too, 1 reversed, 0 equivalent, "
        "0 not shown."
    )


def test_the_table_is_sorted_by_the_new_reviews():
    now = ladder({"lstm": 0.6, "bag_of_words_svm": 0.8, "naive_bayes_logistic": 0.7}, name="tweets")
    table = evaluation_table(summarize_evaluation(ladder(BEFORE), now))
    assert [(row["Accuracy"], row["Before"]) for row in table] == [
        ("80.00%", "80.00%"),
        ("70.00%", "90.00%"),
        ("60.00%", "70.00%"),
    ]


def test_the_page_has_the_ladder_and_the_command(tmp_path, no_drawing):
    now = replace(ladder(BEFORE, name="tweets"), command="python -m benchmark evaluate --data tweets.csv")
    render_evaluation(summarize_evaluation(ladder(BEFORE), now), tmp_path)
    text = (tmp_path / "evaluation.md").read_text()
    assert text.startswith("# Models of IMDB on tweets\n")
    assert "charts/ladder.svg" in text
    assert "Triangle: on IMDB" in text
    assert "python -m benchmark evaluate --data tweets.csv" in text
    assert (tmp_path / "evaluation.html").is_file()

from benchmark.corpus.load import load_corpus


def test_the_corpus_is_the_same_on_every_machine():
    """Where the text was changed on purpose: raise `synthetic.VERSION`, and take the new digest."""
    corpus = load_corpus("synthetic")
    facts = corpus.facts
    assert facts.digest == "d788b142640a192d6606136271e6a5b47d6bf69778162bbec9606f41c7d9bd27"
    assert (facts.kind, facts.name, facts.train_reviews, facts.test_reviews) == ("synthetic", "synthetic", 1500, 1500)
    assert "say nothing about IMDB" in facts.source
    assert len(corpus.vocabulary.words) > 5000  # so that some words are beyond the vocabulary

from benchmark.corpus.load import load_corpus


def test_the_corpus_is_the_same_on_every_machine():
    """Where the grammar was changed on purpose: raise `synthetic.VERSION`, and take the new digest."""
    corpus = load_corpus("synthetic")
    facts = corpus.facts
    assert facts.digest == "bbbf34514a7a5c029ec84579a0e5d1c5244001841f68286023c80fd89525c9a5"
    assert (facts.kind, facts.name, facts.train_reviews, facts.test_reviews) == ("synthetic", "synthetic", 1500, 1500)
    assert "say nothing about IMDB" in facts.source
    assert len(corpus.vocabulary) > 5000  # so that some words are beyond the vocabulary

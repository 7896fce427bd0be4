from benchmark.corpus.load import load_corpus


def test_the_corpus_is_the_same_on_every_machine():
    """Where the text was changed on purpose: raise `synthetic.VERSION`, and take the new digest."""
    corpus = load_corpus("synthetic")
    facts = corpus.facts
    assert facts.digest == "3dc4a91b90412f1aeb5e880b28d2a25ffe56cd977963288d52eb4a2e2b856127"
    assert (facts.kind, facts.name, facts.train_reviews, facts.test_reviews) == ("synthetic", "synthetic", 1500, 1500)
    assert "say nothing about IMDB" in facts.source
    assert len(corpus.vocabulary) > 5000  # so that some words are beyond the vocabulary

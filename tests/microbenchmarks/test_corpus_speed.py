"""From text to arrays: reading the archive, the cache, and encoding."""

from benchmark.corpus import load_corpus, open_cached_corpus
from benchmark.corpus.archive import read_archive
from benchmark.corpus.progress import no_progress
from benchmark.corpus.reviews import encode_reviews


def test_parse_archive(benchmark, archive, corpus, work):
    benchmark.extra_info |= work

    parsed = benchmark.pedantic(lambda: encode_reviews(*read_archive(archive, no_progress)), rounds=3)

    assert len(parsed.train) == corpus.facts.train_reviews


def test_open_cached_corpus(benchmark, corpus, work):
    benchmark.extra_info |= work

    assert benchmark(open_cached_corpus, corpus.directory).facts == corpus.facts


def test_load_cached_corpus_by_its_archive(benchmark, archive, corpus, work):
    benchmark.extra_info |= work

    assert benchmark(load_corpus, str(archive), corpus.directory.parents[1]).directory == corpus.directory


def test_cut_and_pad_the_cached_corpus(benchmark, corpus, sizes, work):
    benchmark.extra_info |= work

    encoded = benchmark(corpus.encode, sizes.vocabulary_size, sizes.review_length)

    assert encoded.x_train.shape == (corpus.facts.train_reviews, sizes.review_length)


def test_encode_text(benchmark, corpus, encoded, sizes, work):
    texts = [corpus.text(name) for name in encoded.test_ids[: sizes.texts]]
    benchmark.extra_info |= {**work, "reviews": len(texts)}

    ids = benchmark(corpus.vocabulary.encode, texts, sizes.vocabulary_size, sizes.review_length)

    assert (ids == encoded.x_test[: len(texts)]).all()

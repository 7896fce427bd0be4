"""The corpus: labelled reviews of both halves, their vocabulary, and the digest of it all."""

from benchmark.corpus.cache import (
    CacheError,
    cached_corpora,
    default_cache_directory,
    open_cached_corpus,
    verify_cache,
)
from benchmark.corpus.corpus import Corpus, EncodedCorpus
from benchmark.corpus.sources import check_data, load_corpus
from benchmark.corpus.vocabulary import Vocabulary

__all__ = [
    "CacheError",
    "Corpus",
    "EncodedCorpus",
    "Vocabulary",
    "cached_corpora",
    "check_data",
    "default_cache_directory",
    "load_corpus",
    "open_cached_corpus",
    "verify_cache",
]

"""The corpus: labelled reviews of both splits, their vocabulary and their digest."""

from benchmark.corpus.cache import cache_folder
from benchmark.corpus.corpus import Corpus, EncodedCorpus, Split, open_corpus
from benchmark.corpus.facts import CorpusFacts
from benchmark.corpus.load import check_data, load_corpus
from benchmark.corpus.vocabulary import Vocabulary

__all__ = [
    "Corpus",
    "CorpusFacts",
    "EncodedCorpus",
    "Split",
    "Vocabulary",
    "cache_folder",
    "check_data",
    "load_corpus",
    "open_corpus",
]

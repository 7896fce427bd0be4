"""Print the facts of a corpus: ``python -m benchmark.corpus path/to/aclImdb_v1.tar.gz``."""

import sys

from benchmark.corpus import default_cache_directory, load_corpus
from benchmark.errors import UserError

try:
    corpus = load_corpus(sys.argv[1] if len(sys.argv) > 1 else "auto", default_cache_directory())
except UserError as error:
    sys.exit(str(error))
print(corpus.facts.model_dump_json(indent=2))

"""Print the facts of a corpus and check its cache: ``python -m benchmark.corpus path/to/aclImdb_v1.tar.gz``."""

from __future__ import annotations

import sys

from benchmark.corpus import default_cache_directory, load_corpus, verify_cache
from benchmark.errors import UserError


def main(arguments: list[str]) -> int:
    """Take the value of ``--data``; returns 0, 1 for a damaged cache, or 2 where there is no such corpus."""
    try:
        corpus = load_corpus(arguments[0] if arguments else "auto", default_cache_directory())
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(corpus.facts.model_dump_json(indent=2))
    problems = verify_cache(corpus.directory)
    for problem in problems:
        print(f"{problem}; delete the folder, and it is made anew", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

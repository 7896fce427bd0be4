"""Where the real reviews lie, for the tests marked `real_corpus`."""

from __future__ import annotations

import os
from pathlib import Path

_BESIDE_THE_PROJECT = Path(__file__).parents[3] / "shared" / "data" / "aclImdb_labelled.tar.gz"

REAL_CORPUS = Path(os.environ.get("IMDB_DATA") or _BESIDE_THE_PROJECT).absolute()
WHY_SKIPPED = f"the real reviews are not at {REAL_CORPUS}; set $IMDB_DATA to their path"

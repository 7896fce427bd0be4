"""The cache folder, and folders that are complete or not there."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "IMDB_BENCHMARK_CACHE"


def cache_folder() -> Path:
    """Return ``$IMDB_BENCHMARK_CACHE``, or this system's folder for the user's caches.

    Holds ``corpora/``, ``downloads/`` and ``pending/`` (trials that MLflow does not have yet).
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_cache_path("imdb-benchmark")

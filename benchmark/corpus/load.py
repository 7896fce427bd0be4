"""What ``--data`` means: from a source to a cached corpus."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.corpus.corpus import Corpus


def load_corpus(data: str, *, columns: str | None = None, on_progress: Callable[[str], None] | None = None) -> Corpus:
    """Load the corpus that ``--data`` names, from the cache where it has been read before.

    Parameters
    ----------
    data : str
        ``auto``, ``imdb``, ``synthetic``, or a path: Keras's ``imdb.npz``, an archive or a folder in Stanford's
        layout, a ``.csv``, ``.parquet`` or ``.jsonl`` table, or a folder with a ``train`` and a ``test`` table.
    columns : str, optional
        Other names of a table's columns: ``text=body,label=stars>=4``.
    on_progress : callable, optional
        Called with a line for the user: what is downloaded or read, and that IMDB could not be had.

    Raises
    ------
    UserError
        If there is no such corpus, or it is damaged.
    """
    raise NotImplementedError


def check_data(data: str, columns: str | None = None) -> None:
    """Refuse what `load_corpus` cannot read as far as a glance at the source shows it.

    Raises
    ------
    UserError
        If ``--data``, or ``$IMDB_DATA`` where that counts, names nothing that can be read, or ``--columns`` does not
        fit the table.
    """
    raise NotImplementedError

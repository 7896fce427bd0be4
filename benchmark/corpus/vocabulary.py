"""Words, their ids, and the rules that turn raw text into ids.

Only numpy and the standard library, and no other module of the project: a copy of this file travels with every saved
model, so that text is encoded at inference exactly as the corpus was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PADDING_ID = 0
START_ID = 1
RARE_ID = 2  # a known word beyond the vocabulary size
FIRST_WORD_ID = 4  # of the most frequent word, as in keras.datasets.imdb; 3 is not used
RARE_WORD = "<unk>"  # never a word of a text: the rules replace < and > by spaces

_SEPARATORS = b'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_UPPER, _LOWER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"
# No byte of a multi-byte UTF-8 character is below 128, so translating bytes changes ASCII characters only.
_TRANSLATION = bytes.maketrans(_SEPARATORS + _UPPER, b" " * len(_SEPARATORS) + _LOWER)


class Vocabulary:
    r"""The words of the training split, the most frequent first.

    Parameters
    ----------
    words : iterable of str
        In the order of their rank; the first has rank 1 and id 4.

    Examples
    --------
    >>> vocabulary = Vocabulary(["the", "film"])
    >>> vocabulary.encode(["The film!", "Unseen words, the rest"], vocabulary_size=5, max_length=4)
    array([[0, 1, 4, 2],
           [0, 0, 1, 4]], dtype=int32)
    >>> vocabulary.words_of("The film!", words=5)
    'the <unk>'
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)
        self._ids = {word: identity for identity, word in enumerate(self.words, start=FIRST_WORD_ID)}

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote."""
        content = path.read_bytes().decode("utf-8")
        return cls(content.split("\n")[:-1])  # not splitlines(): words may hold other line separators

    def save(self, path: Path) -> None:
        """Write one word a line, UTF-8, by rank; equal vocabularies give equal files."""
        path.write_bytes("".join([f"{word}\n" for word in self.words]).encode("utf-8"))

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    @staticmethod
    def split(text: str) -> list[str]:
        """Split text into words, as Keras's own corpus was split.

        ASCII letters become lower-case (``Ä`` stays ``Ä``), punctuation except the apostrophe, tab and newline become
        spaces, and the text is split on single spaces; other white space and a lone surrogate are part of a word.
        """
        normalised = text.encode("utf-8", "surrogatepass").translate(_TRANSLATION).decode("utf-8", "surrogatepass")
        return list(filter(None, normalised.split(" ")))

    def ids(self, text: str) -> list[int]:
        """Return the start id and the id of every known word, however rare; unknown words are dropped."""
        return [START_ID, *filter(None, map(self._ids.get, self.split(text)))]

    def encode(self, texts: Sequence[str], vocabulary_size: int, max_length: int) -> NDArray[np.int32]:
        """Encode raw texts as a network takes them.

        Parameters
        ----------
        texts : sequence of str, length n_texts
        vocabulary_size : int
            Ids from here on become 2.
        max_length : int
            Longer texts lose their front, shorter ones are padded with 0 at the front.

        Returns
        -------
        array of int32, shape (n_texts, max_length)
        """
        return cut_and_pad(list(map(self.ids, texts)), vocabulary_size, max_length)

    def words_of(self, text: str, words: int | None = None) -> str:
        """Return a raw text as a baseline takes it: its known words, joined by spaces.

        Parameters
        ----------
        text : str
        words : int, optional
            The vocabulary size of a network that sees the same words: a word with an id from here on becomes
            ``<unk>``, so that its neighbours do not become a pair. All known words stay by default.
        """
        return self.join(self.ids(text)[1:], words)

    def join(self, ids: Sequence[int], words: int | None = None) -> str:
        """Return the words with these ids (from 4 on, without the start id) as `words_of` does."""
        limit = len(self.words) + FIRST_WORD_ID if words is None else words
        return " ".join([self.words[i - FIRST_WORD_ID] if i < limit else RARE_WORD for i in ids])


def cut_and_pad(
    rows: Sequence[Sequence[int] | NDArray[np.int32]], vocabulary_size: int, max_length: int
) -> NDArray[np.int32]:
    """Return the ids of reviews as an array of shape (n_rows, max_length), as `Vocabulary.encode` does."""
    encoded = np.full((len(rows), max_length), PADDING_ID, dtype=np.int32)
    for row, ids in zip(encoded, rows, strict=True):
        kept = ids[-max_length:]
        row[max_length - len(kept) :] = kept
    np.putmask(encoded, encoded >= vocabulary_size, RARE_ID)
    return encoded

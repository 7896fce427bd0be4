"""What identifies a corpus, without its reviews."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

CorpusKind = Literal["imdb", "synthetic", "custom"]


class CorpusFacts(BaseModel):
    """What identifies a corpus, without its reviews.

    Attributes
    ----------
    kind : {"imdb", "synthetic", "custom"}
        ``imdb`` only for the whole real corpus, or what is held out of it.
    name : str
        Used in names of registered models: ``imdb``, ``synthetic``, or made from the file's name (``my-reviews``);
        with ``-held-out`` behind it.
    digest : str
        SHA-256 (64 hex digits) of every review's text, ids, name, label and group, and of the vocabulary.
    unlabelled_digest : str or None
        Of the same with the unlabelled reviews, where it has them.
    held_out : bool
        Both splits are parts of the training split of the corpus of this kind, and its test split is not read.
    source : str
        One sentence for people: where it came from, and how it was split.
    vocabulary_words : int
        Distinct words of the training split.
    labels : tuple of str
        Names of the labels 0 and 1.
    groups : int or None
        Distinct groups (films) of the test split; None where each review is its own group.
    test_reviews_in_train, repeated_test_reviews : int
        Test reviews that stand word for word in the training split, or repeat an earlier test review.
    """

    model_config = ConfigDict(frozen=True)

    kind: CorpusKind
    name: str
    digest: str
    unlabelled_digest: str | None = None
    held_out: bool = False
    source: str
    train_reviews: int
    test_reviews: int
    vocabulary_words: int
    labels: tuple[str, str] = ("negative", "positive")
    groups: int | None = None
    test_reviews_in_train: int = 0
    repeated_test_reviews: int = 0

    @property
    def title(self) -> str:
        """How a sentence names it."""
        title = {"imdb": "IMDB", "synthetic": "synthetic reviews"}.get(self.kind, self.name)
        return f"{title}, held out" if self.held_out and title != self.name else title

    @property
    def test_review(self) -> str:
        """What a review of the test split is called."""
        return "held-out review" if self.held_out else "test review"

    @property
    def group_name(self) -> str:
        """What reviews that belong together are called."""
        return "film" if self.kind == "imdb" else "group"

    def digest_with(self, unlabelled: bool) -> str:
        """Return the digest of what an architecture gets, with the unlabelled reviews or without."""
        return self.unlabelled_digest or self.digest if unlabelled else self.digest

    def not_comparable_reason(self, max_reviews: int | None) -> str | None:
        """Return why results on this corpus do not compare with the paper's, or None where they do."""
        if self.kind == "synthetic":
            return "the reviews are synthetic, not IMDB"
        if self.held_out:
            return "the test reviews are held out of the training split"
        if self.kind == "custom":
            return "the corpus is not the whole of IMDB"
        if max_reviews is not None and max_reviews < max(self.train_reviews, self.test_reviews):
            return f"only the first {max_reviews:,} reviews of each split were used"
        return None


def reviews_used(reviews: int, max_reviews: int | None) -> int:
    """Return how many reviews of a split are used."""
    return min(reviews, max_reviews or reviews)

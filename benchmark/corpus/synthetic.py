"""The synthetic corpus: English-like reviews from a seeded grammar.

They have IMDB's class balance and spread of lengths, and show that the benchmark runs. Accuracies on them say nothing
about IMDB.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import yaml

from benchmark.corpus.encoding import RawCorpus, RawSplit

REVIEWS_PER_SPLIT = 1500
SEED = 2011
VERSION = 2  # raise it with every change of the text, so that no cached corpus of an older grammar is used

_GRAMMAR_FILE = Path(__file__).with_name("grammar.yaml")
_SLOT = re.compile(r"\{(\w+)\}")
# Words of IMDB's training reviews at each 5% of the reviews, from the shortest to the longest; the last is cut short.
_LENGTHS = (10, 65, 92, 110, 122, 129, 136, 145, 154, 165, 177, 192, 209, 231, 256, 290, 330, 383, 466, 609, 1000)
_OPINIONS = 0.4  # of the sentences
_PARAGRAPHS = 0.12  # of the sentences start a new one
_EXTRA_WORDS = 15  # that the last sentence and the verdict bring on average
_VERDICTS = 0.7  # of the reviews end with one
_SINCERE_VERDICTS = 0.9  # of the verdicts share the review's label, the others are irony


def synthetic_corpus(reviews_per_split: int = REVIEWS_PER_SPLIT, seed: int = SEED) -> RawCorpus:
    """Generate both splits, negative before positive; half of each is positive.

    The same seed gives the same bytes on every machine.
    """
    grammar = _Grammar(seed)

    def split(name: str) -> RawSplit:
        review_ids, texts = [], []
        for label, label_name in enumerate(("neg", "pos")):
            for number in range(reviews_per_split // 2):
                review_ids.append(f"{name}/{label_name}/{number}")
                texts.append(grammar.review(label))
        return RawSplit(np.repeat([0, 1], reviews_per_split // 2), review_ids, texts)

    return RawCorpus(split("train"), split("test"))


class _Grammar:
    """Fills sentences with words, from one stream of random numbers.

    Only `random.Random.random` is drawn from: Python promises its sequence for a seed, on every version and machine.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random
        self.sentences: dict[str, list[str]] = yaml.safe_load(_GRAMMAR_FILE.read_text("utf-8"))
        self.words = {name: words.split() for name, words in self.sentences.pop("words").items()}

    def review(self, label: int) -> str:
        agreement = 0.6 + 0.4 * self.random()  # how many of its opinions share the review's label
        place = self.random() * (len(_LENGTHS) - 1)
        words_wanted = int(np.interp(place, range(len(_LENGTHS)), _LENGTHS)) - _EXTRA_WORDS
        sentences: list[str] = []
        words = 0
        while not sentences or words < words_wanted:
            kind = "telling"
            if self.random() < _OPINIONS:
                agrees = self.random() < agreement
                kind = "praising" if agrees == bool(label) else "complaining"
            sentence = self.sentence(kind)
            words += sentence.count(" ") + 1
            if sentences and self.random() < _PARAGRAPHS:
                sentence = f"<br /><br />{sentence}"
            sentences.append(sentence)
        if self.random() < _VERDICTS:
            is_sincere = self.random() < _SINCERE_VERDICTS
            kind = "praising_verdicts" if is_sincere == bool(label) else "complaining_verdicts"
            sentences.append(self.sentence(kind))
        return " ".join(sentences)

    def sentence(self, kind: str) -> str:
        return _SLOT.sub(lambda slot: self.word(slot[1]), self.pick(self.sentences[kind]))

    def word(self, slot: str) -> str:
        match slot:
            case "surname":
                return "".join(self.pick(self.words[part]) for part in ("start", "middle", "end"))
            case "actor":
                return f"{self.pick(self.words['given'])} {self.word('surname')}"
            case "title":
                return f"The {self.pick(self.words['plain']).title()} {self.pick(self.words['thing']).title()}"
        return self.pick(self.words[slot])

    def pick(self, choices: list[str]) -> str:
        return choices[int(self.random() * len(choices))]

"""Settings of the semantic vectors, on held-out films of the training split; the test split is not read.

python scripts/choose_semantic_vectors.py path/to/aclImdb_v1.tar.gz
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sklearn.model_selection import GroupShuffleSplit
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from benchmark.corpus.load import load_corpus
from models.semantic_vectors import SemanticVectors

DRAWS = 3
PENALTIES = (1.0, 3.0, 10.0)
CS = (0.03, 0.1, 0.3, 1.0, 3.0)


def main(data: str) -> None:
    corpus = load_corpus(data, on_progress=print)
    texts, labels = np.array(corpus.texts("train"), object), np.array(corpus.train.labels)
    draws = GroupShuffleSplit(DRAWS, test_size=0.2, random_state=0).split(texts, groups=corpus.train.groups)
    accuracies = defaultdict(list)
    for train, held_out in draws:
        for penalty in PENALTIES:
            fitted = SemanticVectors(penalty=penalty).fit(texts[train], labels[train])
            x_train, x_held_out = (fitted[:-1].transform(texts[rows]) for rows in (train, held_out))
            words = len(fitted[0].vocabulary_)
            for features, columns in (
                ("bag of words", slice(words)),
                ("vectors", slice(words, None)),
                ("both", slice(None)),
            ):
                for C in CS:
                    classifier = LinearSVC(C=C, dual=False).fit(x_train[:, columns], labels[train])
                    accuracy = classifier.score(x_held_out[:, columns], labels[held_out])
                    accuracies[features, penalty, C].append(accuracy)
            print(f"penalty {penalty:g}: done", file=sys.stderr)

    print(f"| features | penalty | {' | '.join(f'C {C:g}' for C in CS)} |")
    print("| --- | ---: |" + " ---: |" * len(CS))
    for features in ("bag of words", "vectors", "both"):
        for penalty in PENALTIES:
            means = [f"{100 * np.mean(accuracies[features, penalty, C]):.2f}" for C in CS]
            print(f"| {features} | {penalty:g} | {' | '.join(means)} |")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(sys.argv[1])

"""What a Ray executor keeps of the trials that it hands out, and of the corpora that they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.config import TrialConfig
from benchmark.corpus import open_cached_corpus
from benchmark.events import EpochFinished
from benchmark.executors.ray_staff import Worker
from benchmark.results import EpochResult


@dataclass
class Job:
    """A trial on its way through the cluster; its number of attempts is one more than of the nodes lost under it."""

    trial: TrialConfig
    output_directory: Path
    attempts: int = 0
    epochs_told: int = 0

    def tell(self, epochs: Sequence[EpochResult]) -> Iterator[EpochFinished]:
        """Tell each epoch once: by mail, or with the answer; a second attempt begins with epochs that are known."""
        for epoch in epochs:
            if epoch.epoch > self.epochs_told:
                self.epochs_told = epoch.epoch
                yield EpochFinished(self.trial, epoch)


@dataclass(frozen=True)
class Attempt:
    """A job at a worker; the ticket is on every event of this attempt and of no other."""

    job: Job
    worker: Worker
    ticket: int
    deadline: float | None


class Corpora:
    """Encoded corpora in Ray's object store: each put there once, for all trials that share its settings."""

    def __init__(self, ray: Any, corpus_directory: Path) -> None:
        self._ray = ray
        self._corpus_directory = corpus_directory
        self._references: dict[tuple[int, int, int | None], Any] = {}

    def reference(self, trial: TrialConfig) -> Any:
        """Of the encoded corpus that the trial is trained on."""
        key = (trial.vocabulary_size, trial.review_length, trial.limit)
        if key not in self._references:
            self._references[key] = self._ray.put(open_cached_corpus(self._corpus_directory).encode(*key))
        return self._references[key]

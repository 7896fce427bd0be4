"""Run trials one after the other in this process, as a worker does, and print each one's weights.

``python run_trials.py SEED DIRECTORY ARCHITECTURE...``
"""

import sys
from pathlib import Path

from benchmark.config import TrialConfig
from benchmark.trial import run_trial
from tests.support.tiny_corpus import REVIEW_LENGTH, VOCABULARY_SIZE, tiny_corpus

seed, directory, *architectures = sys.argv[1:]
for architecture in architectures:
    config = TrialConfig(
        architecture=architecture, seed=int(seed), vocabulary_size=VOCABULARY_SIZE, review_length=REVIEW_LENGTH
    )
    outcome = run_trial(config, tiny_corpus(), Path(directory), on_event=lambda event: None)
    print(architecture, outcome.result.weights_sha256)

"""A training of the plain script."""

import sys
from pathlib import Path

from benchopt import BaseSolver

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plain_script import train


class Solver(BaseSolver):
    name = "trial"
    parameters = {"architecture": ["lstm"], "seed": [7], "epochs": [3]}  # noqa: RUF012 - as benchopt has it

    def set_objective(self, folder):
        self.trained_on = folder

    def run(self, stop_val):
        self.accuracy, self.weights = train(self.trained_on, self.architecture, self.seed, self.epochs)

    def get_result(self):
        return {"accuracy": self.accuracy, "weights": self.weights}

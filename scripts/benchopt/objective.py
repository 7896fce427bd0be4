"""The plain script's trainings as a benchmark of benchopt, for `scripts/measure.py`."""

from benchopt import BaseObjective


class Objective(BaseObjective):
    name = "Reviews"
    sampling_strategy = "run_once"

    def set_data(self, folder):
        self.folder = folder

    def get_objective(self):
        return {"folder": self.folder}

    def evaluate_result(self, accuracy, weights):
        print(f"weights {weights}")
        return {"value": 1 - accuracy}

    def get_one_result(self):
        return {"accuracy": 0.5, "weights": ""}

"""The registered model: raw text in; label, probability and number of known words out.

A copy of this file travels with every registered model and is executed there ("models from code"), so it imports
nothing of this project. What it needs of the project lies beside it as files, which are loaded under names of their
own: a caller's own modules of the same names are left alone.
"""

import gzip
import hashlib
import os
import sys
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.protos.databricks_pb2 import BAD_REQUEST
from mlflow.pyfunc import PythonModelContext
from numpy.typing import NDArray

TEXTS_AT_ONCE = 8192  # 16 MB of ids
EXPECTED = (
    'expected is {"inputs": ["a text", "another"]}, or one column "text": '
    '{"dataframe_split": {"columns": ["text"], "data": [["a text"]]}} or {"dataframe_records": [{"text": "a text"}]}'
)


class TextModel(mlflow.pyfunc.PythonModel):
    """Classifies texts by a Keras network or a scikit-learn estimator."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model's files; other weights, words or preparation of texts than were registered are refused."""
        paths = {name: Path(path) for name, path in context.artifacts.items()}
        settings = context.model_config
        for name in ("model", "vocabulary", "vocabulary_code"):
            digest = hashlib.sha256(paths[name].read_bytes()).hexdigest()
            if digest != settings["sha256"].get(name):
                raise MlflowException(f"the model's file {paths[name].name} is not the one that was registered")
        self.kind: str = settings["kind"]
        self.labels: tuple[str, str] = tuple(settings["labels"])
        self.words: int | None = settings["words"]
        self.vocabulary_size: int = settings["vocabulary_size"]
        self.max_length: int = settings["max_length"]
        vocabulary_code = _load_module(paths["vocabulary_code"])
        words = gzip.decompress(paths["vocabulary"].read_bytes()).decode("utf-8")
        self.vocabulary: Any = vocabulary_code.Vocabulary(words.split("\n")[:-1])
        if self.kind == "baseline":
            import skops.io

            self.model: Any = skops.io.load(paths["model"], trusted=[])
        else:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            import keras

            self.model = keras.saving.load_model(paths["model"], compile=False, safe_mode=True)
            prediction_code = _load_module(paths["prediction_code"])
            self._predict_ids = prediction_code.fast_predictor(self.model)

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Return the label of each text, the probability of the second label, and how many words training saw."""
        texts = _texts(model_input)
        parts = []
        known_words: list[int] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = texts[start : start + TEXTS_AT_ONCE]
            ids = [self.vocabulary.ids(text)[1:] for text in part]
            known_words += map(len, ids)
            if self.kind == "network":
                encoded = self.vocabulary.encode(part, self.vocabulary_size, self.max_length)
                parts.append(np.asarray(self._predict_ids(encoded)))
            else:
                seen = [self.vocabulary.join(own, self.words) for own in ids]
                parts.append(self.probability_of_words(seen))
        probability = np.concatenate(parts)
        label = np.where(probability > 0.5, self.labels[1], self.labels[0])
        answers = {"label": label, "probability": probability, "known_words": known_words}
        return pd.DataFrame(answers)

    def probability_of_words(self, texts: list[str]) -> NDArray[np.float32]:
        """Return a baseline's probability of label 1 for texts as the vocabulary sees them."""
        if hasattr(self.model, "predict_proba"):
            probability = self.model.predict_proba(texts)[:, 1]
        else:
            decision = np.asarray(self.model.decision_function(texts), np.float64)
            bounded = np.clip(decision, -500, 500)
            probability = 1 / (1 + np.exp(-bounded))
        return probability.astype(np.float32)


def _texts(model_input: pd.DataFrame) -> list[str]:
    column = model_input.columns[0]
    if not len(model_input):
        raise MlflowException(f"there is no text; {EXPECTED}", error_code=BAD_REQUEST)
    if column not in (0, "0", "text"):
        raise MlflowException(f"the first column is {column!r}, not 'text'; {EXPECTED}", error_code=BAD_REQUEST)
    texts = model_input[column].tolist()
    if not all(isinstance(text, str) for text in texts):
        raise MlflowException(f"a value is no text; {EXPECTED}", error_code=BAD_REQUEST)
    return texts


def _load_module(path: Path) -> ModuleType:
    """Execute a file as a module under a name that nothing else has; no bytecode is written beside it."""
    module = ModuleType(f"_{path.stem}_{uuid.uuid4().hex}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(path.read_bytes(), path, "exec"), vars(module))
    return module


set_model(TextModel())

"""The registered model: raw text in, label and probability out.

A copy of this file travels with every registered model and is loaded from there ("models from code"), so it imports
nothing of this project. The vocabulary's and the prediction's code are copies too; they are loaded from their files
under names of their own, so that neither this repository nor ``sys.path`` is needed, and a caller's own modules called
``vocabulary`` or ``models`` are left alone.
"""

import functools
import hashlib
import importlib.util
import json
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

TEXTS_AT_ONCE = 8192  # bounds the memory for their ids: 16 MB


class TextClassifier(mlflow.pyfunc.PythonModel):
    """Classifies English film reviews as positive or negative.

    Attributes
    ----------
    vocabulary : Vocabulary
        Of the corpus that the model was trained on, with the encoding rules.
    keras_model : keras.Model
    vocabulary_size, review_length : int
        As in training.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Load the files beside this one, and refuse any that is not the registered one."""
        paths = {name: Path(path) for name, path in context.artifacts.items()}
        encoding = json.loads(paths["encoding"].read_text(encoding="utf-8"))
        for name, expected in encoding["sha256"].items():
            if hashlib.sha256(paths[name].read_bytes()).hexdigest() != expected:
                raise MlflowException(f"the model's file {paths[name].name} is not the one that was registered")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import keras

        self.vocabulary = _load_module(paths["vocabulary_code"]).Vocabulary.load(paths["vocabulary"])
        self.keras_model = keras.saving.load_model(paths["keras_model"], compile=False, safe_mode=True)
        self._predictor = _load_module(paths["prediction_code"]).Predictor(self.keras_model)
        self.vocabulary_size: int = encoding["vocabulary_size"]
        self.review_length: int = encoding["review_length"]
        _keep_paths_out_of_answers()

    def predict(
        self, context: PythonModelContext, model_input: list[str], params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Classify raw texts.

        Parameters
        ----------
        model_input : list of str, length n_texts

        Returns
        -------
        DataFrame with n_texts rows
            ``label`` is ``positive`` where ``probability``, that of the text being positive, is over one half, else
            ``negative``.
        """
        if not model_input:
            raise MlflowException(
                'there is no text; expected is a list of one or more texts: {"inputs": ["text", "text"]}',
                error_code=BAD_REQUEST,
            )
        probability = np.concatenate(
            [
                self.probabilities(self.encode(model_input[start : start + TEXTS_AT_ONCE]))
                for start in range(0, len(model_input), TEXTS_AT_ONCE)
            ]
        )
        return pd.DataFrame({"label": np.where(probability > 0.5, "positive", "negative"), "probability": probability})

    def encode(self, texts: list[str]) -> NDArray[np.int32]:
        """Give the ids of each text, shape (n_texts, review_length)."""
        return self.vocabulary.encode(texts, self.vocabulary_size, self.review_length)

    def probabilities(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Give the probability of each encoded text being positive, shape (n_texts,)."""
        return self._predictor.predict(ids)


def _keep_paths_out_of_answers() -> None:
    """Have MLflow's server answer an unreadable CSV or Parquet body with the reason alone.

    It would add a stack trace with this machine's paths. This runs before it serves; elsewhere there is no server.
    """
    server = sys.modules.get("mlflow.pyfunc.scoring_server")
    if server is not None:
        answer = server._handle_serving_error
        vars(server)["_handle_serving_error"] = functools.partial(answer, include_traceback=False)


def _load_module(path: Path) -> ModuleType:
    """Import a file under a name that nothing else has, so that two versions of a model can be loaded together."""
    name = f"_{path.stem}_{uuid.uuid4().hex}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


set_model(TextClassifier())

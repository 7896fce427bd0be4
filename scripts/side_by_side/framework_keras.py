"""Training steps and inference of one architecture in Keras, on the backend that ``$KERAS_BACKEND`` names.

``python framework_keras.py ARRAYS ARCHITECTURE STEPS EPOCHS REVIEWS [--write-weights]``. Prints a line of JSON. Run by
`frameworks`, which keeps this project on the path: the architecture is the registered one.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np

from models.registry import get_architecture

BATCH_SIZE = 64
PREDICTION_BATCH_SIZE = 128

folder, architecture, steps, epochs, reviews = sys.argv[1:6]
x_train, y_train, x_test = (np.load(f"{folder}/{name}.npy") for name in ("x_train", "y_train", "x_test"))
x_train, y_train = x_train[: int(steps) * BATCH_SIZE], y_train[: int(steps) * BATCH_SIZE]
x_test = x_test[: int(reviews)]
model = get_architecture(architecture).build(5000, x_train.shape[1])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

weights_file = Path(folder) / f"{architecture}_weights.npz"
if "--write-weights" in sys.argv:
    np.savez(weights_file, *model.get_weights())
    sys.exit()
with np.load(weights_file) as stored:
    model.set_weights([stored[name] for name in stored.files])


def seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.epoch_seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch_seconds.append(time.perf_counter() - self.started)


def predict():
    return model.predict(x_test, batch_size=PREDICTION_BATCH_SIZE, verbose=0)


backend = keras.backend.backend()
facts = {"versions": {"keras": version("keras"), backend: version(backend)}}
facts["reviews"] = len(x_test)
facts["probabilities"] = predict()[:16, 0].tolist()  # traces the graph too
facts["predict_seconds"] = min(seconds(predict) for _ in range(2))
if backend == "tensorflow":
    from models.prediction import Predictor

    predictor = Predictor(model)
    predictor.predict(x_test)
    facts["without_padding_seconds"] = min(seconds(lambda: predictor.predict(x_test)) for _ in range(2))
clock = Clock()
model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=1 + int(epochs), callbacks=[clock], verbose=0)
facts["step_seconds"] = min(clock.epoch_seconds[1:]) / int(steps)  # the first epoch traces the graph
print(json.dumps(facts))

"""The tutorial's own lines as a plain Keras script, which imports nothing of this project.

``python scripts/plain_script.py ARRAYS ARCHITECTURE SEED EPOCHS THREADS``, where the folder ARRAYS has ``x_train.npy``,
``y_train.npy``, ``x_test.npy`` and ``y_test.npy``. It prints a line of JSON.
"""

import hashlib
import json
import sys
import tempfile
import time

import numpy
import tensorflow
from keras.callbacks import TensorBoard
from keras.layers import LSTM, Conv1D, Dense, Dropout, Embedding, MaxPooling1D
from keras.models import Sequential
from keras.utils import set_random_seed

folder, architecture, seed, epochs, threads = sys.argv[1:]
tensorflow.config.threading.set_intra_op_parallelism_threads(int(threads))
tensorflow.config.threading.set_inter_op_parallelism_threads(int(threads))
top_words = 5000
X_train, y_train, X_test, y_test = (
    numpy.load(f"{folder}/{name}.npy", allow_pickle=False) for name in ("x_train", "y_train", "x_test", "y_test")
)
started = time.perf_counter()

set_random_seed(int(seed))
callbacks = []
model = Sequential()
model.add(Embedding(top_words, 32))
if architecture == "lstm":
    model.add(LSTM(100))
elif architecture == "lstm_dropout":
    model.add(Dropout(0.2))
    model.add(LSTM(100))
    model.add(Dropout(0.2))
else:
    model.add(Conv1D(filters=32, kernel_size=3, padding="same", activation="relu"))
    model.add(MaxPooling1D(pool_size=2))
    model.add(LSTM(100))
if architecture == "cnn_lstm_tensorboard":
    callbacks = [TensorBoard(tempfile.mkdtemp(), histogram_freq=0, write_graph=True, write_images=True)]
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(
    X_train,
    y_train,
    validation_data=(X_test, y_test),
    epochs=int(epochs),
    batch_size=64,
    callbacks=callbacks,
    verbose=0,
)
scores = model.evaluate(X_test, y_test, verbose=0)

weights = hashlib.sha256(b"".join(weight.numpy().tobytes() for weight in model.weights)).hexdigest()
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "accuracy": float(scores[1]), "weights_sha256": weights}))

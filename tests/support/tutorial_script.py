"""The tutorial's lines as a plain Keras script: ``python tutorial_script.py ARCHITECTURE SEED ARRAYS.npz``."""

import hashlib
import sys
import tempfile

import numpy as np
from keras.callbacks import TensorBoard
from keras.layers import LSTM, Conv1D, Dense, Dropout, Embedding, MaxPooling1D
from keras.models import Sequential
from keras.utils import set_random_seed

architecture, seed, arrays = sys.argv[1:]
with np.load(arrays, allow_pickle=False) as loaded:
    X_train, y_train = loaded["x_train"], loaded["y_train"]
top_words = 200

set_random_seed(int(seed))
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
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
callbacks = []
if architecture == "cnn_lstm_tensorboard":
    callbacks = [TensorBoard(tempfile.mkdtemp(), histogram_freq=0, write_graph=True, write_images=True)]
model.fit(X_train, y_train, epochs=3, batch_size=64, verbose=0, callbacks=callbacks)
print(hashlib.sha256(b"".join(weight.numpy().astype("<f4").tobytes() for weight in model.weights)).hexdigest())

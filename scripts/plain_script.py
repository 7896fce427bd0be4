"""The tutorial's own lines, and a bag of words, as a plain script that imports nothing of this project.

``python scripts/plain_script.py FOLDER ARCHITECTURE SEED EPOCHS [STORE]``. The folder has ``x_train.npy``,
``y_train.npy``, ``x_test.npy`` and ``y_test.npy``, and for ``bag_of_words_svm`` the texts as ``train.json`` and
``test.json``. With STORE, an MLflow tracking URI, ``mlflow.autolog`` logs the training. It prints a line of JSON.
"""

import hashlib
import json
import sys
import tempfile
from collections import Counter

import numpy


def train(folder, architecture, seed, epochs):
    """Return the accuracy on the test reviews, and the SHA-256 of the weights."""
    if architecture == "bag_of_words_svm":
        return train_bag_of_words(folder)
    return train_network(folder, architecture, seed, epochs)


def train_network(folder, architecture, seed, epochs):
    from keras.callbacks import TensorBoard
    from keras.layers import LSTM, Conv1D, Dense, Dropout, Embedding, MaxPooling1D
    from keras.models import Sequential
    from keras.utils import set_random_seed

    X_train, y_train, X_test, y_test = (
        numpy.load(f"{folder}/{name}.npy", allow_pickle=False) for name in ("x_train", "y_train", "x_test", "y_test")
    )
    set_random_seed(seed)
    callbacks = []
    model = Sequential()
    model.add(Embedding(5000, 32))
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
        epochs=epochs,
        batch_size=64,
        callbacks=callbacks,
        verbose=0,
    )
    scores = model.evaluate(X_test, y_test, verbose=0)
    weights = hashlib.sha256(b"".join(weight.numpy().tobytes() for weight in model.weights))
    return float(scores[1]), weights.hexdigest()


def train_bag_of_words(folder):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer
    from sklearn.svm import LinearSVC

    texts = {}
    for split in ("train", "test"):
        with open(f"{folder}/{split}.json", encoding="utf-8") as file:
            texts[split] = json.load(file)
    counts = Counter()
    for text in texts["train"]:
        counts.update(text.split(" "))
    words = [word for word, _ in counts.most_common(5050)[50:]]
    vectorizer = CountVectorizer(vocabulary=words, binary=True, lowercase=False, token_pattern="[^ ]+")
    model = make_pipeline(vectorizer, Normalizer(), LinearSVC(dual=False))
    model.fit(texts["train"], numpy.load(f"{folder}/y_train.npy", allow_pickle=False))
    accuracy = model.score(texts["test"], numpy.load(f"{folder}/y_test.npy", allow_pickle=False))
    return float(accuracy), hashlib.sha256(model[-1].coef_.tobytes()).hexdigest()


if __name__ == "__main__":
    folder, architecture, seed, epochs, *store = sys.argv[1:]
    if store:
        import mlflow

        mlflow.set_tracking_uri(store[0])
        mlflow.autolog()
    accuracy, weights = train(folder, architecture, int(seed), int(epochs))
    print(json.dumps({"accuracy": accuracy, "weights_sha256": weights}))

"""Training steps and inference of one architecture in PyTorch; arguments as `framework_keras` has them.

The network, its loss and its optimizer are those of Keras, and it starts from the same weights. PyTorch's LSTM has a
second bias vector, which is set to zero here.
"""

import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn

BATCH_SIZE = 64
PREDICTION_BATCH_SIZE = 128


class Network(nn.Module):
    def __init__(self, convolution):
        super().__init__()
        self.embedding = nn.Embedding(5000, 32)
        self.convolution = nn.Conv1d(32, 32, 3, padding="same") if convolution else None
        self.lstm = nn.LSTM(32, 100, batch_first=True)
        self.dense = nn.Linear(100, 1)

    def forward(self, ids):
        features = self.embedding(ids)
        if self.convolution is not None:
            features = torch.relu(self.convolution(features.transpose(1, 2)))
            features = torch.max_pool1d(features, 2).transpose(1, 2)
        return torch.sigmoid(self.dense(self.lstm(features)[0][:, -1]))[:, 0]


def take_weights(network, weights):
    """Keras has (input, output) where PyTorch has (output, input); the LSTM's gates are in the same order."""
    weights = iter(torch.from_numpy(one) for one in weights)
    with torch.no_grad():
        network.embedding.weight.copy_(next(weights))
        if network.convolution is not None:
            network.convolution.weight.copy_(next(weights).permute(2, 1, 0))
            network.convolution.bias.copy_(next(weights))
        network.lstm.weight_ih_l0.copy_(next(weights).T)
        network.lstm.weight_hh_l0.copy_(next(weights).T)
        network.lstm.bias_ih_l0.copy_(next(weights))
        network.lstm.bias_hh_l0.zero_()
        network.dense.weight.copy_(next(weights).T)
        network.dense.bias.copy_(next(weights))


def train_epoch(network, optimizer, x, y):
    network.train()
    total_loss, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
    order = torch.randperm(len(x))
    for start in range(0, len(x), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        optimizer.zero_grad()
        probability = network(x[rows])
        loss = nn.functional.binary_cross_entropy(probability, y[rows])
        loss.backward()
        optimizer.step()
        total_loss += loss.detach()  # Keras keeps loss and accuracy too
        right += ((probability > 0.5) == (y[rows] > 0.5)).sum()


@torch.inference_mode()
def predict(network, x):
    network.eval()
    batches = (x[start : start + PREDICTION_BATCH_SIZE] for start in range(0, len(x), PREDICTION_BATCH_SIZE))
    return torch.cat([network(batch) for batch in batches])


def seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


folder, architecture, steps, epochs, reviews = sys.argv[1:6]
torch.set_num_threads(len(os.sched_getaffinity(0)))
x_train, y_train, x_test = (
    torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("x_train", "y_train", "x_test")
)
x_train, y_train = x_train[: int(steps) * BATCH_SIZE], y_train[: int(steps) * BATCH_SIZE].float()
x_test = x_test[: int(reviews)]
network = Network(convolution=architecture.startswith("cnn"))
with np.load(f"{folder}/{architecture}_weights.npz") as stored:
    take_weights(network, [stored[name] for name in stored.files])
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7)  # Keras's defaults

facts = {"versions": {"torch": torch.__version__}}
facts["reviews"] = len(x_test)
facts["probabilities"] = predict(network, x_test)[:16].tolist()
facts["predict_seconds"] = min(seconds(lambda: predict(network, x_test)) for _ in range(2))
epoch_seconds = [seconds(lambda: train_epoch(network, optimizer, x_train, y_train)) for _ in range(1 + int(epochs))]
facts["step_seconds"] = min(epoch_seconds[1:]) / int(steps)
print(json.dumps(facts))

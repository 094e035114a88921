"""What the PyTorch tutorials on collaborative filtering train, on one split: matrix factorization with and
without biases and a network of one hidden layer (100 numbers, 10 outputs), each by Adam on the whole data in
three stages of ten steps with falling learning rates, and the same in mini-batches. Embeddings start
uniform in 0 to 0.05 and there is no mean, as there. Prints the mean squared error on the test part, where a
user or item without training ratings counts with its initial numbers, and predictions are not clipped.

Usage: tutorial_factorization.py TRAIN.csv TEST.csv [--seed N]
"""

import argparse
import csv

import torch


def read(path, users, items):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    rows = rows[1:] if not rows[0][2].replace(".", "").isdigit() else rows
    number = lambda ids, id: ids.setdefault(id, len(ids))
    return (
        torch.tensor([number(users, row[0]) for row in rows]),
        torch.tensor([number(items, row[1]) for row in rows]),
        torch.tensor([float(row[2]) for row in rows]),
    )


class Factorization(torch.nn.Module):
    def __init__(self, users, items, biased):
        super().__init__()
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(n, 100) for n in (users, items))
        self.biases = torch.nn.ModuleList(torch.nn.Embedding(n, 1) for n in (users, items) if biased)
        for table in self.tables:
            table.weight.data.uniform_(0, 0.05)
        for bias in self.biases:
            bias.weight.data.uniform_(-0.01, 0.01)

    def forward(self, user, item):
        total = (self.tables[0](user) * self.tables[1](item)).sum(1)
        for bias, rows in zip(self.biases, (user, item)):
            total = total + bias(rows).squeeze(1)
        return total


class Network(torch.nn.Module):
    def __init__(self, users, items):
        super().__init__()
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(n, 100) for n in (users, items))
        self.layers = torch.nn.Sequential(
            torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(200, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)
        )

    def forward(self, user, item):
        return self.layers(torch.cat([self.tables[0](user), self.tables[1](item)], 1)).squeeze(1)


def train(model, stages, decay, batch_size, data):
    model.train()
    for rate, epochs in stages:
        optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=decay)
        for _ in range(epochs):
            for batch in torch.randperm(len(data[2])).split(batch_size):
                optimizer.zero_grad()
                loss = torch.nn.functional.mse_loss(model(data[0][batch], data[1][batch]), data[2][batch])
                loss.backward()
                optimizer.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    users, items = {}, {}
    data = read(arguments.train, users, items)
    test = read(arguments.test, users, items)
    shapes = len(users), len(items)
    whole = len(data[2])
    in_stages = [(0.1, 10), (0.01, 10), (0.01, 10)]
    biased_stages = [(0.05, 10), (0.01, 10), (0.001, 10)]
    runs = [
        ("factors, whole data", Factorization(*shapes, False), in_stages, 0, whole),
        ("factors and biases, whole data", Factorization(*shapes, True), biased_stages, 1e-5, whole),
        ("factors, batches of 1024", Factorization(*shapes, False), [(0.001, 10)], 1e-5, 1024),
        ("factors and biases, batches of 1024", Factorization(*shapes, True), [(0.001, 10)], 1e-5, 1024),
        ("network, whole data", Network(*shapes), [(0.05, 15), (0.001, 10), (0.001, 10)], 1e-6, whole),
    ]
    for name, model, stages, decay, batch_size in runs:
        torch.manual_seed(arguments.seed)
        train(model, stages, decay, batch_size, data)
        model.eval()
        with torch.no_grad():
            error = torch.nn.functional.mse_loss(model(test[0], test[1]), test[2]).item()
        print(f"{name}: MSE {error:.3f}, RMSE {error**0.5:.3f}", flush=True)


main()

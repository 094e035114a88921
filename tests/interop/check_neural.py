"""Compares neural models with their definition: the predictions of a file's weights, and what one and
three steps of Adam or AdamW make of the initial weights. The definition is NumPy's, in double precision
with the gradients written out; where PyTorch is installed (bench/peers/requirements-neural.txt), also its
layers, its gradients and its optimizers.

Every batch is the whole data, without dropout. A learning rate of 1e-30 shows the initial weights.

Usage: check_neural.py TUSK, where TUSK is the program. Exits with 77, for "skipped", where packages are
missing.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors.numpy import load_file
except ImportError as error:
    print(f"skipped: {error}; ./dev test installs what tests/requirements.txt names")
    sys.exit(77)

try:
    import torch
except ImportError:
    torch = None

TUSK = sys.argv[1]
TOLERANCE = 1e-5
FACTORS, RATE = 5, 0.02
# Hidden layers, products, biases, output, optimizer, weight decay.
SETTINGS = [
    ([7, 4], True, True, "linear", "adamw", 0.5),
    ([7], False, False, "linear", "adam", 0.01),
    ([6, 3], True, True, "sigmoid", "adamw", 0),
    ([], True, True, "linear", "adam", 0),
    ([3], False, True, "sigmoid", "adam", 0.1),
]


def tusk(*arguments):
    run = subprocess.run(
        [TUSK, *map(str, arguments), "--json", "--quiet"], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def made_up(folder):
    random = np.random.default_rng(4)
    path = folder / "ratings.csv"
    with open(path, "w") as file:
        file.write("user,item,rating\n")
        for user in range(30):
            for item in range(20):
                if random.random() < 0.5:
                    file.write(f"{user},{item},{random.integers(1, 6)}\n")
    return path


class Model:
    """The weights of a file: embeddings with their bias as one more column, and layers."""

    def __init__(self, tensors, hidden, products, biased, output):
        self.hidden, self.products, self.output = hidden, products, output
        rows = {}
        for side in ("user", "item"):
            values = tensors[f"{side}_factors"].astype(np.float64)
            bias = tensors[f"{side}_bias"].astype(np.float64) if biased else np.zeros(len(values))
            rows[side] = np.column_stack([values, bias])
        self.biased = biased
        self.weights = [rows["user"], rows["item"]]
        flat = tensors["neural_network"].astype(np.float64)
        sizes = [2 * FACTORS, *hidden]
        for inputs, outputs in zip(sizes, sizes[1:]):
            matrix, bias, flat = np.split(flat, [inputs * outputs, inputs * outputs + outputs])
            self.weights += [matrix.reshape(outputs, inputs), bias]
        self.weights += [flat[:-1], flat[-1:]]
        last = (hidden[-1] if hidden else 0) + (FACTORS if products else 0)
        assert len(flat) == last + 1, "the weights do not fit the layers"
        self.low, self.high = tensors["scale"].astype(np.float64)
        mean = np.float64(tensors["mean"][0])
        share = (mean - self.low) / (self.high - self.low)
        self.middle = np.log(share / (1 - share)) if output == "sigmoid" else mean

    def squash(self, total, library=np):
        if self.output == "linear":
            return self.middle + total
        return self.low + (self.high - self.low) / (1 + library.exp(-(self.middle + total)))

    def forward(self, weights, user, item, library):
        """Predictions, and what the gradients need."""
        u, v = weights[0][user], weights[1][item]
        join = (lambda parts: np.concatenate(parts, 1)) if library is np else (
            lambda parts: torch.cat(parts, 1)
        )
        layers = [join([u[:, :FACTORS], v[:, :FACTORS]])]
        for n in range(len(self.hidden)):
            z = layers[-1] @ weights[2 + 2 * n].T + weights[3 + 2 * n]
            layers.append(z * (z > 0))
        last = [layers[-1]] if self.hidden else []
        if self.products:
            last.append(u[:, :FACTORS] * v[:, :FACTORS])
        last = join(last)
        total = last @ weights[-2] + weights[-1]
        if self.biased:
            total = total + u[:, FACTORS] + v[:, FACTORS]
        return self.squash(total, library), total, layers, last

    def gradients(self, weights, user, item, rating):
        predicted, total, layers, last = self.forward(weights, user, item, np)
        slope = 2 / len(rating) * (predicted - rating)
        if self.output == "sigmoid":
            share = (predicted - self.low) / (self.high - self.low)
            slope = slope * (self.high - self.low) * share * (1 - share)
        all = [np.zeros_like(w) for w in weights]
        all[-2], all[-1] = last.T @ slope, slope.sum(keepdims=True)
        below = np.outer(slope, weights[-2])
        width = self.hidden[-1] if self.hidden else 0
        above, products = below[:, :width], below[:, width:]
        for n in reversed(range(len(self.hidden))):
            above = above * (layers[n + 1] > 0)
            all[2 + 2 * n], all[3 + 2 * n] = above.T @ layers[n], above.sum(0)
            above = above @ weights[2 + 2 * n]
        for side, rows in ((0, user), (1, item)):
            part = np.zeros((len(rating), FACTORS + 1))
            if self.hidden:
                part[:, :FACTORS] += above[:, side * FACTORS : (side + 1) * FACTORS]
            if self.products:
                part[:, :FACTORS] += products * weights[1 - side][(item, user)[side], :FACTORS]
            if self.biased:
                part[:, FACTORS] = slope
            np.add.at(all[side], rows, part)
        return all


def by_numpy(model, user, item, rating, steps, optimizer, decay):
    weights = [w.copy() for w in model.weights]
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    for step in range(1, steps + 1):
        for w, g, m, s in zip(weights, model.gradients(weights, user, item, rating), means, squares):
            if optimizer == "adam":
                g = g + decay * w
            else:
                w *= 1 - RATE * decay
            m += 0.1 * (g - m)
            s += 0.001 * (g * g - s)
            w -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(s / (1 - 0.999**step)) + 1e-8)
    return weights


def by_torch(model, user, item, rating, steps, optimizer, decay):
    weights = [torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in model.weights]
    kind = torch.optim.Adam if optimizer == "adam" else torch.optim.AdamW
    optimizer = kind(weights, lr=RATE, weight_decay=decay)
    target = torch.tensor(rating, dtype=torch.float32)
    for _ in range(steps):
        optimizer.zero_grad()
        predicted = model.forward(weights, torch.tensor(user), torch.tensor(item), torch)[0]
        torch.nn.functional.mse_loss(predicted, target).backward()
        optimizer.step()
    return [w.detach().numpy() for w in weights]


def train(data, folder, setting, rate, epochs):
    hidden, products, biased, output, optimizer, decay = setting
    path = folder / "model.safetensors"
    options = ["--hidden", ",".join(map(str, hidden)) or "none", "--output", output]
    options += ["--dropout", 0, "--hidden-dropout", 0] if hidden else []
    options += [] if products else ["--no-products"]
    options += [] if biased else ["--no-bias"]
    tusk("train", data, "--model", "neural", "--factors", FACTORS, *options,
         "--batch-size", 100000, "--optimizer", optimizer, "--weight-decay", decay, "--init-std", 0.3,
         "--learning-rate", rate, "--epochs", epochs, "--out", path, "--overwrite")  # fmt: skip
    return load_file(path), path


def check(data, folder, setting):
    hidden, products, biased, output, optimizer, decay = setting
    tensors, path = train(data, folder, setting, 1e-30, 1)
    model = Model(tensors, hidden, products, biased, output)
    for weights in model.weights:
        weights[np.abs(weights) <= 1e-29] = 0  # biases, at which a rectifier may turn
    ends = tensors["seen_offsets"]
    user = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    item, rating = tensors["seen_items"].astype(np.int64), tensors["seen_ratings"].astype(np.float64)
    users, items = list(tensors["user_ids"]), list(tensors["item_ids"])
    predicted = model.forward(model.weights, user, item, np)[0]
    for pair in (0, 17, len(user) - 1):
        (said,) = tusk("predict", path, "--user", users[user[pair]], "--item", items[item[pair]])
        expected = np.clip(predicted[pair], model.low, model.high)
        assert abs(said["rating"] - expected) < TOLERANCE, (setting, said, expected)
    worst = 0
    for steps in (1, 3):
        after, _ = train(data, folder, setting, RATE, steps)
        ours = Model(after, hidden, products, biased, output).weights
        for reference in (by_numpy, by_torch) if torch else (by_numpy,):
            theirs = reference(model, user, item, rating, steps, optimizer, decay)
            for a, b in zip(ours, theirs):
                worst = max(worst, float(np.abs(a - b).max()))
                assert worst < TOLERANCE, (setting, steps, reference.__name__, worst)
    return worst


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    data = made_up(folder)
    worst = max(check(data, folder, setting) for setting in SETTINGS)
names = "NumPy and PyTorch " + torch.__version__ if torch else "NumPy (PyTorch is not installed)"
print(f"predictions and steps are those of {names}, to {worst:.1e}")

"""Measures what each parameter does and draws it: the figures of tuning.md.

usage: curves.py TUSK ML_100K FOLDER

Every panel is one search by one parameter, all others at their defaults, on the official folds.
"""

import csv
import json
import math
import pathlib
import subprocess
import sys
import tempfile

MF = {
    "factors": [4, 8, 16, 32, 64, 128, 200, 320],
    "learning-rate": [0.0015, 0.0025, 0.005, 0.008, 0.012, 0.02, 0.03],
    "regularization": [0.02, 0.03, 0.045, 0.06, 0.08, 0.12, 0.18],
    "bias-learning-rate": [0.0001, 0.0003, 0.001, 0.003, 0.01],
    "bias-regularization": [0.001, 0.005, 0.02, 0.08, 0.3],
    "init-std": [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
}
KNN = {
    "neighbours": [5, 10, 20, 40, 80, 160],
    "shrinkage": [5, 20, 100, 300, 1000, 3000],
    "weight-shrinkage": [0, 0.05, 0.1, 0.3, 1, 3],
    "min-support": [2, 3, 4, 6, 9],
    "item-damping": [1, 3, 10, 30, 100],
    "user-damping": [1, 3, 15, 50, 150],
}

STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #5b6675 }
.name { font-weight: 600; fill: #1b2430 }
.line { fill: none; stroke: #1d5fd0; stroke-width: 2 }
circle { fill: #1d5fd0 } .grid { stroke: #e4e8ed } .train { stroke: #b4520a }
@media (prefers-color-scheme: dark) {
  text { fill: #9aa7b6 } .name { fill: #e6ebf1 } .line { stroke: #74a8ff } circle { fill: #74a8ff }
  .grid { stroke: #2c3540 } .train { stroke: #f0a35e }
}
</style>"""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 200, 52, 12, 26, 26


def search(tusk, data, model, parameter, values):
    """The mean RMSE of each value."""
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "trials.csv"
        grid = f"{parameter}={','.join(map(str, values))}"
        subprocess.run(
            [tusk, "tune", data, "--model", model, "--folds", "official", "--grid", grid,
             "--csv", table, "--quiet"], check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with open(table, newline="") as rows:
            found = {float(row[parameter]): row for row in csv.DictReader(rows)}
    return [float(found[float(value)]["score"]) for value in values]


def panel(name, x, places, lines, low, high, ticks, place):
    """One chart; `lines` are classes and values, `places` where on the x axis they are."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    y_of = lambda v: bottom - (v - low) / (high - low) * (bottom - TOP)
    out = [f'<g transform="translate({place[0]},{place[1]})">',
           f'<text class="name" x="0" y="14">{name}</text>']  # fmt: skip
    for n in range(4):
        v = low + (high - low) * n / 3
        out.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y_of(v):.1f}" '
                   f'y2="{y_of(v):.1f}"/><text x="{LEFT - 6}" y="{y_of(v) + 4:.1f}" '
                   f'text-anchor="end">{v:.3f}</text>')  # fmt: skip
    for tick, text in ticks:
        out.append(f'<text x="{x(tick):.1f}" y="{bottom + 17}" text-anchor="middle">{text}</text>')
    for style, values in lines:
        points = [(x(p), y_of(v)) for p, v in zip(places, values) if low <= v <= high]
        out.append(f'<polyline class="{style}" points="'
                   + " ".join(f"{a:.1f},{b:.1f}" for a, b in points) + '"/>')  # fmt: skip
        if style == "line dots":
            out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in points]
    return "\n".join([*out, "</g>"])


def parameter_panel(name, values, rmse, low, high, place):
    # Zero has no logarithm: it stands as far left of the least value as that of the next.
    numbers = [v if v > 0 else values[1] ** 2 / values[2] for v in values]
    first, last = math.log(numbers[0]), math.log(numbers[-1])
    x = lambda v: LEFT + 12 + (math.log(v) - first) / (last - first) * (WIDTH - LEFT - RIGHT - 24)
    ticks = [(n, f"{v:g}") for n, v in zip(numbers, values)]
    shown = [ticks[0]]
    for tick in ticks[1:]:
        if x(tick[0]) - x(shown[-1][0]) > 4 * (len(tick[1]) + len(shown[-1][1])):
            shown.append(tick)
    return panel(name, x, numbers, [("line dots", rmse)], low, high, shown, place)


def page(panels, columns):
    rows = math.ceil(len(panels) / columns)
    width, height = columns * (WIDTH + 16), rows * (HEIGHT + 12)
    drawn = [p((n % columns * (WIDTH + 16), n // columns * (HEIGHT + 12)))
             for n, p in enumerate(panels)]  # fmt: skip
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">{STYLE}\n' + "\n".join(drawn) + "\n</svg>\n")  # fmt: skip


def draw_parameters(tusk, data, model, parameters):
    measured = {name: search(tusk, data, model, name, values)
                for name, values in parameters.items()}  # fmt: skip
    for name, rmse in measured.items():
        print(model, name, dict(zip(parameters[name], (f"{r:.4f}" for r in rmse))), flush=True)
    low = min(map(min, measured.values())) - 0.001
    # What is far off would leave no room for what matters.
    high = low + 0.025
    return page(
        [lambda place, n=name: parameter_panel(n, parameters[n], measured[n], low, high, place)
         for name in parameters], 3,
    )  # fmt: skip


def draw_curves(tusk, data):
    """Training and validation by epoch, with the defaults and with four times the learning rate."""
    panels = []
    for name, options in {"the defaults": [], "learning-rate 0.02": ["--learning-rate", "0.02"]}.items():
        done = subprocess.run(
            [tusk, "cv", data, "--folds", "official", *options, "--json", "--quiet", "--top", "0"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        sums = {}
        for line in done.stdout.splitlines():
            event = json.loads(line)
            if event["event"] != "epoch" or event["phase"] != "select":
                continue
            sums.setdefault(event["epoch"], []).append(
                (event["train_rmse"], event["validation_rmse"]))  # fmt: skip
        epochs = [e for e, folds in sums.items() if len(folds) == 5]
        train = [sum(t for t, _ in sums[e]) / 5 for e in epochs]
        held = [sum(v for _, v in sums[e]) / 5 for e in epochs]
        print("curve", name, f"lowest {min(held):.4f} at epoch {epochs[held.index(min(held))]}")

        def draw(place, name=name, epochs=epochs, train=train, held=held):
            x = lambda e: LEFT + (e - 1) / (epochs[-1] - 1) * (WIDTH - LEFT - RIGHT)
            step = 20 if epochs[-1] > 40 else 5
            ticks = [(e, str(e)) for e in range(step, epochs[-1] + 1, step)]
            lines = [("line", held), ("line train", train)]
            return panel(name, x, epochs, lines, 0.75, 1.05, ticks, place)

        panels.append(draw)
    return page(panels, 2)


def main():
    tusk, data, folder = sys.argv[1:4]
    folder = pathlib.Path(folder)
    (folder / "curves.svg").write_text(draw_curves(tusk, data))
    (folder / "mf-parameters.svg").write_text(draw_parameters(tusk, data, "mf", MF))
    (folder / "item-knn-parameters.svg").write_text(
        draw_parameters(tusk, data, "item-knn", KNN))  # fmt: skip


main()

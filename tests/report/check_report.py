"""Opens reports in headless Chromium, without a network, and looks at what is drawn.

usage: check_report.py TUSK SOURCE_FOLDER
"""

import html
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
WIDTHS = (400, 1600)
LARGEST = 1_500_000  # bytes of a page of MovieLens 100K's size
CELLS = {"tune": 9, "random": 9}  # of the heat map

# Errors of the page's script, and what its security policy forbids, are collected from the start.
LISTEN = """<script>
window.problems = [];
addEventListener("error", (e) => problems.push(e.message || `cannot load ${e.target.src}`), true);
addEventListener("securitypolicyviolation", (e) => problems.push(`blocked: ${e.blockedURI}`));
</script>"""

# What a page around the report, as wide as asked for, sees of it.
AROUND = """<!doctype html><style>body { margin: 0 } iframe { border: 0 }</style>
<iframe id="frame" width="%d" height="900" src="report.html"></iframe><pre id="seen"></pre>
<script>
const look = () => {
  const frame = document.getElementById("frame");
  const { document: page, problems } = frame.contentWindow;
  const texts = [...page.querySelectorAll("svg text")];
  const outside = texts.filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < 0 || box.right > frame.clientWidth + 0.5;
  });
  const sizes = [...page.querySelectorAll("svg text, p, td, th, span, li")]
    .map((node) => parseFloat(frame.contentWindow.getComputedStyle(node).fontSize));
  const named = [...page.querySelectorAll("svg:not([role=presentation])")];
  const nameless = named.filter((chart) => (chart.getAttribute("aria-label") || "").length < 20);
  // A line that leaves its chart, at any of its points.
  const beyond = [...page.querySelectorAll("svg path.curve, svg circle, svg rect")].filter((shape) => {
    const chart = shape.closest("svg").getBoundingClientRect();
    const box = shape.getBoundingClientRect();
    return box.top < chart.top - 1 || box.bottom > chart.bottom + 1 || box.left < chart.left - 1 ||
      box.right > chart.right + 1;
  });
  // Titles on the map of items that cover each other.
  const places = [...page.querySelectorAll("svg text.place")].map((text) => text.getBoundingClientRect());
  const overlaps = places.filter((a, n) => places.slice(n + 1).some((b) =>
    a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)).length;
  const cell = page.querySelector("svg rect.cell");
  if (cell) cell.focus();
  const told = page.getElementById("tip").textContent;
  const scrolls = [...page.querySelectorAll("section > .frame")].filter((frame) => {
    const box = frame.querySelector(".scroll");
    return box.scrollWidth > box.clientWidth + 1 && !frame.classList.contains("more-right");
  });
  const sortable = "table.sorts tbody tr";
  const table = page.querySelector("table.sorts");
  const rows = table ? [...table.querySelectorAll("tbody tr")].length : 0;
  const firstCells = () => [...page.querySelectorAll(sortable)].map((row) =>
    row.firstElementChild.textContent).join();
  const before = firstCells();
  const heads = page.querySelectorAll("th button");
  heads.forEach((head) => head.click());
  if (heads.length > 0) { heads[0].click(); heads[0].click(); }  // the best comes last
  const seen = {
    problems,
    width: page.documentElement.scrollWidth,
    charts: page.querySelectorAll("svg").length,
    shapes: page.querySelectorAll("svg circle, svg rect, svg path").length,
    texts: [...page.querySelectorAll("h2, th, td")].map((node) => node.innerText.trim())
      .filter((text) => text),
    outside: outside.map((text) => text.textContent),
    smallest: Math.min(...sizes),
    sorts: rows < 3 || firstCells() !== before,
    rows,
    nameless: nameless.length,
    beyond: beyond.map((shape) => shape.outerHTML.slice(0, 90)),
    curves: page.querySelectorAll("svg path.curve").length,
    cells: page.querySelectorAll("svg rect.cell").length,
    told: cell ? told : null,
    places: places.length,
    overlaps,
    unmarked: scrolls.length,
    counts: page.querySelectorAll("svg text.count").length,
    lists: page.querySelectorAll(".users ol li").length,
    undefined: page.body.innerText.match(/undefined|NaN|\\[object/g),
    dark: frame.contentWindow.getComputedStyle(page.body).backgroundColor,
  };
  document.getElementById("seen").textContent = JSON.stringify(seen);
};
addEventListener("load", () => setTimeout(look, 500));
</script>"""


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def look_at(browser, folder, report, width, dark):
    page = pathlib.Path(report).read_text(encoding="utf-8")
    (folder / "report.html").write_text(page.replace("<head>", "<head>" + LISTEN), "utf-8")
    (folder / "around.html").write_text(AROUND % width, "utf-8")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        f"--window-size={max(WIDTHS)},1000", "--virtual-time-budget=5000", "--dump-dom",
    ]  # fmt: skip
    if dark:
        command.append("--blink-settings=preferredColorScheme=0")
    done = subprocess.run(
        [*command, (folder / "around.html").as_uri()], capture_output=True, text=True, timeout=120
    )
    begin, end = '<pre id="seen">', "</pre>"
    text = done.stdout
    if begin not in text or "{" not in text:
        sys.exit(f"{browser} shows nothing:\n{text[-500:]}{done.stderr[-2000:]}")
    return json.loads(html.unescape(text.split(begin)[1].split(end)[0]))


def main():
    tusk, _ = sys.argv[1:3]
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        skip("no Chromium to open reports with")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TUSK_")}

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(*words):
            done = subprocess.run([tusk, *words], capture_output=True, text=True, env=environment)
            assert done.returncode == 0, f"{words}: {done.stderr}"

        run("data", "synth", "--like", "ml-100k", "--out", folder / "data", "--quiet")
        data = folder / "data"
        tuned = folder / "tuned.toml"
        tuned.write_text("factors = 8\nepochs = 3\n")
        few = ["--factors", "4", "--epochs", "6"]
        grid = ["--grid", "learning-rate=0.002,0.01,0.05", "--folds", "3"]
        cases = {
            "tune": (
                ["tune", data, *grid, "--grid", "factors=2,4,8", "--early-stop", "2",
                 "--test", "0.1"],
                ["The best setting", "Trials", "Two parameters together", "Lists",
                 "Each parameter against rmse", "Learning curves", "Lists of three users",
                 "Fold by fold: rmse", "Errors by user activity", "Errors by item popularity",
                 "Ratings", "Reproduce"], 9,
            ),
            "random": (
                ["tune", data, "--model", "item-knn", "--random", "4", "--folds", "2",
                 "--metric", "ndcg@10"],
                ["Trials", "Each parameter against ndcg@10", "Fold by fold: ndcg@10"], 4,
            ),
            "diverged": (
                ["tune", data, "--grid", "learning-rate=0.01,90", "--regularization", "0",
                 "--epochs", "2", "--grid", "schedule=constant", "--folds", "2"],
                ["Trials"], 2,
            ),
            "nested": (
                ["tune", data, *grid, *few, "--test-fold", "all"],
                ["Nested cross-validation", "Trials"], 3,
            ),
            "cv": (["cv", data, "--factors", "4", "--folds", "3"],
                   ["Lists", "NDCG@10", "Learning curves", "Fold by fold: rmse",
                    "Errors by user activity"], 4),
            "train": (["train", data, *few, "--split", "random:0.1"],
                      ["Lists", "NDCG@10", "Learning curves", "Ratings", "Lists of three users",
                       "A map of the items"], 1),
            "sampled": (["train", data, "--model", "bayes", "--factors", "2", "--sweeps", "20",
                         "--burn-in", "5", "--split", "random:0.1"],
                        ["Calibration", "Learning curves", "Lists of three users"], 1),
            "calibrated": (["compare", data, "--models", "bayes,bias", "--factors", "2",
                            "--sweeps", "20", "--burn-in", "5", "--folds", "2"],
                           ["Models", "in 90%", "CRPS", "deviation"], 2),
            "bias": (["train", data, "--model", "bias"], ["Ratings", "Lists of three users"], 0),
            "compare": (["compare", data, "--models", f"bias,mf,{tuned}", *few, "--folds", "3"],
                        ["Models", "Fold by fold: rmse", "NDCG@10", "bias", "mf", "tuned"], 3),
        }  # fmt: skip
        backgrounds = set()
        for case, (words, texts, rows) in cases.items():
            report = folder / f"{case}.html"
            run(*words, "--report", report, "--quiet")
            assert report.stat().st_size < LARGEST, f"{case}: {report.stat().st_size} bytes"
            for width in WIDTHS:
                dark = width == WIDTHS[0]
                seen = look_at(browser, folder, report, width, dark)
                what = f"{case} at {width} px: {seen}"
                assert seen["problems"] == [], what
                assert seen["width"] <= width, what
                assert seen["outside"] == [], what
                assert seen["smallest"] >= 12, what
                assert seen["undefined"] is None, what
                assert seen["sorts"], what
                assert seen["rows"] == rows, what
                assert seen["charts"] >= 1 and seen["shapes"] >= 5, what
                assert seen["nameless"] == 0 and seen["beyond"] == [], what
                assert seen["unmarked"] == 0 and seen["counts"] >= 3, what
                assert seen["overlaps"] == 0, what
                assert seen["cells"] == CELLS.get(case, 0), what
                if case == "tune":
                    assert seen["told"].startswith("learning-rate 0.002, factors 2: rmse "), what
                if case in ("train", "tune"):
                    assert seen["places"] >= 5 and seen["lists"] == 30, what
                if case in ("train", "tune", "cv"):
                    assert seen["curves"] >= 1, what
                missing = [text for text in texts if text not in seen["texts"]]
                assert missing == [], f"{missing} missing: {what}"
                backgrounds.add((dark, seen["dark"]))
        assert len(backgrounds) == 2, backgrounds
        print(f"{len(cases)} reports, each {len(WIDTHS)} times: no errors, nothing outside")


main()

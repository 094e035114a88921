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
  const firstCells = () => [...page.querySelectorAll("tbody tr")].map((row) =>
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
    texts: [...page.querySelectorAll("h2, th, td")].map((node) => node.innerText.trim()),
    outside: outside.map((text) => text.textContent),
    smallest: Math.min(...sizes),
    sorts: page.querySelectorAll("tbody tr").length < 3 || firstCells() !== before,
    rows: page.querySelectorAll("tbody tr").length,
    undefined: page.body.innerText.match(/undefined|NaN|\\[object/g),
    dark: frame.contentWindow.getComputedStyle(page.body).backgroundColor,
  };
  document.getElementById("seen").textContent = JSON.stringify(seen);
};
addEventListener("load", () => setTimeout(look, 300));
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
                ["The best setting", "Trials", "Each parameter against rmse", "Learning curves",
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
                   ["Learning curves", "Fold by fold: rmse", "Errors by user activity"], 0),
            "train": (["train", data, *few], ["Learning curves", "Ratings"], 0),
            "compare": (["compare", data, "--models", f"bias,mf,{tuned}", *few, "--folds", "3"],
                        ["Models", "Fold by fold: rmse", "NDCG@10", "bias", "mf", "tuned"], 3),
        }  # fmt: skip
        backgrounds = set()
        for case, (words, texts, rows) in cases.items():
            report = folder / f"{case}.html"
            run(*words, "--report", report, "--quiet")
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
                missing = [text for text in texts if text not in seen["texts"]]
                assert missing == [], f"{missing} missing: {what}"
                backgrounds.add((dark, seen["dark"]))
        assert len(backgrounds) == 2, backgrounds
        print(f"{len(cases)} reports, each {len(WIDTHS)} times: no errors, nothing outside")


main()

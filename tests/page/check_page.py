"""Uses the page of `tusk serve` in headless Chromium, without a network.

usage: check_page.py TUSK        what a visitor does with this program's server; then a stand-in for it, with
                                 faults and other catalogues
       check_page.py --url URL   what a visitor does with a running server of a model with titles
       --pictures FOLDER         keeps pictures of every view, and of how far a failure came
"""

import argparse
import sys

import faults
from browser import Browser, find_chromium
from journey import go, whole_journey
from real_server import RealServer

SKIPPED = 77


def take_pictures(browser, folder, address):
    browser.size(1600)
    browser.open(address)
    browser.wait("document.querySelectorAll('.tile').length > 0")
    for tile, stars in ((1, 5), (3, 2), (8, 4), (9, 5), (12, 3)):
        browser.click(f".tile:nth-child({tile}) .stars button:nth-child({stars})")
    for theme in ("light", "dark"):
        browser.media(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
        for width in (360, 768, 1600):
            browser.size(width)
            for view in ("rate", "list", "chat", "model"):
                go(browser, view)
                browser.wait("!document.querySelector('#list.busy')")
                browser.picture(f"{folder}/{view}-{width}-{theme}.png")
            go(browser, "list")
            browser.click("#entries .title")
            browser.wait("document.querySelector('dialog .similar .row')")
            browser.picture(f"{folder}/item-{width}-{theme}.png")
            browser.press("Escape")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tusk", nargs="?")
    parser.add_argument("source", nargs="?", help="the folder of the sources, which is not used")
    parser.add_argument("--url")
    parser.add_argument("--pictures")
    options = parser.parse_args()
    if bool(options.tusk) == bool(options.url):
        parser.error("name either the program or a URL")
    program = find_chromium()
    if program is None:
        print("skipped: no Chromium to open the page with")
        sys.exit(SKIPPED)

    def visit(browser, address):
        whole_journey(browser, address)
        if options.pictures:
            browser.fresh()
            take_pictures(browser, options.pictures, address)

    with Browser(program) as browser:
        try:
            if options.url:
                visit(browser, options.url)
                return
            with RealServer(options.tusk) as server:
                visit(browser, server.address)
            for fault in faults.ALL:
                print(fault.__name__, flush=True)
                browser.fresh()
                fault(browser)
        except BaseException:
            if options.pictures:
                browser.picture(f"{options.pictures}/failed.png")
            raise
    print(f"the page: a visit and {len(faults.ALL)} faults, no error in the console")


if __name__ == "__main__":
    main()

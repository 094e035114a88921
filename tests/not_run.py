#!/usr/bin/env python3
"""Prints how many tests of a JUnit file ran, and which did not, by reason.

usage: not_run.py FILE    (as ctest --output-junit writes it)
"""

import collections
import re
import sys
import xml.etree.ElementTree as ElementTree


def reason(case):
    """What a skipped test says: the line behind googletest's "Skipped", or the last of a script."""
    lines = (case.findtext("system-out") or "").strip().splitlines()
    for line, following in zip(lines, lines[1:]):
        if re.search(r": Skipped$", line):
            return following.strip()
    return lines[-1].strip() if lines else "no reason given"


def main():
    cases = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
    skipped = collections.defaultdict(list)
    failed = 0
    for case in cases:
        if case.find("skipped") is not None:
            skipped[reason(case)].append(case.get("name"))
        elif case.get("status") == "fail":
            failed += 1
    count = sum(map(len, skipped.values()))
    print(f"\n{len(cases)} tests: {len(cases) - failed - count} passed, {failed} failed, "
          f"{count} not run{':' if count else ''}")
    for why, names in sorted(skipped.items(), key=lambda of: -len(of[1])):
        example = names[0] if len(names) == 1 else f"{names[0]}, ..."
        print(f"  {len(names):4}  {why}  ({example})")


if __name__ == "__main__":
    main()

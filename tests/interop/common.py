"""What the scripts of this folder share."""

import os
import pathlib
import sys


def find_data(source, folder, file):
    """The folder with real data that holds `file`; ends the script as skipped where there is none."""
    places = [os.environ.get("TUSK_TEST_DATA"), source / "data", source / "../shared/datasets"]
    for place in places:
        if place and (pathlib.Path(place) / folder / file).exists():
            return pathlib.Path(place) / folder
    print(f"skipped: {folder} is not here; set TUSK_TEST_DATA to the folder that holds it")
    sys.exit(77)

"""Reading the parts of a split that tusk_peer wrote."""

import numpy as np


def read_part(folder, part):
    """The users (int32), items (int32) and ratings (float32) of "train" or "test"."""
    dtypes = {"user": np.int32, "item": np.int32, "rating": np.float32}
    return [np.fromfile(folder / f"{part}.{name}", dtype=dtype) for name, dtype in dtypes.items()]

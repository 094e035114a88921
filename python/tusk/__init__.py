"""Tusk: a training engine for recommenders.

>>> import tusk
>>> data = tusk.Dataset.read("ml-100k")
>>> model = tusk.MF(factors=64).fit(data)
>>> model.recommend([196], k=10)
"""

from . import estimators as _estimators
from ._core import (
    DeviceError,
    DivergedError,
    Error,
    FormatError,
    InputError,
    ParameterError,
    __version__,
    doctor,
)
from .base import Recommender, load
from .data import Dataset, Split, synthetic
from .estimators import *  # noqa: F403
from .experiments import (
    Comparison,
    CrossValidation,
    Search,
    compare,
    cross_validate,
    suggest,
    tune,
)
from .lists import Lists

__all__ = [
    "Comparison",
    "CrossValidation",
    "Dataset",
    "DeviceError",
    "DivergedError",
    "Error",
    "FormatError",
    "InputError",
    "Lists",
    "ParameterError",
    "Recommender",
    "Search",
    "Split",
    "__version__",
    "compare",
    "cross_validate",
    "doctor",
    "load",
    "suggest",
    "synthetic",
    "tune",
    *_estimators.__all__,
]

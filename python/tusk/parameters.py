"""Parameters of estimators, as scikit-learn has them."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

import numpy as np

from . import _columns

#: Parameters that every estimator has.
COMMON: dict[str, Any] = {"random_state": None, "n_jobs": None, "device": "auto", "verbose": 0}


class Parameters:
    """Stores what the constructor is given. Aliases are taken everywhere; the parameter counts."""

    _algorithm: ClassVar[dict]
    _defaults: ClassVar[dict[str, Any]]
    _aliases: ClassVar[dict[str, tuple[str, bool]]]  # of names: the parameter, and if it is `not`
    _estimator_type = "regressor"

    def _assign(self, given: Mapping[str, Any]) -> None:
        values = dict(self._defaults)
        seen: set[str] = set()
        for key, value in given.items():
            name, value = self._resolve(key, value)
            if name in seen:
                raise TypeError(f"{type(self).__name__}() got {name} twice, also as {key}")
            seen.add(name)
            values[name] = value
        self.__dict__.update(values)

    def _resolve(self, key: str, value: Any) -> tuple[str, Any]:
        if key in self._defaults:
            return key, value
        if key in self._aliases:
            name, opposite = self._aliases[key]
            return name, not value if opposite else value
        names = ", ".join(self._defaults)
        raise TypeError(f"{type(self).__name__}() has no parameter {key!r}; it has {names}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._defaults}

    def set_params(self, **params: Any) -> Any:
        for key, value in params.items():
            try:
                name, value = self._resolve(key, value)
            except TypeError as error:
                raise ValueError(str(error)) from None
            setattr(self, name, value)
        return self

    def _settings(self) -> dict[str, Any]:
        """The model's own parameters, those that are not left at their defaults."""
        settings = {}
        for name, default in self._defaults.items():
            value = getattr(self, name)
            if name in COMMON or value is None:
                continue
            if isinstance(value, np.generic):
                value = value.item()
            if value != default or type(value) is not type(default):
                settings[name] = value
        return settings

    @property
    def _threads(self) -> int:
        return _columns.threads(self.n_jobs)  # type: ignore[attr-defined]

    @property
    def _device(self) -> str:
        device = self.device  # type: ignore[attr-defined]
        if not isinstance(device, str):
            raise TypeError(f"device is {device!r}; it must be 'auto', 'cpu', 'cuda' or 'cuda:N'")
        return device

    def __repr__(self) -> str:
        changed = {n: v for n, v in self.get_params().items() if v != self._defaults[n]}
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in changed.items())})"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(string=True),
        )

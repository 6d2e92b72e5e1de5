"""How long a delay is: a constant, or drawn from a distribution."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NamedTuple


class DistributionError(ValueError):
    """A distribution that cannot be read; the message says what to write instead."""


_PARAMETERS = {
    "constant": ("seconds",),
    "uniform": ("low", "high"),
    "normal": ("mean", "deviation"),
    "exponential": ("mean",),
    "lognormal": ("median", "sigma"),
}


class Distribution(NamedTuple):
    """A named distribution and its parameters, in seconds (`sigma` is that of the logarithm, without a unit)."""

    name: str
    parameters: tuple[float, ...]

    @classmethod
    def parse(cls, document: Any, seconds: Any = None) -> Distribution:
        """Read `{"name": "uniform", "low": 0.1, "high": 0.3}`, or a constant number of seconds.

        Raises:
            DistributionError: neither or both given, an unknown name, or a parameter that is absent or negative.
        """
        if (document is None) == (seconds is None):
            raise DistributionError("a delay takes either seconds or a distribution: write seconds=0.2")
        if document is None:
            document = {"name": "constant", "seconds": seconds}
        if not isinstance(document, Mapping) or document.get("name") not in _PARAMETERS:
            names = ", ".join(_PARAMETERS)
            raise DistributionError(f"distribution is {document!r}; write an object with a name of {names}")
        name = document["name"]
        values = []
        for parameter in _PARAMETERS[name]:
            value = document.get(parameter)
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise DistributionError(f"{parameter} of a {name} delay is {value!r}; write seconds of at least 0")
            values.append(float(value))
        return cls(name, tuple(values))

    def draw(self, source: random.Random) -> float:
        """A delay in seconds, never negative."""
        if self.name == "constant":
            return self.parameters[0]
        if self.name == "uniform":
            return source.uniform(*self.parameters)
        if self.name == "normal":
            return max(0.0, source.gauss(*self.parameters))
        if self.name == "exponential":
            return source.expovariate(1 / self.parameters[0]) if self.parameters[0] else 0.0
        median, sigma = self.parameters
        return median * source.lognormvariate(0, sigma)

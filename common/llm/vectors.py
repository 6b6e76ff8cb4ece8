"""Checking and normalising the vectors a provider sends."""

import math
from collections.abc import Sequence
from typing import Any

from common.core.errors import ProviderError


def unit_vectors(rows: Sequence[Any], *, count: int, dimension: int, provider: str) -> list[list[float]]:
    """The rows as `count` vectors of `dimension` finite values and length 1.

    Raises:
        ProviderError: they are not.
    """
    if len(rows) != count:
        raise ProviderError(f"{provider}: {len(rows)} vectors for {count} texts")
    return [_unit(row, dimension=dimension, provider=provider) for row in rows]


def _unit(row: Any, *, dimension: int, provider: str) -> list[float]:
    if not isinstance(row, list) or not all(type(value) in (int, float) for value in row):
        raise ProviderError(f"{provider}: a vector is not a list of numbers")
    if len(row) != dimension:
        raise ProviderError(f"{provider}: a vector of {len(row)} values where {dimension} are expected")
    length = math.sqrt(math.fsum(value * value for value in row))
    if not math.isfinite(length) or length == 0:
        raise ProviderError(f"{provider}: a vector without direction")
    return [value / length for value in row]

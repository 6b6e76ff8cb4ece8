"""Types of what clients give: taken as it is described, and nothing else that could be understood somehow."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from common.models.base import Moment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"\s*[+-]?[0-9._]+(?:e[+-]?[0-9]+)?\s*", re.IGNORECASE)


def _written_out(value: object) -> object:
    """Seconds since 1970 would be taken for a time as well, even within a string.

    Raises:
        ValueError: it is a number.
    """
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError("a time is written as in ISO 8601")
    return value


GivenMoment = Annotated[Moment, BeforeValidator(_written_out)]
"""A time in ISO 8601; UTC where no zone is given."""


def _whole_day(value: object) -> object:
    return f"{value}T23:59:59.999999Z" if isinstance(value, str) and _DAY.fullmatch(value) else value


GivenEnd = Annotated[GivenMoment, BeforeValidator(_whole_day)]
"""The same as the end of a range, where a mere day means all of it."""

GivenInt = Annotated[int, Field(strict=True)]
GivenFloat = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number, with or without a fraction."""

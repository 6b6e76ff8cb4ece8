"""What our models have in common, and every stored document; and the type of a point in time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

_DAY = timedelta(days=1)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC) + _DAY, datetime.max.replace(tzinfo=UTC) - _DAY


def utc_moment(value: datetime) -> datetime:
    """The same instant as a plain `datetime` in UTC; a naive one is taken to be UTC already.

    Firestore reads give a subclass with nanoseconds, which neither pickles nor compares like the value that was
    written, so it is reduced to what we store: microseconds. Within a day of the calendar's ends it gives way: there
    it could not be told in every zone.

    Raises:
        ValueError: if the instant lies outside the years 1 to 9999 once it is in UTC.
    """
    try:
        aware = value.replace(tzinfo=UTC) if value.utcoffset() is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant is out of range") from error
    plain = datetime(
        aware.year, aware.month, aware.day, aware.hour, aware.minute, aware.second, aware.microsecond, tzinfo=UTC
    )
    return min(max(plain, _FIRST), _LAST)


Moment = Annotated[datetime, AfterValidator(utc_moment)]
"""An instant, always aware and in UTC, at microsecond precision."""


class Shape(BaseModel):
    """What is stored, sent or answered; its validation is built when it is first used.

    A function knows hundreds of shapes, and what it is started for is about few. Bodies of requests are plain models:
    FastAPI keeps pydantic from warning of how it uses them, but only while it makes a route.
    """

    model_config = ConfigDict(defer_build=True)


class Document(Shape):
    """A stored document or a part of one. Fields it does not know are ignored; assignments are validated."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    def to_firestore(self, *, without: str | None = None) -> dict[str, Any]:
        """The document in Firestore's native types: datetimes stay datetimes, enums become their values.

        Args:
            without: a field that is left out.
        """
        native: dict[str, Any] = _native(self.model_dump(mode="python", exclude={without} if without else None))
        return native

    def to_json(self) -> dict[str, Any]:
        """The document as JSON carries it: datetimes as ISO 8601 in UTC."""
        return self.model_dump(mode="json")


class Older(Document):
    """A document that may have been written when nulls stood where a default is meant now."""

    @model_validator(mode="before")
    @classmethod
    def _defaults_for_nulls(cls, value: Any) -> Any:
        return without_nulls(value)


def without_nulls(value: Any) -> Any:
    """The fields of a document that say something; what is no mapping stays as it is."""
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, Mapping) else value


def _native(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {_native(key): _native(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_native(item) for item in value]
    return value

"""Parts of requests and answers about facts that several routers share."""

import re
from collections.abc import Collection
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, Field

from common.core.errors import InvalidInputError
from common.models.base import Document, Moment, Shape
from common.models.memory import Memory, MemoryCategory, Visibility

LARGEST_PAGE = 500
LARGEST_OFFSET = 100_000
LONGEST_CONTENT = 10_000

Content = Annotated[str, Field(min_length=1, max_length=LONGEST_CONTENT, pattern=r"\S", examples=["Lives in Lisbon"])]
DocumentId = Annotated[str, Field(min_length=1, max_length=1500)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=50, examples=[["home"]])]
SomeTags = Annotated[Tags, BeforeValidator(lambda value: [] if value is None else value)]
Offset = Annotated[int, Query(ge=0, le=LARGEST_OFFSET)]
Question = Annotated[str, Query(min_length=1, max_length=2000, pattern=r"\S", examples=["where do I live"])]

_KNOWN = "|".join(MemoryCategory)
KnownCategories = Annotated[
    str,
    Query(
        description="Categories, separated by commas; each also finds the older ones that became it",
        max_length=1000,
        json_schema_extra={"pattern": rf"^((({_KNOWN}),)*({_KNOWN}))?$"},
        examples=["system,interesting"],
    ),
]
AnyCategories = Annotated[
    str,
    Query(
        description="Categories, separated by commas; each also finds the older ones that became it",
        max_length=1000,
        examples=["system,interesting"],
    ),
]


class NewValue(Shape):
    """What a memory shall say from now on."""

    value: Content


class DeveloperMemory(Document):
    """A memory as programs see it (CONTRACT section 4.2), with the category that was given."""

    id: str
    content: str
    category: MemoryCategory
    visibility: Visibility
    tags: list[str]
    created_at: Moment
    updated_at: Moment
    manually_added: bool
    scoring: str
    reviewed: bool
    user_review: bool | None
    edited: bool

    @classmethod
    def of(cls, memory: Memory) -> "DeveloperMemory":
        """What programs see of a memory."""
        return cls.model_validate(memory.model_dump())


def new_value(value: Annotated[Content | None, Query()] = None, body: NewValue | None = None) -> str:
    """What a memory shall say, from the body or, as older clients send it, from the query.

    Raises:
        InvalidInputError: it is in neither.
    """
    if body is not None:
        return body.value
    if value is None:
        raise InvalidInputError("value is required, in the body or in the query")
    return value


def listed(categories: str) -> list[str]:
    """What is named in a list with commas."""
    return [name for name in re.split(r"\s*,\s*", categories.strip()) if name]


def known(categories: str) -> Collection[MemoryCategory] | None:
    """The categories of a filter; None where it names none.

    Raises:
        InvalidInputError: one of them is none.
    """
    names = listed(categories)
    for name in names:
        if name not in set(MemoryCategory):
            raise InvalidInputError(f"categories: not one of {', '.join(MemoryCategory)}")
    return [MemoryCategory(name) for name in names] or None


def todays(name: str | None) -> MemoryCategory | None:
    """A category as the app means it: one that is not known is `system`."""
    if name is None:
        return None
    return MemoryCategory(name) if name in set(MemoryCategory) else MemoryCategory.SYSTEM


def if_known(name: str | None) -> MemoryCategory | None:
    """The category where it is one."""
    return MemoryCategory(name) if name in set(MemoryCategory) else None

"""What lists of conversations can be asked for, as query parameters."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query

from common.core.errors import InvalidInputError
from common.database.conversation_queries import Wanted
from common.models.conversation import ConversationSource, ConversationStatus
from common.models.given import GivenEnd, GivenMoment

LARGEST_PAGE = 500
LARGEST_OFFSET = 100_000

Offset = Annotated[int, Query(ge=0, le=LARGEST_OFFSET)]


def csv(text: str | None, *, among: type[StrEnum], name: str) -> list[str]:
    """The values of a parameter that are separated by commas; blank ones do not count.

    Raises:
        InvalidInputError: one of them is none of `among`.
    """
    values = [value.strip() for value in (text or "").split(",") if value.strip()]
    if not set(values) <= set(among):
        raise InvalidInputError(f"{name} holds a value that is not known")
    return values


def _filters(
    statuses: Annotated[str, Query(description="Separated by commas; none means any")] = "processing,completed",
    sources: Annotated[str | None, Query(description="Separated by commas")] = None,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
    folder_id: Annotated[str | None, Query(max_length=1500)] = None,
    *,
    include_discarded: bool = True,
    starred: bool | None = None,
) -> Wanted:
    return Wanted(
        statuses=csv(statuses, among=ConversationStatus, name="statuses"),
        sources=csv(sources, among=ConversationSource, name="sources"),
        include_discarded=include_discarded,
        folder_id=folder_id,
        starred=starred,
        since=start_date,
        until=end_date,
    )


Filters = Annotated[Wanted, Depends(_filters)]
"""What the app's lists are narrowed by (CONTRACT section 3.1)."""

"""Pages of apps as the store shows them, and what is said about a page."""

from collections.abc import Sequence
from typing import Any

from common.models.app import App, AppView, Option
from common.models.base import Shape

LARGEST_PAGE = 100
LARGEST_OFFSET = 100_000


class Links(Shape):
    """Where the pages beside this one are."""

    next: str | None = None
    previous: str | None = None


class Pagination(Shape):
    """Which part of how many."""

    total: int
    count: int
    offset: int
    limit: int
    hasNext: bool  # noqa: N815 - the wire's name
    hasPrevious: bool  # noqa: N815 - the wire's name
    links: Links

    @classmethod
    def of(cls, *, total: int, count: int, offset: int, limit: int, path: str) -> "Pagination":
        """What is to be said about a page of `path`, which ends in `?` or `&`."""
        before, after = max(0, offset - limit), offset + limit
        return cls(
            total=total,
            count=count,
            offset=offset,
            limit=limit,
            hasNext=after < total,
            hasPrevious=offset > 0,
            links=Links(
                next=f"{path}offset={after}&limit={limit}" if after < total else None,
                previous=f"{path}offset={before}&limit={limit}" if offset > 0 else None,
            ),
        )


class Shelf(Shape):
    """A group of the store's first page."""

    capability: Option
    data: list[AppView]
    pagination: Pagination


class ShelvesMeta(Shape):
    """What the first page shows."""

    capabilities: list[Option]
    groupCount: int  # noqa: N815 - the wire's name
    limit: int
    offset: int


class Shelves(Shape):
    """The store's first page."""

    groups: list[Shelf]
    meta: ShelvesMeta


class CapabilityPage(Shape):
    """More of one shelf."""

    data: list[AppView]
    pagination: Pagination
    capability: Option


class CategoryPage(Shape):
    """More of one category."""

    data: list[AppView]
    pagination: Pagination
    category: Option


class CategoryShelf(Shape):
    """One category within a capability."""

    category: Option
    data: list[AppView]
    count: int


class CategoryShelvesMeta(Shape):
    """What the page of a capability shows."""

    totalApps: int  # noqa: N815 - the wire's name
    groupCount: int  # noqa: N815 - the wire's name


class CategoryShelves(Shape):
    """A capability, by category."""

    groups: list[CategoryShelf]
    capability: Option
    meta: CategoryShelvesMeta


class SearchPage(Shape):
    """What a search found, and what it asked for."""

    data: list[AppView]
    pagination: Pagination
    filters: dict[str, Any]


def page(found: Sequence[App], *, offset: int, limit: int) -> Sequence[App]:
    """One page of a list."""
    return found[offset : offset + limit]

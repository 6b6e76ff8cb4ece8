"""The store's shelves: apps grouped, searched and sorted. Pure."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from common.apps import kinds
from common.models.app import App, Option


class Sort(StrEnum):
    """The order of what a search finds."""

    INSTALLS = "installs_desc"
    RATING_UP = "rating_asc"
    RATING_DOWN = "rating_desc"
    NAME_UP = "name_asc"
    NAME_DOWN = "name_desc"


def with_capability(apps: Iterable[App], capability: str) -> list[App]:
    """Those on one shelf, in their order."""
    if capability == kinds.POPULAR.id:
        return [app for app in apps if app.is_popular]
    return [app for app in apps if capability in app.capabilities]


def in_category(apps: Iterable[App], category: str) -> list[App]:
    """Those in one category, in their order."""
    return [app for app in apps if app.category == category]


def by_capability(apps: Sequence[App]) -> list[tuple[Option, list[App]]]:
    """Every shelf that has something on it; an app stands on each that it belongs to."""
    shelves = [(shelf, with_capability(apps, shelf.id)) for shelf in kinds.GROUPS]
    return [(shelf, found) for shelf, found in shelves if found]


def by_category(apps: Sequence[App]) -> list[tuple[Option, list[App]]]:
    """Every category that has an app, the fullest first."""
    found: dict[str, list[App]] = {}
    for app in apps:
        found.setdefault(app.category, []).append(app)
    fullest = sorted(found.items(), key=lambda item: -len(item[1]))
    return [(kinds.category(category), members) for category, members in fullest]


def search(
    apps: Iterable[App],
    *,
    query: str = "",
    category: str | None = None,
    capability: str | None = None,
    rating: float | None = None,
    sort: Sort | None = None,
) -> list[App]:
    """Those that match everything asked for; a name that is or begins with the query comes first, then installs."""
    found = list(apps)
    if category:
        found = in_category(found, category)
    if capability:
        found = with_capability(found, capability)
    if rating is not None:
        found = [app for app in found if app.rating_avg >= rating]
    wanted = query.strip().casefold()
    if wanted:
        found = [app for app in found if wanted in app.name.casefold() or wanted in app.description.casefold()]
    if sort is None:
        return sorted(found, key=lambda app: (_distance(app, wanted), -app.installs, app.name.casefold(), app.id))
    key, descending = _SORTS[sort]
    return sorted(found, key=key, reverse=descending)


def _distance(app: App, wanted: str) -> int:
    name = app.name.casefold()
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2


_SORTS: dict[Sort, tuple[Callable[[App], tuple[float | str, str]], bool]] = {
    Sort.INSTALLS: (lambda app: (app.installs, app.id), True),
    Sort.RATING_UP: (lambda app: (app.rating_avg, app.id), False),
    Sort.RATING_DOWN: (lambda app: (app.rating_avg, app.id), True),
    Sort.NAME_UP: (lambda app: (app.name.casefold(), app.id), False),
    Sort.NAME_DOWN: (lambda app: (app.name.casefold(), app.id), True),
}

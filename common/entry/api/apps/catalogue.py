"""`/v2/apps`, `/v1/apps`: the store's shelves (CONTRACT section 3.10)."""

from typing import Annotated

from fastapi import Path, Query

from common.apps import catalogue, kinds
from common.apps.showing import show_apps
from common.database import apps, installs
from common.entry.api.apps.shelves import (
    LARGEST_OFFSET,
    LARGEST_PAGE,
    CapabilityPage,
    CategoryPage,
    CategoryShelf,
    CategoryShelves,
    CategoryShelvesMeta,
    Pagination,
    Shelf,
    Shelves,
    ShelvesMeta,
    page,
)
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.app import AppView, Option

router = Router(tags=["apps"], responses=responses(401))

GROUP_ID = r"^[a-z_-]+$"
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Offset = Annotated[int, Query(ge=0, le=LARGEST_OFFSET)]
GroupId = Annotated[str | None, Query(max_length=100, pattern=GROUP_ID)]


@router.get("/v2/apps")
def shelves(
    user: User,
    base_url: BaseUrl,
    *,
    capability: GroupId = None,
    category: GroupId = None,
    offset: Offset = 0,
    limit: Limit = 20,
    include_reviews: bool = False,
) -> Shelves | CapabilityPage | CategoryPage:
    """The store by capability; or, with `capability` or `category`, a page of that one."""
    if capability or category:
        return _one_shelf(
            user,
            base_url,
            capability=capability,
            category=category,
            offset=offset,
            limit=limit,
            include_reviews=include_reviews,
        )
    shown = [
        (shelf, found, page(found, offset=offset, limit=limit))
        for shelf, found in catalogue.by_capability(apps.catalogue())
    ]
    together = list({app.id: app for _, _, part in shown for app in part}.values())
    views = {app.id: app for app in show_apps(together, uid=user, base_url=base_url, with_reviews=include_reviews)}
    groups = [
        Shelf(
            capability=shelf,
            data=[views[app.id] for app in part],
            pagination=_pagination(len(found), len(part), offset, limit, f"capability={shelf.id}&"),
        )
        for shelf, found, part in shown
    ]
    names = [group.capability for group in groups]
    return Shelves(
        groups=groups, meta=ShelvesMeta(capabilities=names, groupCount=len(groups), limit=limit, offset=offset)
    )


@router.get("/v2/apps/capability/{capability_id}/grouped")
def capability_by_category(
    user: User,
    base_url: BaseUrl,
    capability_id: Annotated[str, Path(max_length=100, pattern=GROUP_ID)],
    *,
    include_reviews: bool = False,
) -> CategoryShelves:
    """One capability, by category; the hundred most installed of each."""
    found = catalogue.with_capability(apps.catalogue(), capability_id)
    groups = catalogue.by_category(found)
    together = [app for _, members in groups for app in members[:LARGEST_PAGE]]
    views = {app.id: app for app in show_apps(together, uid=user, base_url=base_url, with_reviews=include_reviews)}
    return CategoryShelves(
        groups=[
            CategoryShelf(
                category=category,
                data=[views[app.id] for app in members[:LARGEST_PAGE]],
                count=len(members),
            )
            for category, members in groups
        ],
        capability=kinds.group(capability_id),
        meta=CategoryShelvesMeta(totalApps=len(found), groupCount=len(groups)),
    )


@router.get("/v1/apps")
def everything(user: User, base_url: BaseUrl, *, include_reviews: bool = True) -> list[AppView]:
    """The whole catalogue, and before it what the user has made."""
    own = [app for app in apps.list_of_user(uid=user) if not app.is_persona]
    others = [app for app in apps.catalogue() if app.uid != user]
    return show_apps([*own, *others], uid=user, base_url=base_url, with_reviews=include_reviews)


@router.get("/v1/approved-apps")
def approved(user: User, base_url: BaseUrl, *, include_reviews: bool = False) -> list[AppView]:
    """The whole catalogue."""
    return show_apps(apps.catalogue(), uid=user, base_url=base_url, with_reviews=include_reviews)


@router.get("/v1/apps/popular")
def popular(user: User, base_url: BaseUrl) -> list[AppView]:
    """What the administrators put forward."""
    found = catalogue.with_capability(apps.catalogue(), kinds.POPULAR.id)
    return show_apps(found, uid=user, base_url=base_url)


@router.get("/v1/apps/enabled")
def enabled(user: User) -> list[str]:
    """The ids of the apps that the user has turned on."""
    return sorted(installs.enabled_ids(uid=user))


def _one_shelf(
    user: str,
    base_url: str,
    *,
    capability: str | None,
    category: str | None,
    offset: int,
    limit: int,
    include_reviews: bool,
) -> CapabilityPage | CategoryPage:
    found = catalogue.search(apps.catalogue(), capability=capability, category=category)
    part = page(found, offset=offset, limit=limit)
    data = show_apps(part, uid=user, base_url=base_url, with_reviews=include_reviews)
    asked = "".join(f"{name}={value}&" for name, value in (("capability", capability), ("category", category)) if value)
    pagination = _pagination(len(found), len(part), offset, limit, asked)
    if capability:
        return CapabilityPage(data=data, pagination=pagination, capability=kinds.group(capability))
    shelf: Option = kinds.category(category or "")
    return CategoryPage(data=data, pagination=pagination, category=shelf)


def _pagination(total: int, count: int, offset: int, limit: int, asked: str) -> Pagination:
    return Pagination.of(total=total, count=count, offset=offset, limit=limit, path=f"/v2/apps?{asked}")

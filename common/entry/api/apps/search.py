"""`/v2/apps/search`: apps by words and by what they are (CONTRACT section 3.10)."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from common.apps import catalogue
from common.apps.catalogue import Sort
from common.apps.showing import show_apps
from common.database import apps, installs
from common.entry.api.apps.catalogue import GroupId, Limit, Offset
from common.entry.api.apps.shelves import Pagination, SearchPage, page
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.app import App

router = Router(tags=["apps"], responses=responses(401))


@router.get("/v2/apps/search")
def search(
    user: User,
    base_url: BaseUrl,
    *,
    q: Annotated[str, Query(max_length=200)] = "",
    category: GroupId = None,
    rating: Annotated[float | None, Query(ge=0, le=5)] = None,
    capability: GroupId = None,
    sort: Sort | None = None,
    my_apps: bool = False,
    installed_apps: bool = False,
    offset: Offset = 0,
    limit: Limit = 20,
) -> SearchPage:
    """Apps whose name or description holds `q`; `my_apps` and `installed_apps` are the user's, private ones too."""
    found = catalogue.search(
        _candidates(user, my_apps=my_apps, installed_apps=installed_apps),
        query=q,
        category=category,
        capability=capability,
        rating=rating,
        sort=sort,
    )
    part = page(found, offset=offset, limit=limit)
    asked = {
        "q": q or None,
        "category": category,
        "rating": rating,
        "capability": capability,
        "sort": sort.value if sort else None,
        "my_apps": my_apps or None,
        "installed_apps": installed_apps or None,
    }
    given = urlencode({name: str(value) for name, value in asked.items() if value is not None})
    return SearchPage(
        data=show_apps(part, uid=user, base_url=base_url),
        pagination=Pagination.of(
            total=len(found),
            count=len(part),
            offset=offset,
            limit=limit,
            path=f"/v2/apps/search?{given}&" if given else "/v2/apps/search?",
        ),
        filters=asked,
    )


def _candidates(user: str, *, my_apps: bool, installed_apps: bool) -> list[App]:
    if my_apps:
        own = [app for app in apps.list_of_user(uid=user) if not app.is_persona]
        enabled = installs.enabled_ids(uid=user) if installed_apps else {app.id for app in own}
        return [app for app in own if app.id in enabled]
    if installed_apps:
        found = apps.ALL.find_many(sorted(installs.enabled_ids(uid=user)))
        return [app for app in found if not app.deleted and (app.in_catalogue or app.owned_by(user))]
    return apps.catalogue()

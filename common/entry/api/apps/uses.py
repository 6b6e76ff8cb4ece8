"""`/v1/apps/{id}/uses`: how often an app of one's own was of use to others, and why not where it wanted to be."""

from common.apps.showing import own_app
from common.database import app_uses
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.app_use import Left, UseKind
from common.models.base import Shape

router = Router(prefix="/v1/apps/{app_id}", tags=["apps"], responses=responses(401, 403, 404))


class Uses(Shape):
    """How often the app was of use, by what for; how often nothing was said for it, by why."""

    uses: dict[UseKind, int]
    left: dict[Left, int]


@router.get("/uses")
def uses(user: User, app_id: str) -> Uses:
    """How often an app of one's own was of use to others, and how often it was not."""
    own_app(app_id, uid=user)
    return Uses(
        uses={kind: app_uses.count(app_id, kind) for kind in UseKind},
        left={reason: app_uses.count_left(app_id, reason) for reason in Left},
    )

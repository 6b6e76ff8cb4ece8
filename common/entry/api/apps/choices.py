"""What there is to choose from when an app is made (CONTRACT section 3.10)."""

from common.apps import kinds
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.app import Capability, Option

router = Router(tags=["apps"], responses=responses(401))


@router.get("/v1/app-categories")
def categories(_: User) -> list[Option]:
    """What apps can be about."""
    return list(kinds.CATEGORIES)


@router.get("/v1/app-capabilities")
def capabilities(_: User) -> list[Capability]:
    """What apps can do, with the triggers, actions and scopes that go with it."""
    return list(kinds.CAPABILITIES)


@router.get("/v1/app/proactive-notification-scopes")
def scopes(_: User) -> list[Option]:
    """What an app may want to know when it says something by itself."""
    return list(kinds.SCOPES)


@router.get("/v1/app/plans")
def plans(_: User) -> list[Option]:
    """How an app can be paid for."""
    return list(kinds.PLANS)

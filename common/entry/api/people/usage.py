"""`/v1/users/me`: what the user has used, and may use (CONTRACT section 2.10)."""

from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.usage import SubscriptionView, UsageView
from common.users.usage import Period, subscription_of, usage_of

router = Router(prefix="/v1/users/me", tags=["usage"], responses=responses(401))


@router.get("/subscription")
def subscription(user: User) -> SubscriptionView:
    """The user's plan, which is everybody's: without limits."""
    return subscription_of(uid=user)


@router.get("/usage")
def usage(user: User, period: Period = Period.TODAY) -> UsageView:
    """What was used today, this month, this year or ever, in the user's time zone, with its parts."""
    return usage_of(period, uid=user)

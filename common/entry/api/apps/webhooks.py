"""`/v1/apps/{id}/webhook`: the secret that signs what an app is told, how its address does, and turning it on again."""

from common.apps.disabling import turn_on_again
from common.apps.secrets import change_secret, current_secret
from common.apps.showing import own_app
from common.database import webhook_health, webhook_secrets
from common.entry.api.apps.asking import limit_asking
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.base import Moment, Shape
from common.models.webhook import WebhookSecret

router = Router(prefix="/v1/apps/{app_id}/webhook", tags=["apps"], responses=responses(401, 403, 404))


class SigningSecret(Shape):
    """What webhooks are signed with, as Standard Webhooks has it; the one before signs too for a day."""

    secret: str
    previous_secret: str | None = None
    changed_at: Moment

    @classmethod
    def of(cls, stored: WebhookSecret) -> "SigningSecret":
        """What is told of a stored one."""
        return cls.model_validate(stored.model_dump(exclude={"id"}))


class Health(Shape):
    """Since when the app's address fails at every attempt, and how; empty while it does not."""

    failing_since: Moment | None = None
    last_failed_at: Moment | None = None
    last_error: str = ""


@router.get("/secret")
def secret(user: User, app_id: str) -> SigningSecret:
    """The secret that signs what an app of one's own is told."""
    own_app(app_id, uid=user)
    return SigningSecret.of(current_secret(webhook_secrets.of_app(app_id)))


@router.post("/secret")
def change(user: User, app_id: str) -> SigningSecret:
    """Sign with another secret from now on, and for a day with the one before as well."""
    own_app(app_id, uid=user)
    return SigningSecret.of(change_secret(webhook_secrets.of_app(app_id)))


@router.get("/health")
def health(user: User, app_id: str) -> Health:
    """Whether the address of an app of one's own takes what it is told."""
    own_app(app_id, uid=user)
    found = webhook_health.find(webhook_health.of_app(app_id))
    return Health.model_validate(found.model_dump(include=set(Health.model_fields)))


@router.post("/enable", responses=responses(400, 429, 502))
def enable(user: User, app_id: str) -> Ok:
    """End that an app of one's own is disabled for its failing address, which has to answer now."""
    limit_asking(user)
    turn_on_again(app_id, uid=user)
    return Ok()

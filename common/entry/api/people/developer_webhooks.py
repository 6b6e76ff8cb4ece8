"""`/v1/users/developer`: addresses of the user's own that are told what happens (CONTRACT section 8.5)."""

from fastapi import Response
from pydantic import BaseModel, Field

from common.apps.secrets import change_secret, current_secret
from common.database import users, webhook_secrets
from common.entry.api.apps.webhooks import SigningSecret
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Shape
from common.users.webhooks import LONGEST_URL, WebhookType, set_webhook, switch_webhook

router = Router(prefix="/v1/users/developer", tags=["developer webhooks"], responses=responses(401))


class WebhookUrl(Shape):
    """The address that is told; empty where there is none."""

    url: str


class NewWebhookUrl(BaseModel):
    """The address to tell; for `audio_bytes` a comma and seconds may follow, empty ends it."""

    url: str = Field(max_length=LONGEST_URL + 10, examples=["https://example.org/hook"])


class WebhooksStatus(Shape):
    """Which kinds of events are told."""

    audio_bytes: bool
    memory_created: bool
    realtime_transcript: bool
    day_summary: bool
    button_event: bool


@router.get("/webhooks/status")
def status(user: User) -> WebhooksStatus:
    """Which kinds of events are told; one that is switched on and has no address is not."""
    stored = users.find(uid=user).developer_webhooks
    return WebhooksStatus.model_validate(
        {
            name: (known := stored.get(name)) is not None and known.enabled and bool(known.url)
            for name in WebhooksStatus.model_fields
        }
    )


@router.get("/webhook-secret")
def secret(user: User) -> SigningSecret:
    """The secret that signs what one's own addresses are told."""
    return SigningSecret.of(current_secret(webhook_secrets.of_user(uid=user)))


@router.post("/webhook-secret")
def change_signing_secret(user: User) -> SigningSecret:
    """Sign with another secret from now on, and for a day with the one before as well."""
    return SigningSecret.of(change_secret(webhook_secrets.of_user(uid=user)))


@router.get("/webhook/{kind}")
def address(user: User, kind: WebhookType) -> WebhookUrl:
    """Which address is told."""
    stored = users.find(uid=user).developer_webhooks.get(kind.value)
    return WebhookUrl(url=stored.url if stored else "")


@router.post("/webhook/{kind}")
def set_address(user: User, kind: WebhookType, body: NewWebhookUrl) -> Done:
    """Tell an address from now on."""
    set_webhook(kind, body.url, uid=user)
    return Done()


@router.post("/webhook/{kind}/enable", status_code=204, response_class=Response)
def enable(user: User, kind: WebhookType) -> None:
    """Tell the address that is kept."""
    switch_webhook(kind, uid=user, enabled=True)


@router.post("/webhook/{kind}/disable", status_code=204, response_class=Response)
def disable(user: User, kind: WebhookType) -> None:
    """Keep the address and tell it nothing."""
    switch_webhook(kind, uid=user, enabled=False)

"""What signs webhooks: `plugins_data/{id}/webhook_secrets` for an app, `users/{uid}/webhook_secrets` for a user."""

from __future__ import annotations

from common.core.errors import ConflictError
from common.database.apps import COLLECTION as APPS
from common.database.documents import Documents
from common.models.webhook import WebhookSecret

CURRENT = "current"
"""The one document there is."""
_COLLECTION = "webhook_secrets"


def of_app(app_id: str) -> Documents[WebhookSecret]:
    """An app's own: its maker can tell with it that a webhook is from us."""
    return Documents(APPS, app_id, _COLLECTION, model=WebhookSecret, noun="Secret")


def of_user(*, uid: str) -> Documents[WebhookSecret]:
    """A user's own, for the addresses that are the user's own."""
    return Documents("users", uid, _COLLECTION, model=WebhookSecret, noun="Secret")


def get_or_keep(secrets: Documents[WebhookSecret], new: WebhookSecret) -> WebhookSecret:
    """The secret there is, or else the new one, which is kept."""
    found = secrets.find(CURRENT)
    if found is not None:
        return found
    try:
        return secrets.create(new)
    except ConflictError:
        return secrets.get(CURRENT)

"""The secrets that sign webhooks: made when they are first needed, shown to their owner, changed with a transition."""

from __future__ import annotations

import secrets as randomness
from typing import TYPE_CHECKING

from common.apps.signing import as_secret
from common.core import clock
from common.database import webhook_secrets
from common.models.webhook import WebhookSecret

if TYPE_CHECKING:
    from common.database.documents import Documents

_KEY_BYTES = 32
TRANSITION_S = 24 * 3600.0
"""For so long after a change the secret before signs too."""


def current_secret(owner: Documents[WebhookSecret]) -> WebhookSecret:
    """The secret of an app (`webhook_secrets.of_app`) or of a user (`of_user`)."""
    return webhook_secrets.get_or_keep(owner, _new())


def change_secret(owner: Documents[WebhookSecret]) -> WebhookSecret:
    """Sign with another secret from now on, and for a day with the one before as well."""
    before = current_secret(owner)
    after = _new().model_copy(update={"previous_secret": before.secret})
    owner.put(after)
    return after


def signing_secrets(secret: WebhookSecret) -> list[str]:
    """What signs right now, the newest first."""
    if secret.previous_secret is None or clock.now() - secret.changed_at > clock.duration(TRANSITION_S):
        return [secret.secret]
    return [secret.secret, secret.previous_secret]


def _new() -> WebhookSecret:
    key = as_secret(randomness.token_bytes(_KEY_BYTES))
    return WebhookSecret(id=webhook_secrets.CURRENT, secret=key, changed_at=clock.now())

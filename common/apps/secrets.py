"""The secrets that sign webhooks: made when they are first needed, shown to their owner, changed with a transition."""

from __future__ import annotations

import secrets as randomness
from typing import TYPE_CHECKING

from common.apps.signing import as_secret
from common.core import clock
from common.database import webhook_secrets
from common.models.webhook import FormerSecret, WebhookSecret

if TYPE_CHECKING:
    from common.database.documents import Documents

_KEY_BYTES = 32
TRANSITION_S = 24 * 3600.0
"""For so long after a change the secret before signs too."""
_MOST_FORMER = 4
"""That sign, however often it is changed in a day."""


def current_secret(owner: Documents[WebhookSecret]) -> WebhookSecret:
    """The secret of an app (`webhook_secrets.of_app`) or of a user (`of_user`)."""
    return webhook_secrets.get_or_keep(owner, _new())


def change_secret(owner: Documents[WebhookSecret]) -> WebhookSecret:
    """Sign with another secret from now on, and for a day with those before as well.

    Whoever asks again, because no answer came, or at the same time as somebody else, takes no secret out of use that
    somebody knows.
    """
    current_secret(owner)
    new = _new()

    def decide(before: WebhookSecret) -> WebhookSecret | None:
        if before.secret == new.secret:
            return None  # done, but the answer was lost
        replaced = FormerSecret(secret=before.secret, until=new.changed_at)
        former = [replaced, *_signing_still(before)][:_MOST_FORMER]
        return new.model_copy(update={"previous_secret": before.secret, "former": former})

    return owner.change(webhook_secrets.CURRENT, decide)


def signing_secrets(secret: WebhookSecret) -> list[str]:
    """What signs right now, the newest first."""
    return [secret.secret, *(former.secret for former in _signing_still(secret))]


def _signing_still(secret: WebhookSecret) -> list[FormerSecret]:
    """Those before that have not been out of use for long, the newest first."""
    known = secret.former
    if secret.previous_secret is not None and secret.previous_secret not in {former.secret for former in known}:
        known = [FormerSecret(secret=secret.previous_secret, until=secret.changed_at), *known]
    return [former for former in known if clock.now() - former.until <= clock.duration(TRANSITION_S)]


def _new() -> WebhookSecret:
    key = as_secret(randomness.token_bytes(_KEY_BYTES))
    return WebhookSecret(id=webhook_secrets.CURRENT, secret=key, changed_at=clock.now())

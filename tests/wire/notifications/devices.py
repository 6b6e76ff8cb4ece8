"""Devices of users, and what the local FCM has for them."""

from typing import Any

from common.core import clock
from common.database import fcm_tokens
from common.models.fcm_token import FcmToken
from tests.support.stores import Stores


def have_device(token: str, *, uid: str, device_id: str = "") -> None:
    """Reach a user under a token."""
    fcm_tokens.register(FcmToken(id=device_id or f"ios_{token}", token=token, created_at=clock.now()), uid=uid)


def sent_to(token: str, stores: Stores) -> list[dict[str, Any]]:
    """What a device would have got, in order."""
    return stores.fcm.outbox.list_newest(token=token, limit=100)[::-1]

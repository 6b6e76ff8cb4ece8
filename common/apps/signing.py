"""Signatures of webhooks (https://github.com/standard-webhooks/standard-webhooks, specification 1.0.0). Pure.

Whoever receives one recomputes it over `{webhook-id}.{webhook-timestamp}.{body}`, refuses what is older than five
minutes, and takes what has the same `webhook-id` for the same news.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

_PREFIX = "whsec_"


def signed_headers(body: bytes, *, message_id: str, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers that say what this is, and that it is from us.

    Args:
        body: exactly what is sent.
        message_id: names the news; the same at every attempt.
        at: when this attempt is made.
        secrets: each signs; more than one while the receiver changes from one to the next.
    """
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [f"v1,{_signature(content, secret)}" for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def as_secret(key: bytes) -> str:
    """How a key is written down; 24 to 64 bytes by the specification."""
    return f"{_PREFIX}{base64.b64encode(key).decode()}"


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()

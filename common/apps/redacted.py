"""What is told outside, without what nobody else shall learn, where the settings want that kept from its receiver."""

import json
from dataclasses import replace

from common.apps.payloads import Payload
from common.llm.redacting.outside import is_redacted
from common.llm.redacting.redact import redact_json

_JSON = "application/json"


def redacted(payload: Payload, *, app_id: str | None) -> Payload:
    """The payload as it may be told to an app, or to an address of the user's own where `app_id` is None; not audio."""
    if payload.content_type != _JSON or not is_redacted("developers" if app_id is None else "apps"):
        return payload
    told = redact_json(json.loads(payload.body))
    return replace(payload, body=json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())

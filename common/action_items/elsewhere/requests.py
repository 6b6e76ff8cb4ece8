"""One request to such a service, and what its answer means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from common.action_items.elsewhere.services import reached_at, service_of
from common.core import retry_after
from common.core.errors import OutsideError
from common.speech.posting import send
from common.speech.rejections import rejection

if TYPE_CHECKING:
    from common.models.user import TaskApp
    from common.speech.posting import Answer

WITHIN_S = 15.0
"""Real seconds for an answer."""
_LATER = (408, 425, 429)
_SERVER_FAILS = 500


def sent(app: TaskApp, method: str, url: str, **request: Any) -> Answer:
    """Whatever a service answers.

    Raises:
        ProviderError: it cannot be reached now.
    """
    return send(method, reached_at(url), provider=service_of(app).name, within_s=WITHIN_S, **request)


def decoded(app: TaskApp, answer: Answer) -> Any:
    """What an answer says, None for nothing.

    Raises:
        OutsideError: the service refuses, or answers nonsense.
        ProviderError: it cannot do it now.
    """
    name = service_of(app).name
    if answer.status in _LATER or answer.status >= _SERVER_FAILS:
        raise rejection(name, answer.status, pause_s=retry_after.seconds_of(answer.headers.get("Retry-After")))
    if not answer.ok:
        raise OutsideError(f"{name} refuses ({answer.status})")
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise OutsideError(f"{name} answers nonsense") from None

"""What FCM's answers mean for a message, and for the token it was sent to. Pure.

Error codes: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode. `INVALID_ARGUMENT` alone says nothing
about the token (a message that is too large gets it, too): only what names the token costs a device its place. Nor does
`SENDER_ID_MISMATCH`: it is what a server of the wrong project gets for every device there is, and of what to delete
https://firebase.google.com/docs/cloud-messaging/manage-tokens does not name it.
"""

import json
from dataclasses import dataclass
from typing import Any

from common.notifications.ports import Outcome

_OK = 200
_FCM_ERROR = "google.firebase.fcm.v1.FcmError"
_APNS_ERROR = "google.firebase.fcm.v1.ApnsError"
_BAD_REQUEST = "google.rpc.BadRequest"
_DEAD = "UNREGISTERED"
_FOR_THE_OPERATOR = frozenset({"THIRD_PARTY_AUTH_ERROR", "SENDER_ID_MISMATCH"})
"""The project's key for Apple or the web is wrong, or the project itself."""
_DEAD_AT_APPLE = frozenset({"Unregistered", "BadDeviceToken", "DeviceTokenNotForTopic"})
_QUOTA = frozenset({"QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED"})


@dataclass(frozen=True)
class Verdict:
    """What an answer means.

    Attributes:
        outcome: for the message.
        code: FCM's error code, for logs.
        quota: whether it was too much.
        unknown: whether FCM does not know who we are.
    """

    outcome: Outcome
    code: str = ""
    quota: bool = False
    unknown: bool = False


def judge(status: int, body: bytes) -> Verdict:
    """The meaning of one answer."""
    answer = _decoded(body)
    if status == _OK:
        # Something in between may say OK to everything: only a name says that the message was taken.
        taken = isinstance(answer.get("name"), str)
        return Verdict(Outcome.SENT) if taken else Verdict(Outcome.LATER, "no answer of FCM")
    error = _mapping(answer.get("error"))
    details = [detail for detail in _list(error.get("details")) if isinstance(detail, dict)]
    code = _code(details) or str(error.get("status") or f"status {status}")[:40]
    if _code(details) == _DEAD or (status == 400 and _about_token(error, details)):  # noqa: PLR2004 - HTTP's own
        return Verdict(Outcome.GONE, code)
    if status == 429 or code in _QUOTA:  # noqa: PLR2004 - HTTP's own
        return Verdict(Outcome.LATER, code, quota=True)
    if code in _FOR_THE_OPERATOR:
        return Verdict(Outcome.REFUSED, code)
    if status in {400, 413}:
        return Verdict(Outcome.REFUSED, code)
    return Verdict(Outcome.LATER, code, unknown=status == 401)  # noqa: PLR2004 - HTTP's own


def _about_token(error: dict[str, Any], details: list[dict[str, Any]]) -> bool:
    """Whether what is invalid is the token itself."""
    for detail in details:
        kind = str(detail.get("@type", ""))
        if kind.endswith(_APNS_ERROR) and detail.get("reason") in _DEAD_AT_APPLE:
            return True
        if kind.endswith(_BAD_REQUEST):
            violations = _list(detail.get("fieldViolations"))
            if any(_mapping(violation).get("field") == "message.token" for violation in violations):
                return True
    return _code(details) == "INVALID_ARGUMENT" and "registration token" in str(error.get("message", "")).lower()


def _code(details: list[dict[str, Any]]) -> str:
    codes = [detail.get("errorCode") for detail in details if str(detail.get("@type", "")).endswith(_FCM_ERROR)]
    return str(codes[0])[:40] if codes and codes[0] else ""


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

"""What FCM's answers mean: which cost a device its place, which are tried again, which are nobody's fault but ours."""

import json
from typing import Any

import pytest

from common.notifications.fcm_answers import judge
from common.notifications.ports import Outcome

_FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_APNS = "type.googleapis.com/google.firebase.fcm.v1.ApnsError"
_BAD = "type.googleapis.com/google.rpc.BadRequest"


def _error(status: str, *details: dict[str, Any], message: str = "x") -> bytes:
    return json.dumps({"error": {"status": status, "message": message, "details": list(details)}}).encode()


def _fcm(code: str) -> dict[str, Any]:
    return {"@type": _FCM, "errorCode": code}


def _violation(field: str) -> dict[str, Any]:
    return {"@type": _BAD, "fieldViolations": [{"field": field, "description": "x"}]}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(404, _error("NOT_FOUND", _fcm("UNREGISTERED")), id="unregistered"),
        pytest.param(
            400, _error("INVALID_ARGUMENT", _fcm("INVALID_ARGUMENT"), _violation("message.token")), id="malformed"
        ),
        pytest.param(
            400,
            _error(
                "INVALID_ARGUMENT",
                _fcm("INVALID_ARGUMENT"),
                message="The registration token is not a valid FCM registration token",
            ),
            id="malformed, as it is documented",
        ),
        pytest.param(
            400,
            _error("INVALID_ARGUMENT", _fcm("INVALID_ARGUMENT"), {"@type": _APNS, "reason": "Unregistered"}),
            id="Apple knows no such device",
        ),
    ],
)
def test_a_token_that_leads_nowhere_is_gone(status: int, body: bytes) -> None:
    assert judge(status, body).outcome is Outcome.GONE


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(400, _error("INVALID_ARGUMENT"), id="too large: FCM says no more than that"),
        pytest.param(400, _error("INVALID_ARGUMENT", _violation("message.data[0].value")), id="a value"),
        pytest.param(401, _error("UNAUTHENTICATED", _fcm("THIRD_PARTY_AUTH_ERROR")), id="our key for Apple"),
        pytest.param(403, _error("PERMISSION_DENIED", _fcm("SENDER_ID_MISMATCH")), id="we are of another project"),
        pytest.param(400, b"<html>", id="a page"),
    ],
)
def test_a_message_that_is_wrong_costs_no_device_its_place(status: int, body: bytes) -> None:
    assert judge(status, body).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(429, _error("RESOURCE_EXHAUSTED", _fcm("QUOTA_EXCEEDED")), id="quota"),
        pytest.param(503, _error("UNAVAILABLE", _fcm("UNAVAILABLE")), id="unavailable"),
        pytest.param(500, _error("INTERNAL", _fcm("INTERNAL")), id="internal"),
        pytest.param(502, b"<!DOCTYPE html>", id="a gateway"),
        pytest.param(404, b"nothing here", id="another server's 404"),
        pytest.param(404, _error("NOT_FOUND"), id="no such project"),
        pytest.param(403, _error("PERMISSION_DENIED"), id="no role"),
        pytest.param(401, _error("UNAUTHENTICATED"), id="credentials"),
        pytest.param(302, b"", id="somewhere else"),
        pytest.param(200, b"OK", id="somebody who says OK to everything"),
        pytest.param(200, b'{"name": 1}', id="no name"),
        pytest.param(200, b"[" * 100_000, id="deep nonsense"),
        pytest.param(400, json.dumps({"error": {"details": 5, "status": {"a": 1}}}).encode(), id="odd"),
    ],
)
def test_whatever_may_pass_or_be_mended_keeps_token_and_message(status: int, body: bytes) -> None:
    assert judge(status, body).outcome in ({Outcome.REFUSED} if status == 400 else {Outcome.LATER})


def test_only_fcms_own_name_for_it_says_that_a_message_was_taken() -> None:
    assert judge(200, b'{"name": "projects/p/messages/1"}').outcome is Outcome.SENT


def test_too_much_and_not_known_are_told_apart() -> None:
    assert judge(429, b"").quota
    assert judge(401, b"").unknown
    assert not judge(503, b"").quota

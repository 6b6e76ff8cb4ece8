"""FCM's errors as it answers them: a `google.rpc.Status` in JSON, with details.

https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
"""

from typing import Any

from starlette.responses import JSONResponse, Response

STATUSES = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "UNREGISTERED": (404, "NOT_FOUND", "Requested entity was not found."),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED", "SenderId mismatch"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "UNAVAILABLE": (503, "UNAVAILABLE", "The service is currently unavailable."),
    "INTERNAL": (500, "INTERNAL", "Internal error encountered."),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"),
}
"""By FCM's own code: HTTP's status, the RPC's, and what is said."""


class FcmError(Exception):
    """A request ends with this code of FCM's.

    Args:
        code: one of `STATUSES`.
        violations: which fields are wrong, and why.
        message: what is said in place of what is usual.
        bare: whether FCM leaves its own code out, as it does where a payload is too large.
        retry_after_s: for how many seconds it wants to be left alone.
    """

    def __init__(
        self,
        code: str,
        *,
        violations: dict[str, str] | None = None,
        message: str = "",
        bare: bool = False,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.violations = violations or {}
        self.message = message
        self.bare = bare
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """The answer."""
        status, name, usual = STATUSES[self.code]
        details: list[dict[str, Any]] = []
        if not self.bare:
            fcm = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
            details.append({"@type": fcm, "errorCode": self.code})
        if self.violations:
            violations = [{"field": field, "description": text} for field, text in self.violations.items()]
            details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
        error: dict[str, Any] = {"code": status, "message": self.message or usual, "status": name}
        if details:
            error["details"] = details
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        return JSONResponse({"error": error}, status, headers)


def unknown_field(name: str, at: str) -> FcmError:
    """What the JSON holds has no place in the message."""
    text = f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field."
    return FcmError("INVALID_ARGUMENT", violations={at: text}, message=text, bare=True)


def invalid_value(at: str, kind: str) -> FcmError:
    """A value is not of its field's kind."""
    text = f"Invalid value at '{at}' ({kind})"
    return FcmError("INVALID_ARGUMENT", violations={at: text}, message=text, bare=True)

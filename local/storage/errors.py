"""Errors of the JSON API in Google's form."""

from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response


class StorageError(Exception):
    """A request ends with this status, reason and message."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers

    def response(self, *, media: bool) -> Response:
        """The error as JSON; as plain text where an object's content was asked for; nothing but headers for 304."""
        if self.status == 304:  # noqa: PLR2004 - Not Modified has no body
            return Response(status_code=304, headers=self.headers)
        if media:
            return PlainTextResponse(self.message, self.status, self.headers)
        error: dict[str, Any] = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.reason == "conditionNotMet":
            error |= {"locationType": "header", "location": "If-Match"}
        body = {"error": {"code": self.status, "message": self.message, "errors": [error]}}
        return JSONResponse(body, self.status, self.headers)


def invalid(message: str) -> StorageError:
    """The request can never be accepted."""
    return StorageError(400, "invalid", message)


def no_bucket() -> StorageError:
    """The bucket does not exist."""
    return StorageError(404, "notFound", "The specified bucket does not exist.")


def no_object(bucket: str, name: str) -> StorageError:
    """The object does not exist in this generation."""
    return StorageError(404, "notFound", f"No such object: {bucket}/{name}")


def condition_not_met() -> StorageError:
    """A precondition failed."""
    return StorageError(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")


def not_modified() -> StorageError:
    """A read was asked for only if something had changed, and it has not."""
    return StorageError(304, "notModified", "Not Modified")

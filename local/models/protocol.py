"""What the endpoints of the model server share: bounded bodies, and errors in OpenAI's form."""

from starlette.requests import Request
from starlette.responses import JSONResponse


class RequestError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, *, parameter: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.parameter, self.code = status, parameter, code


def error_response(_: Request, error: Exception) -> JSONResponse:
    """`{"error": {"message", "type", "param", "code"}}`."""
    if not isinstance(error, RequestError):
        error = RequestError(500, "The server had an error while processing your request.")
    kind = "invalid_request_error" if error.status < 500 else "server_error"  # noqa: PLR2004 - HTTP's border
    body = {"message": str(error), "type": kind, "param": error.parameter, "code": error.code}
    return JSONResponse({"error": body}, status_code=error.status)


async def read_body(request: Request, limit: int) -> bytes:
    """The body, if it is no longer than `limit` bytes; a longer one is refused without being read to its end."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise RequestError(413, f"The body is longer than {limit} bytes.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise RequestError(413, f"The body is longer than {limit} bytes.")
    return bytes(body)


def check_language(language: str) -> None:
    """Refuse languages the recogniser does not know; `multi` and `auto` leave the choice to it."""
    if language.lower().replace("_", "-").split("-")[0] not in {"en", "multi", "auto"}:
        raise RequestError(400, f"language: only English is recognised, not {language[:16]!r}", parameter="language")

"""Answers that many routes share, and how errors are described."""

from typing import Any, Literal

from pydantic import Field

from common.models.base import Shape

_REASONS = {
    400: "The request makes no sense as it is",
    401: "No token or key, or one that is not valid",
    402: "Made without credit: not shown, not changed",
    403: "Known, but not allowed",
    404: "No such thing, or not yours",
    405: "Not with this method",
    409: "The thing is in another state than you think",
    413: "Larger than is taken",
    415: "A kind of content that is not understood",
    416: "The range lies outside",
    422: "The request does not fit its description",
    429: "Too often; `Retry-After` says when to come back",
    502: "What the app named does not answer as it should",
    503: "Not now, try again",
}


class Problem(Shape):
    """One thing that is wrong with a request: where, and what."""

    loc: list[str | int]
    msg: str
    type: str


class ErrorBody(Shape):
    """The body of every error."""

    detail: str | list[Problem] | dict[str, Any] = Field(examples=["Conversation not found"])


class Health(Shape):
    """The instance answers."""

    status: Literal["ok"] = "ok"


class Ok(Shape):
    """Done."""

    status: Literal["Ok"] = "Ok"


class Done(Shape):
    """Done, in the spelling that the app and MCP servers compare with."""

    status: Literal["ok"] = "ok"


class Success(Shape):
    """Done, as the developer API says it."""

    success: Literal[True] = True


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a router or route: the errors it may answer with. Those that any request can meet are always among them."""
    always = (413, 422, 503)
    return {status: {"model": ErrorBody, "description": _REASONS[status]} for status in sorted({*statuses, *always})}

"""Refusals in the form the Pinecone data plane gives them: an HTTP status, a gRPC code and a message."""

from enum import IntEnum
from typing import Any


class Code(IntEnum):
    """The gRPC codes that occur in Pinecone's answers."""

    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    OUT_OF_RANGE = 11
    UNAUTHENTICATED = 16


_STATUS = {
    Code.INVALID_ARGUMENT: 400,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNAUTHENTICATED: 401,
}


class RefusalError(Exception):
    """A request that is answered with an error; the message reaches the client."""

    def __init__(self, message: str, code: Code = Code.INVALID_ARGUMENT) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return _STATUS[self.code]

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {"code": int(self.code), "message": self.message, "details": []}


def namespace_not_found() -> RefusalError:
    """What deleting in a namespace that was never written to is answered with."""
    return RefusalError("Namespace not found", Code.NOT_FOUND)

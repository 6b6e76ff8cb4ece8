"""What the server answers when it refuses: a gRPC status and Firestore's own words."""

import grpc


class RefusedError(Exception):
    """Ends an RPC with a status."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def number(self) -> int:
        """The status as google.rpc.Status writes it."""
        number: int = self.code.value[0]
        return number


def invalid_argument(message: str) -> RefusedError:
    """The request is wrong whatever is stored."""
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RefusedError:
    """A document that must exist does not."""
    return RefusedError(grpc.StatusCode.NOT_FOUND, message)


def already_exists(message: str) -> RefusedError:
    """A document that must not exist does."""
    return RefusedError(grpc.StatusCode.ALREADY_EXISTS, message)


def failed_precondition(message: str) -> RefusedError:
    """What is stored is not what the caller thinks, or an index is missing."""
    return RefusedError(grpc.StatusCode.FAILED_PRECONDITION, message)


def aborted(message: str) -> RefusedError:
    """Contention: the whole transaction may be tried again."""
    return RefusedError(grpc.StatusCode.ABORTED, message)

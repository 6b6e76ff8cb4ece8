"""Why a listen socket is closed, as clients know it (CONTRACT section 1.10)."""

from common.conversations.live.leaving import AccountDeletedError
from common.core.errors import InvalidInputError

GOING_AWAY = 1001
BAD_AUDIO = 1003
POLICY = 1008
TOO_BIG = 1009
SERVER_ERROR = 1011
TRY_LATER = 1013
TOKEN_EXPIRED = 4001
ACCOUNT_DELETED = 4005


class Closing(Exception):  # noqa: N818 - carries a close code through the stack, no error by itself
    """Ends the connection with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def code_of(error: Exception) -> int:
    """The code for what has ended a connection."""
    if isinstance(error, Closing):
        return error.code
    if isinstance(error, AccountDeletedError):
        return ACCOUNT_DELETED
    return POLICY if isinstance(error, InvalidInputError) else TRY_LATER

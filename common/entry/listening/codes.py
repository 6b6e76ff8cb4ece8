"""Why a listen socket is closed, as clients know it (CONTRACT section 1.10)."""

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

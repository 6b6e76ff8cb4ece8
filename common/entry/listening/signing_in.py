"""Who connects: by the header of the request, or by the first message where a browser cannot set one."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from common.core.errors import RetryableError, TokenExpiredError, UnauthenticatedError
from common.entry.auth import bearer_token, verify_token
from common.entry.listening.codes import POLICY, TOKEN_EXPIRED, TRY_LATER, Closing

FIRST_MESSAGE_S = 5.0
"""Real seconds that a browser has for its first message."""


async def by_header(authorization: str | None) -> str:
    """The uid of a request's token.

    Raises:
        Closing: there is none, or it is not valid.
    """
    try:
        return await _verified(bearer_token(authorization))
    except UnauthenticatedError as error:
        raise Closing(POLICY, str(error)) from error


async def by_first_message(
    first_text: Callable[[], Awaitable[str]], answer: Callable[[dict[str, object]], None]
) -> str:
    """The uid of `{"type": "auth", "token": …}`, which is answered. Audio that comes before it waits.

    Raises:
        Closing: it does not come in time, is something else, or holds no valid token.
    """
    try:
        async with asyncio.timeout(FIRST_MESSAGE_S):
            message = await first_text()
    except TimeoutError as error:
        raise Closing(POLICY, "auth timeout") from error
    try:
        uid = await _verified(_token(message))
    except (UnauthenticatedError, Closing):
        answer({"type": "auth_response", "success": False})
        raise
    answer({"type": "auth_response", "success": True})
    return uid


def _token(message: str) -> str:
    try:
        said = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Closing(POLICY, "the first message must be auth") from error
    if not isinstance(said, dict) or said.get("type") != "auth" or not isinstance(said.get("token"), str):
        raise Closing(POLICY, "the first message must be auth")
    if not said["token"].isascii():
        raise Closing(POLICY, "The token is not valid")
    return str(said["token"])


async def _verified(token: str) -> str:
    try:
        return await asyncio.to_thread(verify_token, token)
    except TokenExpiredError as error:
        raise Closing(TOKEN_EXPIRED, str(error)) from error
    except UnauthenticatedError as error:
        raise Closing(POLICY, str(error)) from error
    except RetryableError as error:
        raise Closing(TRY_LATER, str(error)) from error

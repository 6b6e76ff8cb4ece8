"""Firebase Cloud Messaging over its HTTP v1 API.

Spoken over plain HTTP with Google's credentials: `firebase-admin` knows no other address than Google's, and loads much
that nobody needs here.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Protocol

from common.core import clock
from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.core.retry_after import seconds_of
from common.core.tls import trusted
from common.notifications.fcm_answers import Verdict, judge
from common.notifications.ports import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from common.notifications.ports import PushMessage

GOOGLE = "https://fcm.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_ATTEMPTS = 3
_AT_ONCE = 8
_FIRST_PAUSE_S = 0.5
_QUOTA_PAUSE_S = 60.0
"""Where FCM says that it is too much, and not for how long."""
_CONNECT_S = 5.0
_TOKEN_S = 10.0
_LARGEST_ANSWER = 64 * 1024


class Access(Protocol):
    """Google's credentials."""

    def header(self, *, renew: bool) -> str:
        """What stands in `Authorization`; a new one where that is asked for.

        Raises:
            ProviderError: there is none.
        """
        ...


class FcmPusher:
    """FCM of one project.

    Args:
        project: whose devices.
        url: another address than Google's.
        access: credentials; None asks without any.
        timeout_s: real seconds for all that is sent at once, with all retries.
    """

    def __init__(self, project: str, *, url: str = "", access: Access | None, timeout_s: float) -> None:
        self._url = f"{(url or GOOGLE).rstrip('/')}/v1/projects/{project}/messages:send"
        self._access = access
        self._timeout_s = timeout_s
        self._stale = False
        self._open_at = 0.0
        """Until this moment (monotonic) FCM has asked to be left alone."""

    def push(self, messages: Sequence[PushMessage]) -> list[Outcome]:
        """Send each, all at once; what became of them, in their order."""
        if not messages:
            return []
        if clock.monotonic() < self._open_at:
            return [Outcome.LATER] * len(messages)
        try:
            headers = {} if self._access is None else {"Authorization": self._access.header(renew=self._stale)}
        except ProviderError as error:
            get_logger().error("push_without_credentials", reason=str(error))
            return [Outcome.LATER] * len(messages)
        self._stale = False
        return asyncio.run(self._push(messages, headers))

    async def _push(self, messages: Sequence[PushMessage], headers: dict[str, str]) -> list[Outcome]:
        import httpx

        places = asyncio.Semaphore(_AT_ONCE)
        deadline = clock.Deadline.real(self._timeout_s)
        timeout = httpx.Timeout(None, connect=min(_CONNECT_S, self._timeout_s))
        async with httpx.AsyncClient(
            timeout=timeout, verify=trusted(), trust_env=False, headers=headers, follow_redirects=False
        ) as client:

            async def push_one(message: PushMessage) -> Outcome:
                async with places:
                    return await self._push_one(client, message, deadline)

            return await asyncio.gather(*(push_one(message) for message in messages))

    async def _push_one(self, client: httpx.AsyncClient, message: PushMessage, deadline: clock.Deadline) -> Outcome:
        for attempt in range(1, _ATTEMPTS + 1):
            verdict, pause = await self._ask(client, message, deadline)
            if verdict.outcome is not Outcome.LATER:
                return verdict.outcome
            if pause is None:
                pause = _FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
            if verdict.unknown or attempt == _ATTEMPTS or pause >= deadline.remaining:
                get_logger().warning("push_postponed", code=verdict.code, pause_s=round(pause, 1))
                break
            await asyncio.sleep(pause)
        return Outcome.LATER

    async def _ask(
        self, client: httpx.AsyncClient, message: PushMessage, deadline: clock.Deadline
    ) -> tuple[Verdict, float | None]:
        """What FCM says, and for how many seconds it wants to be left alone, if it says that."""
        import httpx

        try:
            async with (
                asyncio.timeout(deadline.remaining),
                client.stream("POST", self._url, json={"message": message}) as response,
            ):
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        return Verdict(Outcome.LATER, "answers too much"), None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Verdict(Outcome.LATER, type(error).__name__), None
        verdict = judge(response.status_code, bytes(body))
        pause = seconds_of(response.headers.get("retry-after"))
        if verdict.quota and pause is None:
            pause = _QUOTA_PAUSE_S
        if pause is not None and verdict.outcome is Outcome.LATER:
            self._open_at = max(self._open_at, clock.monotonic() + pause)
        self._stale = self._stale or verdict.unknown
        return verdict, pause


class _DefaultAccess:
    """The application's default credentials, found on first use."""

    def __init__(self) -> None:
        self._credentials: object | None = None

    def header(self, *, renew: bool) -> str:
        """A token that is still good."""
        from functools import partial

        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=[_SCOPE])
            credentials = self._credentials
            if renew or not credentials.valid:  # type: ignore[attr-defined]  # the library has no types
                credentials.refresh(partial(Request(), timeout=_TOKEN_S))  # type: ignore[attr-defined]
        except GoogleAuthError as error:
            raise ProviderError(f"no credentials for FCM ({type(error).__name__})") from error
        return f"Bearer {credentials.token}"  # type: ignore[attr-defined]


def default_access() -> Access:
    """The application's default credentials."""
    return _DefaultAccess()

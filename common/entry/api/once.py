"""`Idempotency-Key`: a creating request that is sent again under the same key is answered again, not done again.

The rules are those of https://docs.stripe.com/api/idempotent_requests: a key belongs to one user and one route, the
same key with another body is a mistake, and with the first request still under way a conflict. What failed is not
kept, so it may be tried again under the same key.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from common.core import clock
from common.core.errors import InvalidInputError, LeaseHeldError, UnderWayError
from common.core.ids import derived_id, digest, new_id
from common.database import claims
from common.database.claims import Settled
from common.database.once import holding
from common.models.base import Shape

M = TypeVar("M", bound=BaseModel)

STEP = "request"
KEPT_S = 24 * 3600.0
_LEASE_S = 20.0
"""Real seconds, for the work waits for models and stores; it is kept up while the work goes on."""
_LONGEST_S = 600.0
"""More than any request may take."""


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Repeat a request under the same key and it is answered, not done, a second time; for 24 hours",
    ),
]


class _Answer(Shape):
    """What is kept of a request: what it asked for and what it was answered."""

    asked: str
    answer: str


class Once:
    """Does a request's work, or repeats the answer to an earlier request with the same key."""

    def __init__(self, *, key: str | None, route: str, asked: str) -> None:
        self._key = key
        self._route = route
        self._asked = asked
        self.id = new_id()
        """What the work calls the one thing that it makes: the same each time the same is asked for under a key."""
        self.tries = 0
        """The how many-th time the work is being done under a key: from the second on, some may be done already."""

    @property
    def named(self) -> str | None:
        """What stands for the request, of its user, where it has a key."""
        return digest(self._route, self._key) if self._key is not None else None

    def __call__(self, model: type[M], work: Callable[[], M], *, uid: str, by: str = "") -> M:
        """The answer, a `model`.

        Args:
            model: what is answered.
            work: does it; what it makes under `id` it finds again where it is done a second time.
            uid: for whom.
            by: who asks, where several may under one address: none of them meets the others' keys.

        Raises:
            InvalidInputError: the key was used for another request.
            UnderWayError: the first request with this key is still under way.
        """
        if self._key is None:
            return work()
        lease_seconds = _LEASE_S * clock.scale()
        try:
            claim = claims.acquire(
                uid=uid,
                step=STEP,
                subject=digest(self._route, self._key, *([by] if by else [])),
                run=0,
                lease_seconds=lease_seconds,
                kept_s=KEPT_S,
                noted=self.id,
            )
        except LeaseHeldError as error:
            raise UnderWayError("A request with this Idempotency-Key is under way") from error
        if isinstance(claim, Settled):
            kept = _Answer.model_validate_json(claim.result or "")
            if kept.asked != self._asked:
                raise InvalidInputError("This Idempotency-Key was used for another request")
            return model.model_validate_json(kept.answer)
        with holding(claim, lease_seconds=lease_seconds, longest_s=_LONGEST_S * clock.scale()):
            self.id = derived_id(claim.noted or self.id, self._asked)
            self.tries = claim.attempts
            answer = work()
        claims.finish(claim, result=_Answer(asked=self._asked, answer=answer.model_dump_json()).model_dump_json())
        return answer


async def _once(request: Request, key: IdempotencyKey = None) -> Once:
    asked = digest(request.url.query, (await request.body()).decode(errors="replace")) if key is not None else ""
    return Once(key=key, route=f"{request.method} {request.url.path}", asked=asked)


OncePerKey = Annotated[Once, Depends(_once)]

"""Subscription `dead-letter`: what was given up waits there for somebody to look at it, for a month at most.

Whoever takes letters holds them for some minutes; those that are not settled come back by themselves.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from common.core.errors import NotFoundError, ProviderError
from common.core.settings import settings
from common.models.base import utc_moment
from common.models.events import DeadLettered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

SUBSCRIPTION = "dead-letter"
MOST = 500
"""Letters that are taken at once."""
_HELD_S = 600
"""Real seconds, the most there are; a crash makes the letters come back after that."""
_WAIT_S = 2.0
"""Real seconds to wait for more of them."""


@dataclass(frozen=True)
class Letter:
    """One of them, held. `about` is None where nobody can read it."""

    about: DeadLettered | None
    given_up_at: datetime
    ack_id: str

    @property
    def id(self) -> str:
        """What administrators call it: the same for every delivery."""
        return self.about.event_id if self.about is not None else "unreadable"


class Letters:
    """The letters that wait."""

    def __init__(self, subscriber: Any) -> None:
        self._subscriber = subscriber
        self._path = subscriber.subscription_path(settings().google_cloud_project, SUBSCRIPTION)

    def take(self, *, limit: int) -> list[Letter]:
        """Those that wait, the oldest first; `limit` at most."""
        from google.api_core.exceptions import DeadlineExceeded

        held: list[Letter] = []
        while len(held) < min(limit, MOST):
            question = {"subscription": self._path, "max_messages": min(limit, MOST) - len(held)}
            try:
                answer = self._subscriber.pull(request=question, timeout=_WAIT_S, retry=None)
            except DeadlineExceeded:
                break  # that is how an empty subscription answers
            if not answer.received_messages:
                break
            self._hold([message.ack_id for message in answer.received_messages], seconds=_HELD_S)
            held += [_read(message) for message in answer.received_messages]
        return sorted(held, key=lambda letter: letter.given_up_at)

    def settle(self, letter: Letter) -> None:
        """Remove one for good."""
        self._subscriber.acknowledge(subscription=self._path, ack_ids=[letter.ack_id])

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Let the next who looks have these."""
        if letters:
            self._hold([letter.ack_id for letter in letters], seconds=0)

    def _hold(self, ack_ids: list[str], *, seconds: int) -> None:
        self._subscriber.modify_ack_deadline(subscription=self._path, ack_ids=ack_ids, ack_deadline_seconds=seconds)


@contextmanager
def opened() -> Iterator[Letters]:
    """The letters, for as long as somebody looks at them.

    Raises:
        NotFoundError: the subscription does not exist.
        ProviderError: Pub/Sub does not answer.
    """
    from google.api_core.exceptions import GoogleAPICallError, NotFound
    from google.cloud.pubsub_v1 import SubscriberClient

    with SubscriberClient() as subscriber:
        try:
            yield Letters(subscriber)
        except NotFound as error:
            raise NotFoundError(f"The subscription `{SUBSCRIPTION}` does not exist") from error
        except GoogleAPICallError as error:
            raise ProviderError(f"Pub/Sub: {type(error).__name__}") from error


def _read(received: Any) -> Letter:
    try:
        about = DeadLettered.model_validate_json(received.message.data)
    except ValidationError:
        about = None
    return Letter(about, utc_moment(received.message.publish_time), received.ack_id)

"""What the business needs of whoever carries notifications to devices."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

PushMessage = Mapping[str, Any]
"""A message to one device, in the form of FCM's HTTP v1."""


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    GONE = "gone"
    """Nobody is reached under this token any more."""
    REFUSED = "refused"
    """It will never be taken as it is."""
    LATER = "later"
    """Not now; the same message may be taken later."""


class Pusher(Protocol):
    """Carries messages to devices."""

    def push(self, messages: Sequence[PushMessage]) -> list[Outcome]:
        """Send each, all at once; what became of them, in their order. Never raises for one of them."""
        ...

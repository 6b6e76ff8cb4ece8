"""What a provider of live recognition says and wants to be told over its WebSocket, apart from any socket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.core.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.speech.transcriber import Utterance


@dataclass(frozen=True)
class News:
    """What one message of a provider says, in seconds of the stream.

    `until`: as in `Heard`. `reached`: how far it has listened, or taken audio in. `interim`: None if it says nothing of
    it. `finished`: nothing more will come, and `reached` is all that was heard.
    """

    utterances: tuple[Utterance, ...] = ()
    until: float = 0.0
    reached: float = 0.0
    interim: tuple[Utterance, ...] | None = None
    finished: bool = False


@dataclass(frozen=True)
class Limits:
    """What is normal for a provider, in seconds of audio unless said otherwise.

    `behind_s`: how much may be unanswered for long. `silent_s`: real seconds after which a provider has failed that is
    further behind than that, or finishing, and makes no progress. `ahead_s`: how much it is given before it has taken
    it in. `unsettled_s`: how much it may have heard without saying what is final. `message_s`: of one message.
    """

    behind_s: float = 5.0
    silent_s: float = 10.0
    ahead_s: float = 20.0
    unsettled_s: float = 45.0
    message_s: float = 0.25
    pings: bool = True


class Dialect(ABC):
    """The protocol of a provider, one for each stream.

    `ready`: whether audio may be sent. `limits`: what is normal.
    """

    provider: str
    limits = Limits()
    ready = True

    def opening(self) -> str | None:
        """What is said first, if anything."""
        return None

    def audio(self, pcm: bytes) -> bytes:
        """The message with a piece of audio."""
        return pcm

    def keep_alive(self) -> Sequence[str]:
        """What is said while there is no audio."""
        return ()

    @abstractmethod
    def finish(self) -> str:
        """What is said when there will be no more audio."""

    @abstractmethod
    def hear(self, message: str | bytes) -> News | None:
        """What a message means to the listener.

        Raises:
            ProviderError: the provider says that it failed.
            ValidationError: the message is not one of the protocol.
        """

    def closed(self, code: int | None) -> ProviderError:
        """What a close frame with this code means, before everything has been heard; None if there was none."""
        return ProviderError(f"{self.provider} closed the stream" + (f" with {code}" if code else ""))

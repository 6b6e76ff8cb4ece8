"""One track of a connection's audio: decoded, recorded and recognised on a clock of its own.

A connection has one, or one per channel where each speaker has a microphone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from common.conversations.live.captions import Captions
from common.conversations.live.recorder import Recorder
from common.conversations.live.take import Take
from common.core import clock
from common.core.errors import InvalidInputError
from common.core.logs import get_logger
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Interval
from common.speech.codecs import frame_decoder

_ARRIVALS_KEPT = 600


class Channel:
    """Takes the frames of one track, in order.

    Args:
        uid: the owner.
        number: which of the connection's channels it is.
        codec: how frames are coded.
        sample_rate: hertz the client named.
        captions: makes the recogniser of this track.
        stored: told (channel, take, block) after each block that is safe.

    Raises:
        UnsupportedAudioError: the codec or sample rate cannot be decoded.
    """

    def __init__(
        self,
        *,
        uid: str,
        number: int,
        codec: str,
        sample_rate: int,
        captions: Callable[["Channel"], Captions],
        stored: Callable[["Channel", Take, AudioBlock], None],
    ) -> None:
        self.number = number
        self.clock = 0.0
        """Seconds of audio received."""
        self.takes: list[Take] = []
        self.take: Take | None = None
        """What the audio that comes now belongs to."""
        self.captions = captions(self)
        self.recorder = Recorder(
            uid=uid,
            codec=codec,
            sample_rate=sample_rate,
            covered=self.covered,
            stored=lambda take, block: stored(self, take, block),
        )
        self._codec = codec
        self._decoder = frame_decoder(codec, sample_rate)
        self._arrivals: deque[tuple[float, datetime]] = deque(maxlen=_ARRIVALS_KEPT)

    def begin(self, take: Take) -> None:
        """Have the audio from here on belong to a take."""
        self.take = take
        self.takes.append(take)

    def end(self) -> None:
        """End the take; what comes next belongs to another."""
        if self.take is not None:
            self.take.end, self.take = self.clock, None
            self.captions.cut(self.clock)

    def add(self, frames: Sequence[bytes]) -> None:
        """Record frames for the take, and have them heard.

        Raises:
            RuntimeError: there is no take.
        """
        if self.take is None:
            raise RuntimeError("no conversation is open")
        begin = self.clock
        seconds = self._decoder.frame_seconds
        for frame in frames:
            self.clock += seconds(frame)
        self._note_arrival()
        self.recorder.add(frames, take=self.take, begin=begin, end=self.clock)
        self.captions.feed(begin, self._decode(frames))

    def covered(self, take: Take) -> list[Interval]:
        """What is settled of a take, in its conversation."""
        return take.clip(self.captions.settled)

    def arrived_at(self, moment: float) -> datetime:
        """When the audio of a moment arrived."""
        for at, arrived in self._arrivals:
            if at >= moment:
                return arrived
        return clock.now()

    def _decode(self, frames: Sequence[bytes]) -> bytes:
        try:
            return b"".join(map(self._decoder.decode, frames))
        except InvalidInputError:
            get_logger().warning("frame_undecodable", codec=self._codec)
            return b""

    def _note_arrival(self) -> None:
        """One note per second of audio is enough to tell later when a word arrived."""
        if not self._arrivals or self.clock - self._arrivals[-1][0] >= 1.0:
            self._arrivals.append((self.clock, clock.now()))

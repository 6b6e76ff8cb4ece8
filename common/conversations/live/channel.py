"""One track of a connection's audio: decoded, recorded and recognised on a clock of its own.

A connection has one, or one per channel where each speaker has a microphone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from common.conversations.live.captions import Captions
from common.conversations.live.pausing import Pause
from common.conversations.live.recorder import Recorder
from common.conversations.live.take import Take
from common.core import clock
from common.core.logs import get_logger, where
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Interval
from common.speech.codecs import frame_decoder
from common.speech.gate import Gate, Loudness, Passage, Silence
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.whole_samples import whole_samples

_ARRIVALS_KEPT = 600
_HELD_BACK_S = 0.5
"""More than any resampler holds back."""


class Channel:
    """Takes the frames of one track, in order.

    Args:
        uid: the owner.
        number: which of the connection's channels it is.
        codec: how frames are coded.
        sample_rate: hertz the client named.
        captions: makes the recogniser of this track.
        gate: keeps silence from the recogniser; None sends it everything.
        transcribed: whether there is a recogniser; otherwise the client recognises by itself.
        hear: given all PCM, from a moment on.
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
        gate: Gate | None,
        transcribed: bool,
        hear: Callable[[float, bytes], None] | None,
        stored: Callable[["Channel", Take, AudioBlock], None],
    ) -> None:
        self.number = number
        self.clock = 0.0
        """Seconds of audio received."""
        self.fed_at = 0.0
        """When the last of it was, on the monotonic clock."""
        self.voiced_at = float("-inf")
        """When the gate let something through last, on the same clock."""
        self.takes: list[Take] = []
        self.take: Take | None = None
        """What the audio that comes now belongs to."""
        self.captions = captions(self)
        self.recorder = Recorder(
            uid=uid,
            codec=codec,
            sample_rate=sample_rate,
            covered=self.covered,
            wordless=self.wordless,
            stored=lambda take, block: stored(self, take, block),
        )
        self._decoder = frame_decoder(codec, sample_rate)
        self._samples = whole_samples(codec)
        self._gate = gate
        self._loudness = Loudness() if gate is None else None
        """Tells where somebody may speak while everything is sent to the recogniser."""
        self._transcribed = transcribed
        self._hear = hear
        self._newest = b""
        self._decoded = 0.0
        """Where the next PCM begins: a resampler holds some back, and gives it in pieces of its own."""
        self._held: deque[tuple[float, bytes]] = deque()
        """Frames of no take, with where each begins."""
        self._unheard: list[Passage] = []
        self._pause: Pause | None = None
        self._arrivals: deque[tuple[float, datetime]] = deque(maxlen=_ARRIVALS_KEPT)
        self._begun_at = 0.0

    @property
    def gated(self) -> bool:
        """Whether it can tell when nobody speaks."""
        return self._gate is not None and self._transcribed

    @property
    def held_from(self) -> float:
        """Where the audio begins that a take can still have."""
        return self._held[0][0] if self._held else self.clock

    def overhear(self, frames: Sequence[bytes]) -> bool:
        """Take frames for which there is no take; whether somebody speaks in them.

        What may yet turn out to be the beginning of a word is held; what is known to be silent is let go.
        """
        begin = self.clock
        if self._samples is not None:
            frames = self._samples.feed(frames)
        for frame in frames:
            self._held.append((self.clock, frame))
            self.clock += self._decoder.frame_seconds(frame)
        self._note_arrival()
        self._listen(begin, frames)
        return bool(self._unheard)

    def overheard(self) -> bool:
        """The same at the end of the audio: whether somebody speaks in what is held."""
        self._flush()
        return bool(self._unheard)

    @property
    def moment(self) -> float | None:
        """Where in its conversation the next audio lies, in seconds; None where there is no take."""
        return None if self.take is None else self.take.at(self.clock)

    @property
    def quiet_s(self) -> float:
        """Real seconds since there was audio, or since its take began."""
        return clock.monotonic() - max(self.fed_at, self._begun_at)

    def seconds(self, frame: bytes) -> float:
        """How long a frame is."""
        return self._decoder.frame_seconds(frame)

    def pass_over(self, seconds: float) -> None:
        """Have the next audio lie so much later: nothing came meanwhile, which is no audio and no hole."""
        self._flush()
        self.recorder.flush()
        begin, self.clock = self.clock, self.clock + seconds
        self._decoded += seconds
        self.captions.pass_over(begin, self.clock)

    def begin(self, take: Take) -> None:
        """Have what is held, and the audio from here on, belong to a take."""
        self.take = take
        self._begun_at = clock.monotonic()
        self.takes.append(take)
        if self._held:
            self.recorder.add([frame for _, frame in self._held], take=take, begin=self.held_from, end=self.clock)
            self._held.clear()
        passages, self._unheard = self._unheard, []
        self._pass_on(passages)

    def end(self, at: float) -> None:
        """End the take; what comes next belongs to another."""
        self._pause = None
        if self.take is not None:
            self._flush()
            self.take.end, self.take = at, None
            self.captions.cut(at)

    def await_pause(self) -> None:
        """Listen for a moment at which the take can end without cutting a word."""
        self._pause = Pause()
        self._pause.hear(self._newest)

    @property
    def pause(self) -> Pause | None:
        """What listens for a pause; None where nobody does, or the words are not in the audio."""
        return self._pause if self._transcribed else None

    def finish(self) -> None:
        """No more audio comes."""
        self._flush()
        self.captions.finish()

    def add(self, frames: Sequence[bytes]) -> None:
        """Record frames for the take, and have them heard.

        Raises:
            RuntimeError: there is no take.
        """
        if self.take is None:
            raise RuntimeError("no conversation is open")
        if self._samples is not None and not (frames := self._samples.feed(frames)):
            return
        begin = self.clock
        for frame in frames:
            self.clock += self._decoder.frame_seconds(frame)
        self._note_arrival()
        self.recorder.add(frames, take=self.take, begin=begin, end=self.clock)
        if self._transcribed:
            self._listen(begin, frames)
        else:
            self.captions.pass_over(begin, self.clock)

    def covered(self, take: Take) -> list[Interval]:
        """What is settled of a take, in its conversation."""
        return take.clip(self.captions.settled)

    def wordless(self, take: Take) -> list[Interval]:
        """What of a take is voiced for long without a word, in its conversation."""
        return take.clip(self.captions.wordless)

    def arrived_at(self, moment: float) -> datetime:
        """When the audio of a moment arrived."""
        for at, arrived in self._arrivals:
            if at >= moment:
                return arrived
        return clock.now()

    def _listen(self, begin: float, frames: Sequence[bytes]) -> None:
        """Decode frames, and have heard what of them, or of those before, may be speech."""
        pcm = self._newest = self._decoder.decode_many(frames)
        if abs(begin - self._decoded) < _HELD_BACK_S:
            begin = self._decoded
        self._decoded = begin + len(pcm) / BYTES_PER_SECOND
        if self._pause is not None:
            self._pause.hear(pcm)
        if self._hear is not None:
            self._hear(begin, pcm)
        if self._gate is not None:
            try:
                pieces = self._gate.feed(begin, pcm)
            except Exception as error:  # noqa: BLE001 - whatever ails the model, everything is heard without it
                self._do_without_gate(error)
            else:
                self._pass_on(pieces)
                return
        if self.take is None:
            self._unheard.append(Passage(begin, pcm))
            return
        self.captions.feed(begin, pcm)
        if self._loudness is not None and (passages := self._loudness.feed(begin, pcm)):
            self._heed(passages)

    def _do_without_gate(self, error: Exception) -> None:
        """Send everything from here on; what the gate has kept is a hole, and heard from the stored audio."""
        get_logger().error("voice_gate_failed", error=type(error).__name__, at=where(error))
        self._gate, self._loudness = None, Loudness()

    def _flush(self) -> None:
        if self._gate is not None:
            try:
                pieces = self._gate.flush()
            except Exception as error:  # noqa: BLE001 - as above
                self._do_without_gate(error)
            else:
                self._pass_on(pieces)
        elif self._loudness is not None:
            self._heed(self._loudness.flush())

    def _heed(self, passages: Sequence[Passage]) -> None:
        """Note where somebody may speak; the audio is sent already."""
        for passage in passages:
            self.captions.voice(passage.begin, passage.end)

    def _pass_on(self, pieces: Sequence[Passage | Silence]) -> None:
        for piece in pieces:
            if isinstance(piece, Silence):
                self.captions.pass_over(piece.begin, piece.end)
                self._let_go(piece.end)
                continue
            self.voiced_at = clock.monotonic()
            if self.take is None:
                self._unheard.append(piece)
            else:
                self.captions.feed(piece.begin, piece.pcm, voiced=True)

    def _let_go(self, until: float) -> None:
        """Hold no frames any more that begin before a moment, but the one that it lies in."""
        while len(self._held) > 1 and self._held[1][0] <= until:
            self._held.popleft()

    def _note_arrival(self) -> None:
        """When it was fed; one note per second of audio is enough to tell later when a word arrived."""
        self.fed_at = clock.monotonic()
        if not self._arrivals or self.clock - self._arrivals[-1][0] >= 1.0:
            self._arrivals.append((self.clock, clock.now()))

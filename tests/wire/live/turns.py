"""Real voices on the wire: a device that plays turns of people, and a recogniser that knows them when it hears them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support.voices import silence
from tests.wire.live.given import GivenAudio

PAUSE = silence(0.7)
_FRAME = 3200


@dataclass(frozen=True)
class Turn:
    """What one person says: how the provider numbers him, the PCM, and the words."""

    speaker: int
    pcm: bytes
    text: str


def frames(*pieces: bytes) -> Iterator[bytes]:
    """PCM, a tenth of a second at a time."""
    pcm = b"".join(pieces)
    for at in range(0, len(pcm), _FRAME):
        yield pcm[at : at + _FRAME]


@dataclass
class Connoisseur:
    """A provider that hears nothing but these turns, each once it has been given all of it, to the sample.

    What it hears nothing in it says at the end, or, where it `settles`, as soon as it is given it.
    """

    turns: Sequence[Turn]
    name: str = "connoisseur"
    longest_s: float | None = None
    settles: bool = False
    streams: list["_Hearing"] = field(default_factory=list)

    def understands(self, language: str) -> bool:
        return bool(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> "_Hearing":
        assert language
        assert vocabulary
        self.streams.append(_Hearing(self.turns, settles=self.settles))
        return self.streams[-1]

    @property
    def given_s(self) -> float:
        return sum(len(stream.pcm) for stream in self.streams) / BYTES_PER_SECOND


class _Hearing(GivenAudio):
    """One recognition."""

    def __init__(self, turns: Sequence[Turn], *, settles: bool) -> None:
        super().__init__()
        self._turns = turns
        self._settles = settles

    async def __aiter__(self) -> AsyncIterator[Heard]:
        heard = 0
        while True:
            for turn in self._turns:
                at = self.pcm.find(turn.pcm, heard)
                if at >= 0:
                    heard = at + len(turn.pcm)
                    end = heard / BYTES_PER_SECOND
                    yield Heard((Utterance(turn.text, at / BYTES_PER_SECOND, end, turn.speaker),), end)
            if self._settles or self._finished:
                yield Heard((), len(self.pcm) / BYTES_PER_SECOND)
            if self._finished:
                return
            await self._more()

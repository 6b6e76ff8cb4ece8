"""Where a conversation that is closed in the middle of a sentence ends: at the next pause, so that no word is cut."""

from array import array

from common.speech.transcriber import BYTES_PER_SECOND

_LONGEST_S = 2.0
"""Seconds of audio after which it ends wherever it is."""
_PAUSE_S = 0.06
_FAINTEST = 120.0
"""Mean amplitude, of 32768, that is quiet in any case."""
_QUIET_PART = 0.2
"""Of the loudest that was heard."""
_FRAME = BYTES_PER_SECOND // 50


class Pause:
    """Listens to one track for a pause."""

    def __init__(self) -> None:
        self._loudest = 0.0
        self._heard = 0
        self._quiet = 0

    @property
    def found(self) -> bool:
        """Whether nobody speaks at the end of what was heard."""
        return self._quiet >= _PAUSE_S * BYTES_PER_SECOND

    @property
    def overdue(self) -> bool:
        """Whether it was listened for long enough."""
        return self._heard >= _LONGEST_S * BYTES_PER_SECOND

    def hear(self, pcm: bytes) -> None:
        """Take the next audio, a frame or so."""
        samples = array("h", pcm[: len(pcm) // 2 * 2])
        loud = sum(map(abs, samples)) / len(samples) if samples else 0.0
        self._loudest = max(self._loudest, loud)
        self._heard += len(pcm)
        quiet = loud <= max(_FAINTEST, _QUIET_PART * self._loudest)
        self._quiet = self._quiet + len(pcm) if quiet else 0


def ends_in_pause(pcm: bytes) -> bool:
    """Whether nobody speaks at the end of PCM."""
    pause = Pause()
    for at in range(0, len(pcm), _FRAME):
        pause.hear(pcm[at : at + _FRAME])
    return pause.found

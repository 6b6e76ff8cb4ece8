"""The hour of audio that `bench.monthly` has streamed, and what a speech provider hears in it."""

from collections.abc import Iterator
from itertools import chain, repeat

import numpy as np

from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND
from local.demo.device import PACKET_S, opus_packets
from local.demo.script import RECORDING
from tests.support.dialogues import labelled_dialogues
from tests.support.speech_servers.ears import STEP_S, Spoken

HOUR = (("talk", 600.0), ("quiet", 300.0), ("talk", 600.0), ("quiet", 2100.0))
"""An hour that is worn: two conversations of ten minutes. Seconds."""
TALK_S = sum(seconds for kind, seconds in HOUR if kind == "talk")
_WORD_STEPS, _LOUD = 4, 300
_ROOM = 12
"""How loud a quiet room is, in steps of 16 bits."""


class ScriptEar:
    """Hears a word of the script every 0.4 s in which it is loud."""

    def __init__(self, script: Iterator[tuple[str, int]]) -> None:
        self.until = 0.0
        self._script = script
        self._pcm = bytearray()
        self._steps = self._loud = 0

    def hear(self, pcm: bytes) -> list[Spoken]:
        """More audio; the words that have ended by now."""
        self._pcm += pcm
        words = []
        size = round(STEP_S * BYTES_PER_SECOND)
        while len(self._pcm) >= size:
            level = np.abs(np.frombuffer(bytes(self._pcm[:size]), dtype="<i2")).mean()
            del self._pcm[:size]
            self._steps += 1
            self._loud = self._loud + 1 if level > _LOUD else 0
            if self._loud == _WORD_STEPS:
                self._loud = 0
                word, speaker = next(self._script)
                words.append(Spoken(word, (self._steps - _WORD_STEPS) * STEP_S, self._steps * STEP_S, speaker))
        self.until = (self._steps - self._loud) * STEP_S
        return words

    def rest(self) -> list[Spoken]:
        """Half a word is none."""
        self._loud = 0
        self.until = self._steps * STEP_S
        return []


def script() -> Iterator[tuple[str, int]]:
    """Words with their speakers: the labelled dialogues that may be looked at, the longest first, again and again."""
    dialogues = [each.dialogue for each in labelled_dialogues() if each.half == "dev" and each.language == "en"]
    dialogues.sort(key=lambda dialogue: len(dialogue.turns), reverse=True)
    for dialogue in chain.from_iterable(repeat(dialogues)):
        for turn in dialogue.turns:
            yield from ((word, 0 if turn.is_user else 1) for word in turn.text.split())


def packets(parts: tuple[tuple[str, float], ...]) -> Iterator[bytes]:
    """What a wearable sends: talk is the bundled recording, over and over, quiet is the noise of a room."""
    talk, room = opus_packets(RECORDING), _room()
    for kind, seconds in parts:
        source = talk if kind == "talk" else room
        for number in range(round(seconds / PACKET_S)):
            yield source[number % len(source)]


def _room() -> list[bytes]:
    samples = round(PACKET_S * BYTES_PER_SECOND) // 2
    noise = np.random.default_rng(1).integers(-_ROOM, _ROOM, (500, samples), endpoint=True).astype("<i2")
    encoder = OpusEncoder(frame_seconds=PACKET_S)
    return [encoder.encode(piece.tobytes()) for piece in noise]

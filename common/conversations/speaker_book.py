"""The voices of one session, whatever numbers its providers' streams give them. Pure.

A stream numbers the voices it hears from 0, and the next stream begins anew. Here a voice keeps its number for the
whole session: a number of a later stream is a voice of its own until it has said enough to be known again.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from common.conversations.speakers import Speaker
from common.models.segment import TranscriptSegment
from common.speech.matching import Evidence, nearest
from common.speech.voices import Rules, Vector

_KEPT_SAYINGS = 200
Key = tuple[int, int]
"""A stream, and the number of a voice in it."""
_BEFORE = -1
"""In the place of a stream: heard before the session."""


@dataclass(frozen=True)
class Saying:
    """A stored segment that does not say yet whose it is; `start` in seconds of its conversation."""

    conversation_id: str
    segment_id: str
    start: float


@dataclass
class Voice:
    """One voice. `source` says how its owner was found: `manual` or `auto`."""

    number: int
    who: Speaker | None = None
    source: str | None = None
    evidence: Evidence = field(default_factory=Evidence)
    suggested: set[str] = field(default_factory=set)
    sayings: deque[Saying] = field(default_factory=lambda: deque(maxlen=_KEPT_SAYINGS))

    def named(self, who: Speaker, source: str) -> None:
        """Say whose it is; what a person has said is not changed by what was recognised."""
        if self.source != "manual" or source == "manual":
            self.who, self.source = who, source

    def forget(self) -> None:
        """Its person is not known any more: it is somebody unknown."""
        self.who = self.source = None

    def label(self) -> dict[str, Any]:
        """What a segment of this voice says about its speaker."""
        fields: dict[str, Any] = {"speaker": f"SPEAKER_{self.number:02d}", "speaker_id": self.number}
        if self.who is not None:
            source = "carried" if self.source == "manual" else "auto"
            fields |= {
                "is_user": self.who.is_user,
                "person_id": self.who.person_id,
                "speaker_label_source": source,
            }
        return fields


class SpeakerBook:
    """Whose voices there are in a session."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._voices: dict[Key, Voice] = {}

    def voices(self) -> Iterator[Voice]:
        """Each voice once."""
        seen: set[int] = set()
        for voice in self._voices.values():
            if id(voice) not in seen:
                seen.add(id(voice))
                yield voice

    def voice(self, key: Key) -> Voice:
        """The voice that a stream numbers so; heard for the first time, a new one."""
        if key not in self._voices:
            taken = {voice.number for voice in self.voices()}
            number = key[1] if key[1] not in taken else max(taken) + 1
            self._voices[key] = Voice(number)
        return self._voices[key]

    def seed(self, known: Voice) -> None:
        """Know a voice from before the session, unless its number is taken."""
        if self.numbered(known.number) is None:
            self._voices[_BEFORE, known.number] = known

    def numbered(self, number: int) -> Voice | None:
        """The voice that segments call by this number."""
        return next((voice for voice in self.voices() if voice.number == number), None)

    def hear(self, key: Key, seconds: float, vector: Vector) -> tuple[Voice, list[Saying]]:
        """Add a clip; the voice that it is, and, where it turns out to be one from before, what it has said here."""
        voice = self.voice(key)
        voice.evidence.add(seconds, vector)
        older = self._known_before(key, voice)
        if older is None:
            return voice, []
        older.evidence.merge(voice.evidence)
        older.sayings.extend(voice.sayings)
        older.suggested |= voice.suggested
        if voice.who is not None and voice.source is not None and older.who is None:
            older.named(voice.who, voice.source)
        for each, theirs in list(self._voices.items()):
            if theirs is voice:
                self._voices[each] = older
        return older, list(voice.sayings)

    def label(self, segment: TranscriptSegment, *, stream: int) -> TranscriptSegment:
        """The segment with its speaker's number in the session, and whose voice that is if it is known."""
        voice = self.voice((stream, segment.speaker_id or 0))
        return segment.model_copy(update=voice.label())

    def _known_before(self, key: Key, voice: Voice) -> Voice | None:
        """A voice of earlier streams that this one of a later stream is; within one stream the provider tells."""
        here = [theirs for (stream, _), theirs in self._voices.items() if stream == key[0]]
        if any(stream < key[0] for (stream, _), theirs in self._voices.items() if theirs is voice):
            return None
        before = [
            (each, theirs)
            for each in self.voices()
            if all(each is not other for other in here) and (theirs := each.evidence.vector) is not None
        ]
        mine = voice.evidence.vector
        match = nearest(mine, before, self._rules) if mine is not None else None
        if match is None or not match.sure:
            return None
        contradicts = match.known.who is not None and voice.who is not None and match.known.who != voice.who
        return None if contradicts else match.known

"""The last segments of a session: where they are stored, and what a person has said of them."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from common.conversations import labels
from common.conversations.speaker_book import Saying
from common.conversations.speakers import Speaker
from common.models.segment import TranscriptSegment

_REMEMBERED = 2000
V = TypeVar("V")


class SegmentLog:
    """Remembers _REMEMBERED segments at most."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, Saying] = OrderedDict()
        self._assigned: OrderedDict[str, Speaker] = OrderedDict()
        self._given: OrderedDict[str, TranscriptSegment] = OrderedDict()

    def give_out(self, segments: Sequence[TranscriptSegment]) -> list[TranscriptSegment]:
        """The segments as they shall be stored: what a person has said of them stands."""
        given = [self._as_assigned(segment) for segment in segments]
        for segment in given:
            _note(self._given, segment.id, segment)
        return given

    def is_stale(self, now: TranscriptSegment) -> bool:
        """Whether a segment was given out with another speaker than it would be now."""
        given = self._given.pop(now.id, None)
        now = self._as_assigned(now)
        return given is not None and _speaker(given) != _speaker(now)

    def stored(self, saying: Saying) -> None:
        """A segment is stored now."""
        _note(self._stored, saying.segment_id, saying)

    def assign(self, segment_ids: Iterable[str], who: Speaker) -> list[Saying]:
        """A person says whose segments these are; where they are, nothing where none of them is of this session."""
        ids = list(dict.fromkeys(segment_ids))
        first = next((self._stored[each] for each in ids if each in self._stored), None)
        if first is None:
            return []
        for segment_id in ids:
            _note(self._assigned, segment_id, who)
        # Those that are not remembered any more lie somewhere in the same conversation.
        return [self._stored.get(each) or Saying(first.conversation_id, each, 0.0) for each in ids]

    def forget(self, person_ids: Collection[str]) -> None:
        """Nobody says any more that something is of these people."""
        for segment_id in [each for each, who in self._assigned.items() if who.person_id in person_ids]:
            del self._assigned[segment_id]

    def _as_assigned(self, segment: TranscriptSegment) -> TranscriptSegment:
        who = self._assigned.get(segment.id)
        return segment if who is None else segment.model_copy(update=labels.manual(who))


def _speaker(segment: TranscriptSegment) -> tuple[object, ...]:
    return segment.speaker_id, segment.is_user, segment.person_id


def _note(kept: OrderedDict[str, V], key: str, value: V) -> None:
    kept[key] = value
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)

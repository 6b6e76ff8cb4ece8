"""Who a voice may be, told once to the client and kept for the conversation."""

from collections.abc import Callable, Collection

from common.conversations.speaker_book import Voice
from common.models.attachments import SpeakerLabelSuggestion
from common.models.listen import SpeakerSuggested
from common.models.person import OWNER
from common.people.known import Known

_MOST = 50


class Suggestions:
    """What was suggested in one session.

    Args:
        tell: queues the event for the client.
    """

    def __init__(self, tell: Callable[[SpeakerSuggested], None]) -> None:
        self._tell = tell
        self._kept: dict[str, list[tuple[str, SpeakerLabelSuggestion]]] = {}
        """By conversation, each with the id of the person; empty for one that is not stored."""

    def of(self, conversation_id: str) -> list[SpeakerLabelSuggestion]:
        """What was suggested about the voices of a conversation."""
        return [suggestion for _, suggestion in self._kept.get(conversation_id, ())]

    def people(self) -> set[str]:
        """The ids of those who were suggested."""
        return {person_id for kept in self._kept.values() for person_id, _ in kept if person_id not in ("", OWNER)}

    def forget(self, person_ids: Collection[str]) -> None:
        """Keep no suggestion of these people."""
        for conversation_id, kept in self._kept.items():
            self._kept[conversation_id] = [each for each in kept if each[0] not in person_ids]

    def suggest(
        self, voice: Voice, person: Known, *, conversation_id: str, segment_id: str, confidence: float | None = None
    ) -> None:
        """Suggest a person for a voice, once."""
        if person.id + person.name in voice.suggested:
            return
        voice.suggested.add(person.id + person.name)
        self._tell(
            SpeakerSuggested(
                speaker_id=voice.number, person_id=person.id, person_name=person.name, segment_id=segment_id
            )
        )
        kept = self._kept.setdefault(conversation_id, [])
        if len(kept) < _MOST:
            ids = [saying.segment_id for saying in voice.sayings if saying.conversation_id == conversation_id]
            suggestion = SpeakerLabelSuggestion(
                speaker_id=voice.number, person_name=person.name, confidence=confidence, segment_ids=ids
            )
            kept.append((person.id, suggestion))

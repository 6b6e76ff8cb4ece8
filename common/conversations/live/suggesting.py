"""Who a voice may be, told once to the client and kept for the conversation."""

from collections.abc import Callable

from common.conversations.speaker_book import Voice
from common.models.attachments import SpeakerLabelSuggestion
from common.models.listen import SpeakerSuggested
from common.people.known import Known

_MOST = 50


class Suggestions:
    """What was suggested in one session.

    Args:
        tell: queues the event for the client.
    """

    def __init__(self, tell: Callable[[SpeakerSuggested], None]) -> None:
        self._tell = tell
        self._kept: dict[str, list[SpeakerLabelSuggestion]] = {}

    def of(self, conversation_id: str) -> list[SpeakerLabelSuggestion]:
        """What was suggested about the voices of a conversation."""
        return list(self._kept.get(conversation_id, ()))

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
            kept.append(
                SpeakerLabelSuggestion(
                    speaker_id=voice.number, person_name=person.name, confidence=confidence, segment_ids=ids
                )
            )

"""A conversation as whoever remembers hears it: who says what by name, and which segment each turn is."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.llm.ports import Dialogue, Turn
from common.models.conversation import Conversation, ConversationSource
from common.models.person import OWNER
from common.models.segment import TranscriptSegment

UNNAMED = "User"
"""What a user is called who has not told their name."""
FEWEST_CHARACTERS = 25
"""Of transcript; less says nothing for good."""
_WRITTEN = frozenset({"message", "other_text"})
"""Sources of texts that were not spoken."""


@dataclass(frozen=True)
class Heard:
    """A dialogue, and the ids of the segments that its turns are.

    It is `imported` where an app handed it over as something written, `anybodys` where nobody knows who wrote it, and
    `introduces` its owner where they were asked about themselves.
    """

    dialogue: Dialogue
    segment_ids: tuple[str, ...]
    imported: bool
    anybodys: bool
    introduces: bool = False

    @property
    def too_short(self) -> bool:
        """Whether it is not worth asking."""
        return sum(len(turn.text) for turn in self.dialogue.turns) < FEWEST_CHARACTERS

    def sources(self, turns: tuple[int, ...]) -> list[str]:
        """The segments of these turns."""
        return [self.segment_ids[turn] for turn in turns]


def hear(conversation: Conversation, *, user: str, names: Mapping[str, str]) -> Heard:
    """Take a conversation's words in.

    Args:
        conversation: the conversation, with its transcript.
        user: what its owner is called.
        names: what people are called, by their ids.
    """
    said = [segment for segment in conversation.transcript_segments if segment.text.strip()]
    external = conversation.external_data or {}
    handed_over = conversation.named_speakers
    turns = tuple(
        Turn(
            speaker=user if _is_owner(each) else names.get(each.person_id or "") or _called(each, handed_over),
            text=each.text,
            start=each.start,
            end=each.end,
            is_user=_is_owner(each),
        )
        for each in said
    )
    began = conversation.began
    imported = external.get("text_source") in _WRITTEN and conversation.app_id is not None
    return Heard(
        Dialogue(turns=turns, started_at=began, language=conversation.language),
        tuple(each.id for each in said),
        imported=imported,
        # A user's own program hands over what they write themselves; a message may be from anybody.
        anybodys=imported or external.get("text_source") == "message",
        introduces=conversation.source is ConversationSource.ONBOARDING,
    )


def people_in(conversation: Conversation) -> list[str]:
    """The ids of the people who speak."""
    found = {each.person_id for each in conversation.transcript_segments if each.person_id}
    return sorted(found - {OWNER})


def _is_owner(segment: TranscriptSegment) -> bool:
    return segment.is_user or segment.person_id == OWNER


def _called(segment: TranscriptSegment, handed_over: Mapping[str, object]) -> str:
    named = handed_over.get(segment.speaker)
    return named if isinstance(named, str) and named.strip() else f"Speaker {segment.speaker_id}"

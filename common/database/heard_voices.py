"""Collection `…/conversations/{id}/voices`: how the numbered speakers of a conversation sound.

So that whoever hears more of it (the next connection, the repair, the next span of an upload) gives a voice the number
and the name that it has. No trigger watches it; it goes with its conversation.
"""

from __future__ import annotations

from common.database import conversations
from common.database.documents import Documents
from common.models.base import Document
from common.models.voiceprint import Voiceprint

_MOST = 64


class HeardVoice(Document):
    """One speaker: whose voice it is where that is known, and how many seconds of speech it was made from."""

    id: str
    number: int
    voice: Voiceprint
    seconds: float
    is_user: bool = False
    person_id: str | None = None
    source: str | None = None


def of(*, uid: str, conversation_id: str) -> Documents[HeardVoice]:
    """A conversation's voices, by their numbers."""
    path = conversations.reference(uid=uid, conversation_id=conversation_id).path.split("/")
    return Documents(*path, "voices", model=HeardVoice, noun="Voice")


def list_all(*, uid: str, conversation_id: str, model: str) -> list[HeardVoice]:
    """Those that `model` has embedded, in the order of their numbers; _MOST at most."""
    voices = of(uid=uid, conversation_id=conversation_id)
    found = voices.stream(voices.collection.limit(_MOST))
    return sorted((each for each in found if each.voice.model == model), key=lambda each: each.number)


def list_named(*, uid: str, conversation_id: str, source: str) -> list[HeardVoice]:
    """Those whose owner was found in this way, whichever model has embedded them; _MOST are looked at."""
    voices = of(uid=uid, conversation_id=conversation_id)
    return [each for each in voices.stream(voices.collection.limit(_MOST)) if each.source == source]


def document_id(number: int) -> str:
    """Sorts by number."""
    return f"{number:06d}"

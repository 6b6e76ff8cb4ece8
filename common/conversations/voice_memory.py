"""What a conversation remembers of its speakers' voices, from one connection or recording to the next."""

from common.conversations.speaker_book import SpeakerBook, Voice
from common.conversations.speakers import Speaker
from common.core.errors import ProviderError
from common.database import heard_voices, people
from common.database.heard_voices import HeardVoice
from common.models.voiceprint import Voiceprint
from common.speech.voices import unit


class VoiceMemory:
    """The remembered voices of a user's conversations, as one model embeds them.

    Args:
        uid: the owner.
        model: the embedder's name.
    """

    def __init__(self, *, uid: str, model: str) -> None:
        self._uid = uid
        self._model = model
        self._known: dict[tuple[str, int], HeardVoice] = {}

    def recall(self, book: SpeakerBook, *, conversation_id: str) -> None:
        """Put what a conversation remembers into a book; whose person was deleted is somebody unknown again."""
        remembered = heard_voices.list_all(uid=self._uid, conversation_id=conversation_id, model=self._model)
        named = {heard.person_id for heard in remembered if heard.person_id is not None}
        there = {None, *(person.id for person in people.of(uid=self._uid).find_many(sorted(named)))}
        for heard in remembered:
            try:
                vector = unit(heard.voice.values)
            except ProviderError:
                continue
            self._known[conversation_id, heard.number] = heard
            voice = Voice(heard.number)
            voice.evidence.add(heard.seconds, vector)
            if heard.source is not None and heard.person_id in there:
                voice.named(Speaker(heard.is_user, heard.person_id), heard.source)
            book.seed(voice)

    def news(self, voice: Voice, *, conversation_id: str) -> HeardVoice | None:
        """What a conversation does not remember yet of a voice; nothing where it is not sure how it sounds."""
        vector = voice.evidence.vector
        if vector is None or not voice.evidence.enough:
            return None
        who = voice.who or Speaker()
        heard = HeardVoice(
            id=heard_voices.document_id(voice.number),
            number=voice.number,
            voice=Voiceprint.of(vector, model=self._model),
            seconds=round(voice.evidence.seconds, 3),
            is_user=who.is_user,
            person_id=who.person_id,
            source=voice.source,
        )
        known = self._known.get((conversation_id, voice.number))
        return None if known is not None and _gist(known) == _gist(heard) else heard

    def keep(self, heard: HeardVoice, *, conversation_id: str) -> None:
        """Remember it."""
        heard_voices.of(uid=self._uid, conversation_id=conversation_id).put(heard)
        self._known[conversation_id, heard.number] = heard

    def keep_new(self, heard: HeardVoice, *, conversation_id: str) -> None:
        """Remember it; a number that nobody knew must be new.

        Raises:
            ConflictError: somebody else has given the number to another voice meanwhile.
        """
        if (conversation_id, heard.number) in self._known:
            self.keep(heard, conversation_id=conversation_id)
            return
        heard_voices.of(uid=self._uid, conversation_id=conversation_id).create(heard)
        self._known[conversation_id, heard.number] = heard


def _gist(heard: HeardVoice) -> tuple[object, ...]:
    """What makes a voice worth remembering again: more was heard of it, or it has another owner."""
    return heard.seconds, heard.is_user, heard.person_id, heard.source

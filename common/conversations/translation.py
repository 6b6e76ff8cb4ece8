"""What was said in another language than its owner reads is kept with a translation."""

from collections.abc import Callable, Iterable, Mapping

from common.database import conversations, segment_batches, users
from common.database.segment_batches import SegmentBatch
from common.llm.providers import is_translated
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment, Translation
from common.speech.tags import MULTI, same_language


def language_to_read(*, uid: str) -> str | None:
    """Into which language a user has what is said translated; None if into none, or where nobody can translate."""
    if not is_translated():
        return None
    user = users.find(uid=uid)
    return None if user.transcription_preferences.single_language_mode else user.language


def is_foreign(segment: TranscriptSegment, *, spoken: str, to: str) -> bool:
    """Whether a segment is known to be in another language than `to`, and not translated yet.

    Args:
        segment: what was said.
        spoken: the language that is expected, or `multi`; counts where the recogniser does not tell.
        to: the language that is read.
    """
    language = segment.language or (None if spoken == MULTI else spoken)
    if language is None or same_language(language, to):
        return False
    translated = any(translation.lang == to for translation in segment.translations)
    return not translated and any(character.isalpha() for character in segment.text)


def keep_translations(
    translations: Mapping[str, str], batch: SegmentBatch, *, to: str, uid: str, conversation_id: str
) -> list[TranscriptSegment]:
    """Store translations where the words are now; those of words that have changed meanwhile are dropped.

    Args:
        translations: by the ids of segments.
        batch: the segments as they were translated.
        to: the language.
        uid: the owner.
        conversation_id: the conversation.

    Returns:
        The segments that have a translation now.
    """
    texts = {segment.id: segment.text for segment in batch.segments if segment.id in translations}

    def change(segment: TranscriptSegment) -> TranscriptSegment:
        if texts.get(segment.id) != segment.text:
            return segment
        others = [each for each in segment.translations if each.lang != to]
        translation = Translation(lang=to, text=translations[segment.id])
        return segment.model_copy(update={"translations": [*others, translation]})

    def change_all(conversation: Conversation) -> Conversation | None:
        if not texts.keys() & {segment.id for segment in conversation.transcript_segments}:
            return None
        segments = [change(segment) for segment in conversation.transcript_segments]
        return conversation.model_copy(update={"transcript_segments": segments})

    beside = {"uid": uid, "conversation_id": conversation_id}
    known = segment_batches.change_segments(batch.id, **beside, change=change)
    if not known:  # the transcript has been put together meanwhile
        conversation = conversations.change(**beside, decide=change_all)
        known = [] if conversation is None else conversation.transcript_segments
    return [segment for segment in known if texts.get(segment.id) == segment.text]


def as_translated(translated: Iterable[TranscriptSegment]) -> Callable[[TranscriptSegment], TranscriptSegment]:
    """What gives segments the translations of their namesakes, where they still say the same."""
    known = {segment.id: segment for segment in translated}

    def change(segment: TranscriptSegment) -> TranscriptSegment:
        namesake = known.get(segment.id)
        if namesake is None or namesake.text != segment.text:
            return segment
        return segment.model_copy(update={"translations": namesake.translations})

    return change

"""Who said it, and what: a user corrects the transcript of a finished conversation.

What is attributed to a person says how they sound, so it is learnt from (`learn`), and unlearnt where it is taken back.
"""

from collections.abc import Callable, Collection, Mapping

from common.conversations.edit import change_unlocked
from common.conversations.labels import manual
from common.conversations.learn_voice import ask_to_learn
from common.conversations.speakers import Speaker
from common.core.errors import BadRequestError, ConflictError, NotFoundError
from common.database import people
from common.models.conversation import Conversation
from common.models.person import OWNER
from common.models.segment import TranscriptSegment

_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


def parse_speaker(assign_type: str, value: str | bool | None) -> Speaker:  # noqa: FBT001 - clients send both
    """What a client means by a kind of attribution and its value; no value takes the attribution back.

    Raises:
        BadRequestError: an unknown kind, or a value that is none of its kind.
    """
    given = "" if value is None else str(value).strip()
    if assign_type == "is_user":
        if given.lower() in _YES:
            return Speaker(is_user=True)
        if not given or given.lower() in _NO:
            return Speaker()
        raise BadRequestError("value must be true or false")
    if assign_type == "person_id":
        if isinstance(value, bool):
            raise BadRequestError("value must be the id of a person")
        return Speaker.of(given) if given else Speaker()
    raise BadRequestError("assign_type must be is_user or person_id")


def assign_segment(speaker: Speaker, *, uid: str, conversation_id: str, place: int, learn: bool = True) -> Conversation:
    """Attribute the segment at a place in the transcript.

    Raises:
        NotFoundError: no such conversation, segment or person.
        ConflictError: the conversation is not finished.
        LockedError: it was made without credit.
    """

    def chosen(conversation: Conversation) -> set[str]:
        if place >= len(conversation.transcript_segments):
            raise NotFoundError("Segment not found")
        return {conversation.transcript_segments[place].id}

    return _assign(speaker, chosen, uid=uid, conversation_id=conversation_id, learn=learn)


def assign_speaker(
    speaker: Speaker, *, uid: str, conversation_id: str, speaker_id: int, learn: bool = True
) -> Conversation:
    """Attribute everything that one voice has said.

    Raises:
        NotFoundError: no such conversation or person, or nothing is said by that voice.
        ConflictError: the conversation is not finished.
        LockedError: it was made without credit.
    """

    def chosen(conversation: Conversation) -> set[str]:
        ids = {segment.id for segment in conversation.transcript_segments if segment.speaker_id == speaker_id}
        if not ids:
            raise NotFoundError("Speaker not found")
        return ids

    return _assign(speaker, chosen, uid=uid, conversation_id=conversation_id, learn=learn)


def assign_segments(
    speaker: Speaker, *, uid: str, conversation_id: str, segment_ids: Collection[str], learn: bool = True
) -> Conversation:
    """Attribute several segments, all or none.

    Raises:
        NotFoundError: no such conversation or person.
        ConflictError: the conversation is not finished, or has not all of these segments.
        LockedError: it was made without credit.
    """
    wanted = set(segment_ids)

    def chosen(conversation: Conversation) -> set[str]:
        if not wanted <= {segment.id for segment in conversation.transcript_segments}:
            raise ConflictError("The transcript has changed: not all of these segments are in it")
        return wanted

    return _assign(speaker, chosen, uid=uid, conversation_id=conversation_id, learn=learn)


def rewrite_segment(*, uid: str, conversation_id: str, segment_id: str, text: str) -> Conversation:
    """Put what was really said in place of what was understood; translations of the old words go.

    Raises:
        NotFoundError: no such conversation or segment.
        ConflictError: the conversation is not finished.
        LockedError: it was made without credit.
    """

    def rewrite(conversation: Conversation) -> Conversation:
        if all(segment.id != segment_id for segment in conversation.transcript_segments):
            raise NotFoundError("Segment not found")
        rewritten = _with_segments(conversation, {segment_id}, {"text": text, "translations": []})
        corrected = [*(each for each in conversation.user_segments if each != segment_id), segment_id]
        return rewritten.model_copy(update={"user_segments": corrected})

    return change_unlocked(uid, conversation_id, lambda conversation: rewrite(_finished(conversation)))


def _assign(
    speaker: Speaker,
    chosen: Callable[[Conversation], set[str]],
    *,
    uid: str,
    conversation_id: str,
    learn: bool,
) -> Conversation:
    if speaker.person_id is not None and people.of(uid=uid).find(speaker.person_id) is None:
        raise NotFoundError("Person not found")
    concerned: set[str | None] = set()

    def attribute(conversation: Conversation) -> Conversation:
        ids = chosen(_finished(conversation))
        before = {segment.person_id for segment in conversation.transcript_segments if segment.id in ids}
        concerned.update(before, {speaker.person_id} if learn else ())
        return _with_segments(conversation, ids, manual(speaker))

    changed = change_unlocked(uid, conversation_id, attribute)
    for person_id in concerned - {None, OWNER}:
        ask_to_learn(uid=uid, conversation_id=conversation_id, person_id=str(person_id))
    return changed


def _finished(conversation: Conversation) -> Conversation:
    if not conversation.status.terminal:
        raise ConflictError("The conversation is not finished yet")
    return conversation


def _with_segments(conversation: Conversation, ids: set[str], update: Mapping[str, object]) -> Conversation:
    segments: list[TranscriptSegment] = [
        segment.model_copy(update=update) if segment.id in ids else segment
        for segment in conversation.transcript_segments
    ]
    return conversation.model_copy(update={"transcript_segments": segments})

"""A conversation that is handed over, as text or as segments, goes the way of captured ones: it is structured."""

import re
from collections.abc import Sequence
from itertools import count

from common.conversations import finish
from common.conversations.passages import split_text
from common.core import clock
from common.core.errors import NotFoundError
from common.core.ids import derived_id, new_id
from common.database import conversations
from common.models.conversation import Capture, Conversation, ConversationStatus
from common.models.external import ExternalSegment, ExternalSegments, ExternalText, Receipt
from common.models.segment import TranscriptSegment

PROVIDER = "external"
"""What segments name as the recogniser that understood them."""

_NUMBERED = re.compile(r"SPEAKER_[0-9]{1,6}")


def create_from_text(
    request: ExternalText, *, uid: str, app_id: str | None = None, conversation_id: str | None = None
) -> Conversation:
    """Store a text as a conversation, which begins to be processed.

    Args:
        request: the text; nobody knows when which of its words were said, so all stand at second 0.
        uid: whose it is.
        app_id: the app that hands it over.
        conversation_id: what it shall be called, where it may have been handed over before; a new id by itself.

    Returns:
        The conversation, or what it has become since it was handed over first; `deleted` where its owner has done that.
    """
    conversation_id = conversation_id or new_id()
    segments = [
        TranscriptSegment(
            id=derived_id("segment", conversation_id, number), text=piece, start=0.0, end=0.0, stt_provider=PROVIDER
        )
        for number, piece in enumerate(split_text(request.text))
    ]
    # The text itself is the transcript, which is stored apart: a document must stay small.
    external_data = {"text_source": request.text_source, "text_source_spec": request.text_source_spec}
    created = _conversation(request, conversation_id, segments).model_copy(
        update={"external_data": external_data, "app_id": app_id}
    )
    return _stored(created, uid=uid)


def create_from_segments(
    request: ExternalSegments, *, uid: str, in_its_place: bool = False, conversation_id: str | None = None
) -> Conversation:
    """Store segments as a conversation, which begins to be processed.

    Args:
        request: the segments; in the order of their times, where all have one.
        uid: whose it is.
        in_its_place: whether it stands in lists where it took place, not where it was handed over.
        conversation_id: as of `create_from_text`, where no `client_session_id` says what it is called.

    Returns:
        The conversation; under a `client_session_id` that was used before, the one that was made then, `deleted`
        where its owner has deleted it.
    """
    named = request.client_session_id
    conversation_id = derived_id("external", uid, named) if named is not None else conversation_id or new_id()
    given = in_their_order(request.transcript_segments)
    labels = speaker_labels(given)
    segments = [_segment(each, conversation_id, n, labels) for n, each in enumerate(given)]
    names = {label: given for given, label in labels.items() if given != label}
    created = _conversation(request, conversation_id, segments).model_copy(
        update={
            "external_data": {"speakers": names} if names else None,
            "capture": Capture(kind="external", heard=not in_its_place),
        }
    )
    if in_its_place:
        created = created.model_copy(update={"created_at": created.started_at})
    return _stored(created, uid=uid)


def await_receipt(conversation: Conversation, *, uid: str) -> Receipt:
    """Wait, bounded, for what becomes of a conversation that was handed over."""
    if conversation.deleted:
        return Receipt.of(conversation)
    try:
        return Receipt.of(finish.await_terminal(uid=uid, conversation_id=conversation.id))
    except NotFoundError:  # its owner deleted it meanwhile
        return Receipt.of(conversation.model_copy(update={"deleted": True}))


def _stored(created: Conversation, *, uid: str) -> Conversation:
    there = conversations.create_if_absent(created, uid=uid)
    return there if there is not None else created.model_copy(update={"deleted": True, "discarded": True})


def _conversation(
    request: ExternalText | ExternalSegments, conversation_id: str, segments: list[TranscriptSegment]
) -> Conversation:
    now = clock.now()
    started_at, finished_at = request.times(now)
    return Conversation(
        id=conversation_id,
        created_at=now,
        started_at=started_at,
        finished_at=finished_at,
        source=request.source,
        language=request.language,
        geolocation=request.geolocation,
        transcript_segments=segments,
        status=ConversationStatus.PROCESSING,
        run=1,
        capture=Capture(kind="external"),
    )


def in_their_order(segments: Sequence[ExternalSegment]) -> list[ExternalSegment]:
    """Segments as they were said; as they were given, where one of them has no times (0 to 0). Pure."""
    timed = all(segment.end > 0 for segment in segments)
    return sorted(segments, key=lambda segment: segment.start) if timed else list(segments)


def speaker_labels(segments: Sequence[ExternalSegment]) -> dict[str, str]:
    """For every speaker as it was given, the label that clients can read; numbers that were given are kept."""
    given = list(dict.fromkeys(_speaker(segment) for segment in segments))
    numbered = {speaker for speaker in given if _NUMBERED.fullmatch(speaker)}
    free = (label for number in count() if (label := f"SPEAKER_{number:02d}") not in numbered)
    return {speaker: speaker if speaker in numbered else next(free) for speaker in given}


def _speaker(segment: ExternalSegment) -> str:
    return segment.speaker or f"SPEAKER_{segment.speaker_id or 0:02d}"


def _segment(given: ExternalSegment, conversation_id: str, number: int, labels: dict[str, str]) -> TranscriptSegment:
    return TranscriptSegment(
        id=given.id or derived_id("segment", conversation_id, number),
        text=given.text,
        speaker=labels[_speaker(given)],
        speaker_id=given.speaker_id,
        is_user=given.is_user,
        person_id=given.person_id,
        start=given.start,
        end=given.end,
        stt_provider=PROVIDER,
    )

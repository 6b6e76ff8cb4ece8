"""Which conversation a connection's audio goes to: the one that was interrupted, or a new one."""

from dataclasses import dataclass
from datetime import datetime

from common.conversations import recording, silence
from common.conversations.finalize import close_conversation
from common.conversations.live.parameters import ListenParameters
from common.core import clock
from common.core.ids import new_id
from common.database import cache, conversations, tasks
from common.models.conversation import (
    Capture,
    CaptureSession,
    Conversation,
    ConversationSource,
    ConversationStatus,
)
from common.models.events import FinalizeConversation

_MOST_AT_ONCE = 50
"""Conversations in progress that are looked at, recordings that are being uploaded among them."""


@dataclass(frozen=True)
class Opened:
    """A conversation that is ready for a connection's audio, which begins at `offset` seconds in it."""

    conversation_id: str
    offset: float


def open_conversation(
    *, uid: str, session_id: str, parameters: ListenParameters, instance: str, audio_at: datetime
) -> Opened:
    """Resume the user's conversation in progress, or begin one.

    A conversation is resumed while its silence timeout is not over and it comes from the same source; one whose
    time is over is closed, so that its words don't wait for a timer. So is one of another source, unless somebody is
    still connected to it: two devices worn at once have a conversation each.

    Args:
        uid: the owner.
        session_id: names this part of the connection; asking again with the same one, after a failure half-way, is
            asking once.
        parameters: what the client asked for.
        instance: which instance of `listen` serves it.
        audio_at: when its first audio arrived.
    """
    for found in _in_progress(uid=uid, source=parameters.source):
        of_another_source = found.source is not parameters.source
        if of_another_source and any(session.open for session in found.capture.sessions.values()):
            continue
        known = recording.load(found, uid=uid)
        if of_another_source or silence.silence_is_over_at(known) is None:
            close_conversation(found, uid=uid)
            continue
        resumed = conversations.change(
            uid=uid, conversation_id=found.id, decide=lambda current: _join(current, session_id, instance)
        )
        if resumed is not None and session_id in resumed.capture.sessions:
            passed = (audio_at - (resumed.started_at or resumed.created_at)).total_seconds()
            # The audio clock of a fast client runs ahead of the wall's: what is stored stays before what comes.
            return Opened(conversation_id=resumed.id, offset=max(passed, known.end))
    return _begin(uid=uid, parameters=parameters, instance=instance, audio_at=audio_at, session_id=session_id)


def _in_progress(*, uid: str, source: ConversationSource) -> list[Conversation]:
    """What is being captured, newest first; only the one to go on with where the cache knows it."""
    noted = cache.recall_live(uid=uid)
    if noted is not None:
        found = conversations.find(uid=uid, conversation_id=noted)
        if found is not None and found.status is ConversationStatus.IN_PROGRESS and found.source is source:
            return [found]
    newest = conversations.list_newest(uid=uid, limit=_MOST_AT_ONCE, statuses=[ConversationStatus.IN_PROGRESS.value])
    return [conversation for conversation in newest if conversation.capture.kind == "live"]


def _join(conversation: Conversation, session_id: str, instance: str) -> Conversation | None:
    """The conversation with one more session, if it is still open."""
    if conversation.status is not ConversationStatus.IN_PROGRESS:
        return None
    capture = conversation.capture
    sessions = {**capture.sessions, session_id: CaptureSession()}
    instances = [*(name for name in capture.instances if name != instance), instance]
    return conversation.model_copy(
        update={"capture": capture.model_copy(update={"instances": instances, "sessions": sessions})}
    )


def _begin(*, uid: str, parameters: ListenParameters, instance: str, audio_at: datetime, session_id: str) -> Opened:
    conversation = Conversation(
        id=new_id(),
        created_at=audio_at,
        started_at=audio_at,
        finished_at=audio_at,
        source=parameters.source,
        language=parameters.spoken_language,
        status=ConversationStatus.IN_PROGRESS,
        capture=Capture(
            kind="live",
            instances=[instance],
            timeout_s=parameters.timeout_s,
            sessions={session_id: CaptureSession()},
        ),
    )
    conversations.create(conversation, uid=uid)
    cache.remember_live(uid=uid, conversation_id=conversation.id)
    tasks.schedule_finalize(
        FinalizeConversation(uid=uid, conversation_id=conversation.id),
        at=clock.now() + clock.duration(parameters.timeout_s),
    )
    return Opened(conversation_id=conversation.id, offset=0.0)

"""Which conversation a connection's audio goes to: the one that was interrupted, the one it names, or a new one."""

from dataclasses import dataclass
from datetime import datetime

from common.conversations import recording, silence
from common.conversations.finalize import close_conversation
from common.conversations.live.parameters import ListenParameters
from common.core import clock
from common.core.ids import derived_id, new_id
from common.database import cache, conversations, live_conversations, tasks, users
from common.models.conversation import Capture, CaptureSession, Conversation, ConversationStatus
from common.models.events import FinalizeConversation

_MOST_LOOKS = 10
"""How often the conversations in progress are looked at, each time because somebody has begun one meanwhile."""
_MOST_UNDER_ONE_NAME = 20
"""Conversations that may take each other's place under one name of a client's."""
MOST_SESSIONS = 500
"""Parts of connections in one conversation, each of which is noted in its document; who comes back more often than that
begins another."""
MOST_STRETCHES = 2000
"""Of what was settled apart, which these parts note: the same for who loses something all the time. They are some forty
bytes each, the document's event has them twice, and Eventarc takes 512 KB."""


@dataclass(frozen=True)
class Opened:
    """A conversation that is ready for a connection's audio, which begins at `offset` seconds in it."""

    conversation_id: str
    offset: float
    resumed: bool = False
    """Whether it was there before."""


@dataclass(frozen=True)
class _Arrival:
    """Part of a connection that looks for its conversation."""

    uid: str
    session_id: str
    parameters: ListenParameters
    instance: str
    audio_at: datetime


def open_conversation(
    *, uid: str, session_id: str, parameters: ListenParameters, instance: str, audio_at: datetime
) -> Opened:
    """Resume the user's conversation in progress, or begin one.

    A conversation is resumed while its silence timeout is not over and it comes from the same source and device; one
    whose time is over is closed, so that its words don't wait for a timer. So is one from elsewhere, unless somebody is
    still connected to it: two devices worn at once have a conversation each. Of several connections that find none
    at the same moment, one begins it.

    A client that names its conversation gets that one, whatever the silence, as long as it is in progress. Where it is
    over or deleted, another takes its place, to which the name leads from then on.

    Args:
        uid: the owner.
        session_id: names this part of the connection; asking again with the same one, after a failure half-way, is
            asking once.
        parameters: what the client asked for.
        instance: which instance of `listen` serves it.
        audio_at: when its first audio arrived.
    """
    arrival = _Arrival(uid, session_id, parameters, instance, audio_at)
    if parameters.client_conversation_id is not None:
        return _open_named(parameters.client_conversation_id, arrival)
    seen: set[str] = set()
    for _ in range(_MOST_LOOKS):
        for found in _in_progress(arrival):
            seen.add(found.id)
            from_elsewhere = not _comes_from(found, parameters)
            if from_elsewhere and any(session.open for session in found.capture.sessions.values()):
                continue
            if from_elsewhere or silence.look_again_at(found, uid=uid) is None:
                close_conversation(found, uid=uid)
            elif (joined := _join(found.id, arrival)) is not None:
                return joined
        begun = live_conversations.create_unless(
            lambda other: other.id not in seen and _may_be_joined(other) and _comes_from(other, parameters),
            _new(new_id(), arrival),
            uid=uid,
        )
        if begun is not None:
            return _begun(begun, arrival)
    return _begin(arrival)


def _open_named(name: str, arrival: _Arrival) -> Opened:
    """The conversation of that name, or the first one in its place that is not over; ids are a user's own affair."""
    for place in range(_MOST_UNDER_ONE_NAME):
        conversation_id = derived_id("in place of", arrival.uid, name, place) if place else name
        opened = (
            _join(conversation_id, arrival)
            or _begin_named(conversation_id, arrival)
            or _join(conversation_id, arrival)  # another connection has begun it meanwhile
        )
        if opened is not None:
            return opened
    return _begin(arrival)


def _in_progress(arrival: _Arrival) -> list[Conversation]:
    """What is being captured, newest first; only the one to go on with where the cache knows it."""
    noted = cache.recall_live(uid=arrival.uid)
    if noted is not None:
        found = conversations.find(uid=arrival.uid, conversation_id=noted)
        if found is not None and _may_be_joined(found) and _comes_from(found, arrival.parameters):
            return [found]
    newest = live_conversations.list_in_progress(uid=arrival.uid)
    return [conversation for conversation in newest if _may_be_joined(conversation)]


def _may_be_joined(conversation: Conversation) -> bool:
    return (
        conversation.status is ConversationStatus.IN_PROGRESS
        and conversation.capture.kind == "live"
        and len(conversation.capture.sessions) < MOST_SESSIONS
        and _stretches(conversation) < MOST_STRETCHES
        and not (conversation.deleted or conversation.discarded or conversation.is_locked)
    )


def _stretches(conversation: Conversation) -> int:
    """How many its sessions have noted."""
    return sum(len(session.covered) + len(session.wordless) for session in conversation.capture.sessions.values())


def _comes_from(conversation: Conversation, parameters: ListenParameters) -> bool:
    """Whether it was begun by the same device, as far as both said which they are."""
    devices = {conversation.client_device_id, parameters.client_device_id} - {None}
    source = conversation.capture.source or conversation.source
    return source is parameters.source and len(devices) <= 1


def _join(conversation_id: str, arrival: _Arrival) -> Opened | None:
    """Add a session to a conversation that is there and still open."""

    def join(conversation: Conversation) -> Conversation | None:
        if not _may_be_joined(conversation):
            return None
        capture = conversation.capture
        sessions = {**capture.sessions, arrival.session_id: CaptureSession(opened_at=clock.now())}
        instances = [*(name for name in capture.instances if name != arrival.instance), arrival.instance]
        return conversation.model_copy(
            update={"capture": capture.model_copy(update={"instances": instances, "sessions": sessions})}
        )

    joined = conversations.change(uid=arrival.uid, conversation_id=conversation_id, decide=join)
    if joined is None or arrival.session_id not in joined.capture.sessions:
        return None
    passed = (arrival.audio_at - joined.began).total_seconds()
    # The audio clock of a fast client runs ahead of the wall's: what is stored stays before what comes.
    until = recording.end_of(joined, uid=arrival.uid)
    return Opened(conversation_id=joined.id, offset=max(passed, until, 0.0), resumed=True)


def _begin(arrival: _Arrival) -> Opened:
    begun = conversations.create(_new(new_id(), arrival), uid=arrival.uid)
    return _begun(begun, arrival)


def _begin_named(conversation_id: str, arrival: _Arrival) -> Opened | None:
    """Begin a conversation unless one with this id is there, or was deleted."""
    there = conversations.create_if_absent(_new(conversation_id, arrival), uid=arrival.uid)
    if there is None or arrival.session_id not in there.capture.sessions:
        return None
    return _begun(there, arrival)


def _begun(conversation: Conversation, arrival: _Arrival) -> Opened:
    uid = arrival.uid
    cache.remember_live(uid=uid, conversation_id=conversation.id)
    tasks.schedule_finalize(
        FinalizeConversation(uid=uid, conversation_id=conversation.id),
        at=clock.now() + clock.duration(conversation.capture.timeout_s),
    )
    return Opened(conversation_id=conversation.id, offset=0.0)


def _new(conversation_id: str, arrival: _Arrival) -> Conversation:
    asked, begins = arrival.parameters, arrival.audio_at
    return Conversation(
        id=conversation_id,
        created_at=begins,
        started_at=begins,
        finished_at=begins,
        source=asked.source,
        language=asked.spoken_language,
        status=ConversationStatus.IN_PROGRESS,
        private_cloud_sync_enabled=users.find(uid=arrival.uid).private_cloud_sync_enabled,
        uses_custom_stt=asked.custom_stt,
        call_id=asked.call_id,
        client_device_id=asked.client_device_id,
        client_platform=asked.client_platform,
        external_data={"conversation_role": asked.conversation_role, "recording_session_id": arrival.session_id},
        capture=Capture(
            kind="live",
            instances=[arrival.instance],
            timeout_s=asked.timeout_s,
            auto_assign=asked.speaker_auto_assign,
            sessions={arrival.session_id: CaptureSession(opened_at=clock.now())},
        ),
    )

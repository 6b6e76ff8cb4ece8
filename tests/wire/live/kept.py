"""What the stores hold of a user's conversations."""

from collections.abc import Callable
from typing import Any, TypeVar

from common.conversations import coverage, recording
from common.database import audio_blocks, conversations, segment_batches
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Conversation, Interval
from common.speech.blocks import decode_block
from tests.support.waiting import eventually
from tests.wire.live.device import FRAME_S, numbers

T = TypeVar("T")


def soon(probe: Callable[[], T | None], *, what: str, within_s: float = 5) -> T:
    """The first truthy answer of `probe`, asked as often as what happens in this process deserves."""
    return eventually(probe, within_s=within_s, what=what, every_s=0.02)


def ids(uid: str) -> list[str]:
    """The user's conversations, oldest first."""
    found = [snapshot.to_dict() or {} for snapshot in conversations.collection(uid=uid).stream()]
    return [str(fields["id"]) for fields in sorted(found, key=lambda fields: fields["created_at"])]


def tenths(uid: str, conversation_id: str) -> dict[str, list[int]]:
    """Per session, the number that is stored of every tenth of a second."""
    kept: dict[str, list[int]] = {}
    for block in audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id):
        pcm = b"".join(decode_block(audio_blocks.read(block)))
        assert len(numbers(pcm)) == round((block.end - block.start) / FRAME_S), "a block is as long as it says"
        kept.setdefault(block.session_id, []).extend(numbers(pcm))
    return kept


def audio(uid: str, conversation_id: str) -> dict[str, list[int]]:
    """Per session, the numbers that are stored, each once for every second or part of it that it was said."""
    return {session_id: each[:: round(1 / FRAME_S)] for session_id, each in tenths(uid, conversation_id).items()}


def said(uid: str, conversation_id: str) -> list[int]:
    """Everything stored, over all sessions."""
    return sorted(number for said in audio(uid, conversation_id).values() for number in said)


def words(uid: str, conversation_id: str) -> list[int]:
    """The numbers in the live transcript."""
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    return sorted(int(segment.text) for batch in batches for segment in batch.segments)


def holes(uid: str, conversation_id: str) -> list[Interval]:
    """Stored audio of any session that nobody claims to have understood."""
    conversation = conversations.get(uid=uid, conversation_id=conversation_id)
    known = recording.load(conversation, uid=uid)
    found = coverage.union(hole for session in known.holes.values() for hole in session)
    return [Interval(start=round(hole.start, 3), end=round(hole.end, 3)) for hole in found]


def left_by_all(uid: str, conversation_id: str) -> Conversation:
    """The conversation, once no connection brings anything to it any more."""

    def probe() -> Conversation | None:
        found = conversations.get(uid=uid, conversation_id=conversation_id)
        return None if any(session.open for session in found.capture.sessions.values()) else found

    return soon(probe, what="every session has said good-bye", within_s=12)


def remains(uid: str, conversation_id: str) -> list[Any]:
    """Everything that hangs on a conversation: its document, its batches, its audio."""
    found: list[Any] = [conversations.find(uid=uid, conversation_id=conversation_id)]
    found += segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    found += audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id)
    return [one for one in found if one is not None]


def blocks(uid: str, conversation_id: str) -> list[AudioBlock]:
    """The stored blocks."""
    return audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id)

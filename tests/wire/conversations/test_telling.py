"""Conversations of clients that recognise by themselves, from the first word to the finished transcript."""

import asyncio
from typing import Any

import pytest

from common.conversations.finalize import close_conversation, finalize_conversation
from common.conversations.live.leaving import MOST_COVERED, leave_conversation
from common.conversations.live.opening import open_conversation
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.take import Take
from common.conversations.live.telling import Teller
from common.conversations.so_far import with_words_so_far
from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import audio_blocks, conversations, segment_batches
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation, ConversationStatus, Interval
from common.models.events import FinalizeConversation
from common.models.suggested_transcript import SuggestedTranscript
from common.speech.blocks import encode_block

pytestmark = pytest.mark.usefixtures("stores", "first_words", "counting")

CUSTOM = ListenParameters(custom_stt=True)


class Client:
    """One connection that tells what was said, and may send audio besides."""

    def __init__(self, uid: str, session_id: str) -> None:
        self.uid = uid
        opened = open_conversation(
            uid=uid, session_id=session_id, parameters=CUSTOM, instance="i", audio_at=clock.now()
        )
        self.take = Take(opened.conversation_id, session_id, begin=0.0, offset=opened.offset)
        self.stored: list[str] = []
        self._teller = Teller(uid=uid, told=lambda _, batch: self.stored.append(batch.id))

    def tell(self, *said: dict[str, Any], now: float = 50.0) -> None:
        message = SuggestedTranscript.model_validate({"segments": said})
        asyncio.run(self._teller.write(message, [self.take], now=now))

    def leave(self, *covered: Interval) -> None:
        leave_conversation(self.take, uid=self.uid, covered=list(covered))
        self.take.left = True

    @property
    def conversation(self) -> Conversation:
        return conversations.get(uid=self.uid, conversation_id=self.take.conversation_id)

    @property
    def texts(self) -> list[str]:
        return [segment.text for segment in with_words_so_far(self.conversation, uid=self.uid).transcript_segments]

    def finish(self) -> str:
        closed = close_conversation(self.conversation, uid=self.uid)
        assert closed is not None
        return self.structure()

    def structure(self) -> str:
        conversation_id = self.take.conversation_id
        return structure_conversation(uid=self.uid, conversation_id=conversation_id, run=self.conversation.run)


@pytest.fixture
def client(uid: str) -> Client:
    return Client(uid, "aaaaaaaaaaaa")


def _batches(client: Client) -> list[SegmentBatch]:
    return segment_batches.list_batches(uid=client.uid, conversation_id=client.take.conversation_id)


def test_the_document_notes_the_newest_of_what_was_settled_apart(client: Client) -> None:
    settled = [Interval(start=second, end=second + 0.75) for second in range(2000)]
    client.leave(*settled)
    (session,) = client.conversation.capture.sessions.values()
    assert session.covered == settled[-MOST_COVERED:]


def test_words_without_any_audio_become_a_conversation(client: Client) -> None:
    client.tell({"text": "We meet on Monday", "start": 1, "end": 3, "speaker": "Anna"})
    client.tell({"text": "at nine.", "start": 3, "end": 4, "speaker": "Anna"}, {"text": "Good.", "start": 5, "end": 6})
    assert client.texts == ["We meet on Monday at nine.", "Good."]
    client.leave()
    conversations.reference(uid=client.uid, conversation_id=client.take.conversation_id).update(
        {"created_at": clock.now() - clock.duration(1000)}
    )
    for batch in _batches(client):
        long_ago = batch.model_copy(update={"heard_at": clock.now() - clock.duration(500)})
        segment_batches.put(long_ago, uid=client.uid, conversation_id=client.take.conversation_id)
    finalize_conversation(FinalizeConversation(uid=client.uid, conversation_id=client.take.conversation_id))
    assert client.structure() == "completed"
    assert client.conversation.status is ConversationStatus.COMPLETED
    assert client.texts == ["We meet on Monday at nine.", "Good."]
    assert [segment.speaker for segment in client.conversation.transcript_segments] == ["SPEAKER_00", "SPEAKER_01"]
    assert _batches(client) == []


def test_what_is_sent_again_is_there_once_before_and_after(client: Client, uid: str) -> None:
    said = {"id": "x", "text": "Hello.", "start": 1, "end": 2}
    for _ in range(3):
        client.tell(said)
    client.leave()
    again = Client(uid, "bbbbbbbbbbbb")
    assert again.take.conversation_id == client.take.conversation_id
    again.tell(said)
    assert again.texts == ["Hello."]
    again.leave()
    assert again.finish() == "completed"
    assert again.texts == ["Hello."]


def test_words_that_come_after_the_end_are_added(client: Client) -> None:
    client.tell({"text": "First.", "start": 1, "end": 2})
    assert client.finish() == "completed"
    client.tell({"text": "Late.", "start": 1.2, "end": 1.8, "speaker": "Ben"})
    client.leave()
    assert client.conversation.status is ConversationStatus.PROCESSING, "a late word begins a new run"
    assert client.structure() == "completed"
    assert client.texts == ["First.", "Late."]


def test_audio_that_comes_along_is_kept_and_not_transcribed(client: Client) -> None:
    whole = Interval(start=0, end=10)
    block = AudioBlock(client.take.session_id, 0, 10, "pcm16", 16_000, covered=(whole,))
    audio_blocks.put(block, encode_block([bytes(320_000)]), uid=client.uid, conversation_id=client.take.conversation_id)
    client.tell({"text": "Mine.", "start": 1, "end": 2})
    client.leave(whole)
    assert client.finish() == "completed", "it waits for no span"
    assert client.texts == ["Mine."]
    assert [batch.given_up for batch in _batches(client)] == []
    assert audio_blocks.is_any_stored(uid=client.uid, conversation_id=client.take.conversation_id)


def test_a_client_that_tells_nothing_leaves_nothing(client: Client) -> None:
    client.tell({"text": "  "})
    client.leave()
    assert client.finish() == "empty"
    assert client.stored == []

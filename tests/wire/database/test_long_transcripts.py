"""Transcripts that do not fit into their document: read once, then noted, and right without the notes."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.core.errors import TooLargeError
from common.core.settings import settings
from common.database import (
    clients,
    conversations,
    conversations_around,
    document_sizes,
    transcript_cache,
    transcripts,
)
from common.database.whole_conversations import Room
from common.models.attachments import AppResult
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment
from tests.support.making import a_conversation, a_segment, at
from tests.support.stores import free_port

pytestmark = pytest.mark.usefixtures("stores")


def _long(seed: int, *, characters: int = 60, count: int = 3000) -> list[TranscriptSegment]:
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    letters = [chr(each) for each in range(0x4E00, 0x9FFF)]
    return [a_segment("".join(chance.choices(letters, k=characters)), n, n + 1, id=f"{n}") for n in range(count)]


def _noted(conversation: Conversation, uid: str) -> bool:
    revision = conversation.transcript_revision
    return transcript_cache.recall(revision, uid=uid, conversation_id=conversation.id) is not None


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    for cached in (settings, clients.redis_client):
        cached.cache_clear()
    yield
    client = clients.redis_client()
    if client is not None:
        client.close()
    monkeypatch.undo()
    for cached in (settings, clients.redis_client):
        cached.cache_clear()


def test_it_is_noted_when_it_is_read_and_a_change_of_its_words_is_another_note(uid: str) -> None:
    conversations.create(a_conversation(transcript_segments=_long(1)), uid=uid)
    first = conversations.get(uid=uid, conversation_id="c1")
    assert _noted(first, uid)
    changed = conversations.change(
        uid=uid,
        conversation_id="c1",
        decide=lambda current: current.model_copy(update={"transcript_segments": _long(2)}),
    )
    assert changed is not None
    second = conversations.get(uid=uid, conversation_id="c1")
    assert second.transcript_segments == _long(2)
    assert second.transcript_revision != first.transcript_revision


def test_a_change_of_anything_else_leaves_the_note_as_it_is(uid: str) -> None:
    conversations.create(a_conversation(transcript_segments=_long(1)), uid=uid)
    before = conversations.get(uid=uid, conversation_id="c1").transcript_revision
    conversations.change(
        uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"starred": True})
    )
    after = conversations.get(uid=uid, conversation_id="c1")
    assert (after.starred, after.transcript_revision) == (True, before)


@pytest.mark.usefixtures("no_redis")
def test_without_redis_everything_is_the_same(uid: str) -> None:
    conversations.create(a_conversation(transcript_segments=_long(1)), uid=uid)
    for _ in range(2):
        assert conversations.get(uid=uid, conversation_id="c1").transcript_segments == _long(1)
    conversations.delete(uid=uid, conversation_id="c1")
    assert conversations.find(uid=uid, conversation_id="c1") is None


def test_chunks_of_a_text_that_does_not_compress_fit_into_documents(uid: str) -> None:
    said = _long(3, characters=1000, count=900)
    _, chunks = transcripts.encode(a_conversation(transcript_segments=said))
    assert max(len(chunk) for chunk in chunks) < 1_000_000
    conversations.create(a_conversation(transcript_segments=said), uid=uid)
    assert conversations.get(uid=uid, conversation_id="c1").transcript_segments == said


class TestOfSeveral:
    """Lists leave long transcripts where they are, and fetch them together where they are asked for."""

    def test_all_of_them_are_whole_and_in_order(self, uid: str) -> None:
        said = {"c0": _long(1), "c1": [a_segment("short", 0, 1)], "c2": _long(2)}
        for number, (conversation_id, segments) in enumerate(said.items()):
            made = a_conversation(id=conversation_id, created_at=at(number), transcript_segments=segments)
            conversations.create(made, uid=uid)
        listed = conversations.list_newest(uid=uid, limit=10)
        assert [len(each.transcript_segments) for each in listed] == [0, 1, 0]
        whole = conversations.with_transcripts(listed, uid=uid)
        assert [each.transcript_segments for each in whole] == [said["c2"], said["c1"], said["c0"]]

    def test_one_that_has_changed_since_is_read_again_and_one_that_is_gone_left_out(self, uid: str) -> None:
        for conversation_id in ("c0", "c1"):
            conversations.create(a_conversation(id=conversation_id, transcript_segments=_long(1)), uid=uid)
        listed = conversations.find_many(uid=uid, conversation_ids=["c0", "c1"])
        conversations.change(
            uid=uid,
            conversation_id="c0",
            decide=lambda current: current.model_copy(update={"transcript_segments": _long(2)}),
        )
        conversations.delete(uid=uid, conversation_id="c1")
        conversations.delete_children(uid=uid, conversation_id="c1")
        [left] = conversations.with_transcripts(listed, uid=uid)
        assert left.transcript_segments == _long(2)


def test_of_several_that_create_the_same_at_once_all_get_the_one_there_is(uid: str) -> None:
    made = [a_conversation(id="derived", language=language) for language in ("a", "b", "c", "d")]
    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(lambda each: conversations.create_if_absent(each, uid=uid), made))
    assert len({each.language if each is not None else None for each in stored}) == 1
    conversations.delete(uid=uid, conversation_id="derived")
    assert conversations.create_if_absent(made[0], uid=uid) is None


def test_whoever_looks_back_on_days_reads_none_of_what_was_said(uid: str) -> None:
    moment = at(0)
    said = [a_segment("green apples", 0, 5)]
    conversations.create(a_conversation(transcript_segments=said, finished_at=moment, started_at=moment), uid=uid)
    [found] = conversations_around.list_finished(moment, moment, uid=uid)
    assert (found.id, found.transcript_segments) == ("c1", [])
    assert conversations.find_many(uid=uid, conversation_ids=["c1"])[0].transcript_segments
    assert conversations.find_many(uid=uid, conversation_ids=["c1"], room=Room(0))[0].transcript_segments == []


def test_what_no_event_could_carry_is_refused_and_what_makes_it_less_is_not(
    uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations.create(a_conversation(), uid=uid)

    def written(*results: str) -> Conversation | None:
        made = [AppResult(app_id=f"a{place}", content=text) for place, text in enumerate(results)]
        return conversations.change(
            uid=uid,
            conversation_id="c1",
            decide=lambda current: current.model_copy(update={"apps_results": made}),
        )

    page = "Ж" * 20_000
    assert written(page, page) is not None
    with pytest.raises(TooLargeError):
        written(page, page, page)
    assert len(conversations.get(uid=uid, conversation_id="c1").apps_results) == 2
    with pytest.raises(TooLargeError):
        conversations.create(a_conversation(id="c2", apps_results=[AppResult(content=page)] * 3), uid=uid)

    monkeypatch.setattr(document_sizes, "MOST_BESIDES", 1000)  # one that was stored before
    assert written(page) is not None
    with pytest.raises(TooLargeError):
        written(page + page)

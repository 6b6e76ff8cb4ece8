"""The index ends at what the document says, whatever happens in between."""

from typing import Any

import pytest

from common.conversations import index as indexing
from common.conversations.index import index_conversation
from common.conversations.purge import purge_conversation
from common.conversations.search import search_conversations
from common.core.errors import LeaseHeldError, LeaseLostError
from common.core.settings import settings
from common.database import audio_blocks, conversations, index_leases, segment_batches, vectors
from common.database.clients import pinecone_index
from common.models.conversation import Conversation
from common.speech.blocks import encode_block
from tests.support.indexed import passage_ids
from tests.support.making import a_batch, a_block, a_conversation, a_segment, at
from tests.support.providers import WordEmbedder

pytestmark = pytest.mark.usefixtures("stores", "words")


def _completed(uid: str, title: str, conversation_id: str = "c1", **fields: Any) -> None:
    conversations.create(
        a_conversation(
            **{
                "id": conversation_id,
                "status": "completed",
                "structured": {"title": title, "overview": title},
                "transcript_segments": [a_segment(f"we spoke of {title}", 0, 5)],
                **fields,
            }
        ),
        uid=uid,
    )


def _titled(title: str) -> Any:
    def decide(current: Conversation) -> Conversation:
        return current.model_copy(update={"structured": current.structured.model_copy(update={"title": title})})

    return decide


def _index(uid: str, conversation_id: str = "c1") -> None:
    index_conversation(uid=uid, conversation_id=conversation_id)


def _search(uid: str, query: str, **options: Any) -> list[str]:
    hits = search_conversations(query, uid=uid, **{"include_discarded": True, "limit": 10, **options})
    return [hit.conversation.id for hit in hits]


def _stored(uid: str, conversation_id: str = "c1") -> list[float] | None:
    vector_id = vectors.conversation_vector_id(uid=uid, conversation_id=conversation_id)
    found = pinecone_index().fetch(ids=[vector_id], namespace="ns1").vectors.get(vector_id)
    return list(found.values) if found else None


def test_what_is_indexed_is_found_by_its_summary_and_by_its_words(uid: str) -> None:
    _completed(uid, "budget")
    _completed(uid, "holidays", "c2")
    _index(uid)
    _index(uid, "c2")
    assert _search(uid, "budget")[0] == "c1"
    assert _search(uid, "holidays")[0] == "c2"
    [first, *_] = search_conversations("we spoke of budget", uid=uid, limit=10, include_discarded=True)
    assert (first.conversation.id, len(first.segment_ids)) == ("c1", 1)
    [passage] = first.passages
    assert (passage.text, passage.speaker_name) == ("we spoke of budget", "Speaker 0")


def test_indexing_again_asks_no_model(uid: str, words: WordEmbedder) -> None:
    _completed(uid, "budget")
    _index(uid)
    calls = words.calls
    _index(uid)
    assert words.calls == calls


def test_a_change_back_to_what_it_was_ends_at_what_it_was(uid: str, words: WordEmbedder) -> None:
    _completed(uid, "budget")
    _index(uid)
    first = _stored(uid)
    for title in ("holidays", "budget"):
        conversations.change(uid=uid, conversation_id="c1", decide=_titled(title))
        _index(uid)
    assert _stored(uid) == pytest.approx(first, abs=1e-6)
    assert words.calls == 3


def test_a_change_during_indexing_is_caught_up_with(uid: str, words: WordEmbedder) -> None:
    _completed(uid, "budget")

    def change_once() -> None:
        words.before = None
        conversations.change(uid=uid, conversation_id="c1", decide=_titled("holidays"))

    words.before = change_once
    _index(uid)
    assert words.calls == 2
    now = conversations.get(uid=uid, conversation_id="c1")
    [expected] = WordEmbedder().embed([indexing.summary_text(now)], purpose="document")
    assert _stored(uid) == pytest.approx(expected, abs=1e-6)


def test_a_deletion_during_indexing_leaves_nothing(uid: str, words: WordEmbedder) -> None:
    _completed(uid, "budget")

    def delete_once() -> None:
        words.before = None
        conversations.delete(uid=uid, conversation_id="c1")

    words.before = delete_once
    _index(uid)
    assert _stored(uid) is None
    assert passage_ids(uid=uid, conversation_id="c1") == set()
    assert not index_leases._reference(uid, "c1").get().exists


def test_a_discarded_one_is_taken_out_and_put_back(uid: str) -> None:
    _completed(uid, "budget")
    _index(uid)
    for discarded in (True, False):
        conversations.reference(uid=uid, conversation_id="c1").update({"discarded": discarded})
        _index(uid)
        assert (_stored(uid) is None) == discarded


def test_while_it_is_processed_again_it_stays_findable(uid: str) -> None:
    _completed(uid, "budget")
    _index(uid)
    conversations.reference(uid=uid, conversation_id="c1").update({"status": "processing"})
    _index(uid)
    assert _search(uid, "budget") == ["c1"]


def test_a_second_worker_is_told_to_come_again(uid: str) -> None:
    _completed(uid, "budget")
    lease = index_leases.acquire(uid=uid, subject="c1", lease_seconds=settings().lease_seconds)
    with pytest.raises(LeaseHeldError):
        _index(uid)
    index_leases.release(lease)
    _index(uid)
    assert _stored(uid) is not None


def test_a_worker_that_was_overtaken_after_its_successor_was_done_is_made_good(uid: str, words: WordEmbedder) -> None:
    _completed(uid, "budget")

    def be_overtaken() -> None:
        """The lease runs out; somebody else indexes a newer state and is done."""
        words.before = None
        index_leases._reference(uid, "c1").update({"leased_at": at(-86_400)})
        conversations.change(uid=uid, conversation_id="c1", decide=_titled("holidays"))
        _index(uid)

    words.before = be_overtaken
    with pytest.raises(LeaseLostError):
        _index(uid)
    _index(uid)  # the redelivery that the error brings
    now = conversations.get(uid=uid, conversation_id="c1")
    [expected] = WordEmbedder().embed([indexing.summary_text(now)], purpose="document")
    assert _stored(uid) == pytest.approx(expected, abs=1e-6)


class TestSearching:
    """What is deleted, hidden or somebody else's is not found."""

    def test_what_is_deleted_is_not_found_even_while_it_is_still_indexed(self, uid: str) -> None:
        _completed(uid, "budget")
        _index(uid)
        conversations.delete(uid=uid, conversation_id="c1")
        assert _stored(uid) is not None
        assert _search(uid, "budget") == []

    def test_another_users_are_not_found(self, uid: str) -> None:
        _completed(uid, "budget")
        _index(uid)
        assert _search(f"{uid}-other", "budget") == []

    def test_hidden_ones_only_when_asked_for(self, uid: str) -> None:
        _completed(uid, "budget")
        _index(uid)
        conversations.reference(uid=uid, conversation_id="c1").update({"discarded": True})
        assert _search(uid, "budget", include_discarded=False) == []
        assert _search(uid, "budget", include_discarded=True) == ["c1"]

    def test_within_a_time(self, uid: str) -> None:
        _completed(uid, "budget", started_at=at(0))
        _completed(uid, "budget", "c2", started_at=at(3600))
        _index(uid)
        _index(uid, "c2")
        assert _search(uid, "budget", since=at(1)) == ["c2"]
        assert _search(uid, "budget", until=at(1)) == ["c1"]


def test_a_purge_leaves_nothing_and_a_second_one_is_fine(uid: str) -> None:
    _completed(uid, "budget")
    segment_batches.put(a_batch(0, 5), uid=uid, conversation_id="c1")
    audio_blocks.put(a_block(0, 5), encode_block([b"x"]), uid=uid, conversation_id="c1")
    _index(uid)
    conversations.delete(uid=uid, conversation_id="c1")
    for _ in range(2):
        purge_conversation(uid=uid, conversation_id="c1")
        _index(uid)
        assert _stored(uid) is None
        assert audio_blocks.list_blocks(uid=uid, conversation_id="c1") == []
        assert list(conversations.reference(uid=uid, conversation_id="c1").collections()) == []


def test_a_purge_spares_one_that_exists_again(uid: str) -> None:
    _completed(uid, "budget")
    _index(uid)
    purge_conversation(uid=uid, conversation_id="c1")
    assert _stored(uid) is not None

"""Everything is brought up to date at once, also after the index has lost what it held."""

import pytest

from common.action_items.edit import add_action_item
from common.action_items.search import search_action_items
from common.conversations.reindex import Reindexed, reindex
from common.conversations.search import search_conversations
from common.core.settings import settings
from common.database import conversations, index_leases
from common.database.vector_records import indexes
from common.memories.edit import add_memory
from common.memories.search import search_memories
from tests.support.making import a_conversation, a_segment
from tests.support.providers import WordEmbedder

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def everything(uid: str, words: WordEmbedder) -> None:
    said = [a_segment("green apples from the market", 0, 5)]
    conversations.create(a_conversation(id="c1", status="completed", transcript_segments=said), uid=uid)
    add_memory(uid=uid, content="likes green apples", manual=True)
    add_action_item(uid=uid, description="buy green apples")
    assert not words.calls


def _found(uid: str) -> tuple[int, int, int]:
    return (
        len(search_conversations("apples", uid=uid, limit=10, include_discarded=False)),
        len(search_memories("apples", uid=uid, limit=10)),
        len(search_action_items("apples", uid=uid, limit=10)),
    )


def test_what_was_never_indexed_is_found_afterwards(uid: str) -> None:
    assert _found(uid) == (0, 0, 0)
    assert reindex(uid=uid) == Reindexed(documents=3, busy=0, unreadable=0)
    assert _found(uid) == (1, 1, 1)
    assert _found(f"{uid}-other") == (0, 0, 0)


def test_what_is_up_to_date_asks_no_model(uid: str, words: WordEmbedder) -> None:
    reindex(uid=uid)
    calls = words.calls
    reindex(uid=uid)
    assert words.calls == calls


def test_an_index_that_has_lost_everything_is_filled_anew(uid: str) -> None:
    reindex(uid=uid)
    for index in indexes():
        for namespace in index.describe_index_stats().namespaces:
            index.delete(delete_all=True, namespace=namespace)
    reindex(uid=uid)
    assert _found(uid) == (0, 0, 0)
    reindex(uid=uid, anew=True)
    assert _found(uid) == (1, 1, 1)


def test_what_somebody_else_is_at_is_said_and_does_not_stop_the_others(uid: str) -> None:
    lease = index_leases.acquire(uid=uid, subject="c1", lease_seconds=settings().lease_seconds)
    assert reindex(uid=uid, anew=True) == Reindexed(documents=3, busy=1, unreadable=0)
    assert _found(uid) == (0, 1, 1)
    index_leases.release(lease)

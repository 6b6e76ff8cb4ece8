"""Pinecone hangs, refuses or is busy: whoever waits for it is told soon, and what was to be done is done again."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import functions_framework
import httpx
import pytest

from common.action_items.edit import add_action_item
from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.database import account_vectors, vectors
from common.database.vectors import Namespace
from common.indexing.asking import Asking, ask
from local.environment import REGION
from local.events import document_event
from local.manifest import ROOT, load
from tests.support.chat_client import read
from tests.support.making import NOON
from tests.support.stores import Stores
from tests.support.unwilling_pinecone import INDEX_S, SEARCH_S, Pinecone, Reply, unwilling_pinecone

pytestmark = pytest.mark.usefixtures("stores", "words")

SLACK_S = 1.5
"""For everything but Pinecone, on a busy machine; much less than the library would wait."""
BUSY: Reply = (503, {})


@pytest.fixture
def pinecone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pinecone]:
    """One that does as it is told, in place of the local cloud's."""
    with unwilling_pinecone(monkeypatch) as made:
        yield made


def _query(uid: str = "u1") -> list[vectors.Match]:
    return vectors.query([1.0], uid=uid, namespace=Namespace.MEMORIES, limit=3)


def _took(work: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(ProviderError, match="The search does not answer, try again"):
        work()
    return time.monotonic() - began


class TestSearching:
    """Somebody waits."""

    def test_one_that_hangs_is_asked_a_second_time_and_no_longer_than_a_search_has(self, pinecone: Pinecone) -> None:
        pinecone.hangs = True
        assert SEARCH_S * 0.9 <= _took(_query) < SEARCH_S + SLACK_S
        assert pinecone.asked == ["/dense/query"] * 2

    def test_a_connection_that_nobody_answers_is_a_503_that_says_when_to_come_back(
        self, api: httpx.Client, pinecone: Pinecone
    ) -> None:
        pinecone.hangs = True
        began = time.monotonic()
        answer = api.post("/v1/conversations/search", json={"query": "garden"})
        assert time.monotonic() - began < SEARCH_S + SLACK_S
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json() == {"detail": "The search does not answer, try again"}

    @pytest.mark.parametrize(
        "first", [(503, {}), (429, {"retry-after": "0"}), (500, {}), (504, {}), (503, {"retry-after": "0.1"})]
    )
    def test_what_passes_is_not_noticed(self, pinecone: Pinecone, first: Reply) -> None:
        pinecone.script = [first, first]
        assert _query() == []
        assert len(pinecone.asked) == 3

    def test_what_does_not_pass_is_tried_three_times_and_not_more(self, pinecone: Pinecone) -> None:
        pinecone.script = [BUSY] * 20
        assert _took(_query) < SEARCH_S
        assert len(pinecone.asked) == 3

    def test_one_that_wants_to_be_left_alone_for_longer_than_there_is_time_is(self, pinecone: Pinecone) -> None:
        pinecone.script = [(429, {"retry-after": "30"})] * 2
        assert _took(_query) < SEARCH_S
        assert len(pinecone.asked) == 1

    @pytest.mark.parametrize(
        ("status", "error"), [(400, ProviderRefusedError), (401, ProviderExhaustedError), (403, ProviderExhaustedError)]
    )
    def test_what_will_not_be_otherwise_is_not_tried_again(
        self, pinecone: Pinecone, status: int, error: type[ProviderError]
    ) -> None:
        pinecone.script = [(status, {})]
        with pytest.raises(error):
            _query()
        assert len(pinecone.asked) == 1

    def test_one_that_answers_drop_by_drop_is_not_waited_for(self, pinecone: Pinecone) -> None:
        pinecone.drips = True
        assert _took(lambda: ask("apples", [Asking(Namespace.MEMORIES, {})], uid="u1")) < SEARCH_S + SLACK_S

    def test_many_who_search_at_once_wait_no_longer_than_one(self, pinecone: Pinecone) -> None:
        pinecone.hangs = True
        asking = [Asking(Namespace.MEMORIES, {}), Asking(Namespace.ACTION_ITEMS, {})]
        with ThreadPoolExecutor(40) as pool:
            took = list(pool.map(lambda _: _took(lambda: ask("apples", asking, uid="u1")), range(40)))
        assert max(took) < SEARCH_S + SLACK_S

    def test_the_chat_says_so_where_it_can_only_quote(self, api: httpx.Client, pinecone: Pinecone) -> None:
        pinecone.hangs = True
        with api.stream("POST", "/v2/messages", json={"text": "What did we say about the garden?"}) as stream:
            assert read(stream.iter_raw()).error == "The search does not answer, try again"


class TestFollowing:
    """Nobody waits, and the platform delivers again."""

    @pytest.fixture
    def deliver(self, stores: Stores, uid: str) -> Callable[[], int]:
        """Have a function told of a task that is on the list, as often as wished; what it answers."""
        path = f"users/{uid}/action_items/{add_action_item(uid=uid, description='red apples').id}"
        change = next(change for change in reversed(stores.changes) if change.path == path)
        headers, body = document_event(change, event="written", region=REGION)
        described = load().functions["index_action_item"]
        create_app: Any = functions_framework.create_app  # ships no types
        app = create_app(
            described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature
        )
        client = app.test_client()
        return lambda: int(client.post("/", headers=headers, data=body).status_code)

    def test_an_event_comes_again_until_the_index_answers(self, pinecone: Pinecone, deliver: Callable[[], int]) -> None:
        pinecone.hangs = True
        began = time.monotonic()
        assert deliver() == 503
        assert time.monotonic() - began < INDEX_S + SLACK_S
        pinecone.hangs = False
        pinecone.script = [BUSY, BUSY, BUSY]
        assert deliver() == 503
        assert deliver() == 200
        assert pinecone.asked[-2:] == ["/dense/vectors/upsert", "/sparse/vectors/upsert"]

    def test_a_key_that_was_taken_back_is_waited_for_too(self, pinecone: Pinecone, deliver: Callable[[], int]) -> None:
        pinecone.script = [(401, {})]
        assert [deliver(), deliver()] == [503, 200]

    @pytest.mark.parametrize(
        "work",
        [
            lambda: vectors.put([1.0], uid="u1", namespace=Namespace.MEMORIES, document_id="m1", created_at=NOON),
            lambda: vectors.delete(uid="u1", namespace=Namespace.MEMORIES, document_id="m1"),
            lambda: vectors.delete_conversation(uid="u1", conversation_id="c1"),
            lambda: account_vectors.VECTORS.find("u1", 10),
            lambda: account_vectors.VECTORS.delete([(0, "ns2", "u1-m1")]),
        ],
        ids=["put", "delete", "delete a conversation", "look for all", "delete some"],
    )
    def test_whatever_is_done_to_it_has_an_end(self, pinecone: Pinecone, work: Callable[[], object]) -> None:
        pinecone.hangs = True
        assert INDEX_S * 0.9 <= _took(work) < INDEX_S + SLACK_S

    def test_what_is_not_there_needs_no_deleting(self, pinecone: Pinecone) -> None:
        pinecone.script = [(404, {})] * 2
        vectors.delete(uid="u1", namespace=Namespace.MEMORIES, document_id="m1")
        assert pinecone.asked == ["/dense/vectors/delete", "/sparse/vectors/delete"]

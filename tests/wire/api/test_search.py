"""`POST /v1/conversations/search`: by meaning, by title, by who speaks."""

from typing import Any

import httpx
import pytest

from common.conversations.index import index_conversation
from common.database import conversations
from tests.support.making import a_conversation, a_segment, at
from tests.support.providers import WordEmbedder

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def four(uid: str, words: WordEmbedder) -> None:
    said: list[dict[str, Any]] = [
        {"structured": {"title": "garden party plans"}},
        {"structured": {"title": "Garden"}, "apps_results": [{"app_id": "a", "content": "x"}]},
        {"structured": {"title": "budget"}, "transcript_segments": [a_segment("money", 0, 1, person_id="p1")]},
        {"structured": {"title": "budget talk"}, "transcript_segments": [a_segment("money", 0, 1, is_user=True)]},
    ]
    for number, fields in enumerate(said):
        made = a_conversation(id=f"c{number}", created_at=at(number), status="completed", **fields)
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=made.id)
    assert words.calls


def _found(api: httpx.Client, **body: Any) -> list[str]:
    answer = api.post("/v1/conversations/search", json=body)
    assert answer.status_code == 200
    return [item["id"] for item in answer.json()["items"]]


def test_a_title_that_is_the_query_comes_first(api: httpx.Client) -> None:
    assert _found(api, query=" garden ", per_page=2) == ["c1", "c0"]


def test_a_title_is_found_before_it_is_indexed(api: httpx.Client, uid: str) -> None:
    conversations.create(a_conversation(id="new", status="completed", structured={"title": "Zebra"}), uid=uid)
    assert _found(api, query="Zebra", per_page=1) == ["new"]
    assert "new" not in _found(api, query="Zebra", start_date="2026-05-04T12:00:01")


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "  "}])
def test_who_asks_nothing_gets_the_newest(api: httpx.Client, query: dict[str, str]) -> None:
    assert _found(api, **query) == ["c3", "c2", "c1", "c0"]
    page = api.post("/v1/conversations/search", json={**query, "per_page": 3, "page": 2}).json()
    assert ([item["id"] for item in page["items"]], page["total_pages"]) == (["c0"], 2)


@pytest.mark.parametrize(("speaker", "expected"), [("p1", {"c2"}), ("user", {"c3"}), ("nobody", set()), ("..", set())])
def test_only_where_a_person_speaks(api: httpx.Client, speaker: str, expected: set[str]) -> None:
    assert set(_found(api, query="budget", speaker_id=speaker)) == expected
    assert set(_found(api, speaker_id=speaker)) == expected


def test_what_was_discarded_is_found_unless_that_is_not_wanted(api: httpx.Client, uid: str) -> None:
    conversations.reference(uid=uid, conversation_id="c2").update({"discarded": True})
    assert "c2" in _found(api, query="budget")
    assert "c2" not in _found(api, query="budget", include_discarded=False)


def test_items_are_conversations_with_the_mirrors_of_older_clients(api: httpx.Client) -> None:
    [item] = api.post("/v1/conversations/search", json={"query": "garden", "per_page": 1}).json()["items"]
    assert item["plugins_results"] == [{"plugin_id": "a", "content": "x"}]


def test_what_was_made_without_credit_is_truncated(api: httpx.Client, uid: str) -> None:
    conversations.reference(uid=uid, conversation_id="c2").update({"is_locked": True})
    [item] = api.post("/v1/conversations/search", json={"query": "budget", "per_page": 1}).json()["items"]
    assert (item["id"], item["transcript_segments"]) == ("c2", [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "x" * 2001}, 422),
        ({"query": "x", "per_page": 0}, 422),
        ({"query": "x", "page": 1001}, 422),
        ({"query": "x", "start_date": "2026-05-05", "end_date": "2026-05-04"}, 400),
    ],
)
def test_what_makes_no_sense(api: httpx.Client, body: dict[str, Any], status: int) -> None:
    assert api.post("/v1/conversations/search", json=body).status_code == status

"""The REST surface over a real socket: identity, limits, and one form for every error."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import ServiceUnavailable

from common.conversations.index import index_conversation
from common.core import clock
from common.core.errors import ProviderError
from common.database import conversations
from common.entry.api.app import create_app
from common.entry.api.surface import PARTS
from local.http import HttpServer
from tests.support.making import a_conversation, at
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores


@pytest.fixture(scope="module")
def address(stores: Stores) -> Iterator[str]:
    server = HttpServer(create_app(PARTS))
    port = stores.run(server.start())
    yield f"http://127.0.0.1:{port}"
    stores.run(server.stop())


@pytest.fixture
def api(stores: Stores, address: str, uid: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def _create(uid: str, count: int = 1, **fields: Any) -> None:
    for number in range(count):
        conversations.create(
            a_conversation(**{"id": f"c{number}", "status": "completed", "created_at": at(number), **fields}), uid=uid
        )


class TestIdentity:
    """Without a genuine token nothing is told."""

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Basic dTpw", "Bearer garbage", "Bearer a.b.c"])
    def test_who_cannot_be_identified_gets_401_with_a_reason(self, address: str, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}
        answer = httpx.get(f"{address}/v1/conversations", headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.json()["detail"]
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_a_token_that_is_over_gets_401(self, stores: Stores, address: str, uid: str) -> None:
        token = stores.identity.id_token(uid, expires_in_s=-60)
        answer = httpx.get(f"{address}/v1/conversations", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert (answer.status_code, answer.json()) == (401, {"detail": "The token has expired"})

    def test_only_health_is_told_to_everybody(self, address: str) -> None:
        assert httpx.get(f"{address}/v1/health", trust_env=False).json() == {"status": "ok"}

    def test_another_users_conversation_does_not_exist(self, api: httpx.Client, uid: str) -> None:
        _create(f"{uid}-other")
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("PATCH", "/title?title=x"),
            ("POST", "/reprocess"),
        ):
            answer = api.request(method, f"/v1/conversations/c0{path}")
            assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})
        assert api.get("/v1/conversations").json() == []


class TestListing:
    """The newest first, without photos."""

    def test_pages_do_not_overlap(self, api: httpx.Client, uid: str) -> None:
        _create(uid, 5)
        pages = [api.get("/v1/conversations", params={"limit": 2, "offset": offset}).json() for offset in (0, 2, 4)]
        assert [[item["id"] for item in page] for page in pages] == [["c4", "c3"], ["c2", "c1"], ["c0"]]

    def test_what_is_in_progress_or_failed_is_told_when_asked_for(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="in_progress")
        assert api.get("/v1/conversations").json() == []
        asked = api.get("/v1/conversations", params={"statuses": "in_progress, failed"}).json()
        assert [item["id"] for item in asked] == ["c0"]
        assert [item["id"] for item in api.get("/v1/conversations", params={"statuses": ""}).json()] == ["c0"]

    def test_an_item_is_a_conversation_without_photos_and_without_the_chains_fields(
        self, api: httpx.Client, uid: str
    ) -> None:
        _create(uid, photos=[{"base64": "aGk=", "created_at": "2026-05-04T12:00:00Z"}], run=3)
        [item] = api.get("/v1/conversations").json()
        assert item["photos"] == []
        assert "run" not in item
        assert "capture" not in item
        one = api.get("/v1/conversations/c0").json()
        assert one["photos"][0]["base64"] == "aGk="
        assert not {"run", "capture", "covered", "pending_spans"} & one.keys()
        assert one["created_at"] == "2026-05-04T12:00:00Z"

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=501",
            "limit=x",
            "offset=-1",
            "offset=100001",
            "statuses=done",
            "start_date=yesterday",
            "include_discarded=perhaps",
        ],
    )
    def test_what_makes_no_sense_is_422_with_a_reason(self, api: httpx.Client, query: str) -> None:
        answer = api.get(f"/v1/conversations?{query}")
        assert answer.status_code == 422
        assert answer.json()["detail"]

    @pytest.mark.parametrize(
        "query",
        [
            "start_date=2026-05-05T00:00:00Z&end_date=2026-05-04T00:00:00Z",
            "sources=omi,phone&statuses=completed,failed",
        ],
    )
    def test_filters_that_contradict_each_other_are_400_with_a_reason(self, api: httpx.Client, query: str) -> None:
        answer = api.get(f"/v1/conversations?{query}")
        assert answer.status_code == 400
        assert answer.json()["detail"]

    def test_the_limits_themselves_are_fine(self, api: httpx.Client) -> None:
        assert api.get("/v1/conversations?limit=500&offset=100000").json() == []

    def test_dates_may_be_naive_or_of_any_zone(self, api: httpx.Client, uid: str) -> None:
        _create(uid, 3)
        for start in ("2026-05-04T12:00:01Z", "2026-05-04T12:00:01", "2026-05-04T14:00:01+02:00"):
            listed = api.get("/v1/conversations", params={"start_date": start}).json()
            assert [item["id"] for item in listed] == ["c2", "c1"]


class TestOne:
    """Read, rename, process again, delete."""

    def test_a_title_of_the_users_own(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        answer = api.patch("/v1/conversations/c0/title", params={"title": "Mine & only mine"})
        assert answer.json()["status"] == "Ok"
        assert api.get("/v1/conversations/c0").json()["structured"]["title"] == "Mine & only mine"
        for title in ("", "x" * 501):
            assert api.patch("/v1/conversations/c0/title", params={"title": title}).status_code == 422

    def test_processing_again_answers_at_once_and_twice_is_a_conflict(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        assert api.post("/v1/conversations/c0/reprocess").json()["status"] == "processing"
        again = api.post("/v1/conversations/c0/reprocess")
        assert (again.status_code, again.json()) == (409, {"detail": "The conversation is not finished yet"})

    def test_deleting_answers_204_and_then_404(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        first, second = (api.delete("/v1/conversations/c0") for _ in range(2))
        assert (first.status_code, first.content, second.status_code) == (204, b"", 404)

    @pytest.mark.parametrize("conversation_id", ["never", "__x__", "%20", "a%2Fb", "x" * 1600, "%00"])
    def test_an_id_that_does_not_or_cannot_exist_is_404(self, api: httpx.Client, conversation_id: str) -> None:
        answer = api.get(f"/v1/conversations/{conversation_id}")
        assert answer.status_code == 404
        assert answer.json()["detail"]

    def test_the_stop_button_with_nothing_to_stop_is_404(self, api: httpx.Client) -> None:
        for body in (None, {}, {"calendar_meeting_context": {"title": "x"}}):
            answer = api.post("/v1/conversations", json=body)
            assert (answer.status_code, answer.json()) == (404, {"detail": "No conversation in progress"})

    def test_the_stop_button_answers_with_the_conversation(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="completed", capture={"kind": "live", "finish_requested_at": clock.now()})
        answer = api.post("/v1/conversations").json()
        assert (answer["conversation"]["id"], answer["messages"]) == ("c0", [])


class TestErrors:
    """`{"detail": …}`, whatever happens."""

    def test_unknown_paths_and_methods(self, api: httpx.Client) -> None:
        unknown, wrong = api.get("/v1/nothing"), api.put("/v1/conversations")
        assert (unknown.status_code, wrong.status_code) == (404, 405)
        assert unknown.json()["detail"]
        assert wrong.json()["detail"]

    @pytest.mark.parametrize("body", [b"not json", b"[]", b'{"query": 1}', b'{"query": "x", "per_page": 101}'])
    def test_a_body_that_makes_no_sense(self, api: httpx.Client, body: bytes) -> None:
        answer = api.post("/v1/conversations/search", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
        assert answer.json()["detail"]

    def test_what_may_work_later_says_so(self, api: httpx.Client, words: WordEmbedder) -> None:
        def fail() -> None:
            raise ProviderError("The model is busy")

        words.before = fail
        answer = api.post("/v1/conversations/search", json={"query": "x"})
        assert (answer.status_code, answer.json()) == (503, {"detail": "The model is busy"})
        assert answer.headers["retry-after"] == "1"

    def test_a_store_that_is_away_is_503_too(self, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise ServiceUnavailable("10.0.0.7:443 refused")  # type: ignore[no-untyped-call]

        monkeypatch.setattr(conversations, "find", fail)
        answer = api.get("/v1/conversations/c0")
        assert answer.status_code == 503
        assert "10.0.0.7" not in answer.text

    def test_a_defect_is_500_and_tells_nothing(self, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: object) -> None:
            raise KeyError("secret")

        monkeypatch.setattr(conversations, "find", fail)
        answer = api.get("/v1/conversations/c0")
        assert (answer.status_code, answer.json()) == (500, {"detail": "Internal error"})


def test_a_search_is_paged(api: httpx.Client, uid: str, words: WordEmbedder) -> None:
    assert words.calls == 0
    _create(uid, 3, structured={"title": "budget"})
    for number in range(3):
        index_conversation(uid=uid, conversation_id=f"c{number}")
    first = api.post("/v1/conversations/search", json={"query": "budget", "per_page": 2}).json()
    second = api.post("/v1/conversations/search", json={"query": "budget", "per_page": 2, "page": 2}).json()
    assert (first["total_pages"], first["current_page"], first["per_page"]) == (2, 1, 2)
    found = [item["id"] for page in (first, second) for item in page["items"]]
    assert sorted(found) == ["c0", "c1", "c2"]

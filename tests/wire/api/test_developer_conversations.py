"""Conversations for the programs and the language models of their owner."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.conversations.index import index_conversation
from common.conversations.structure import structure_conversation
from common.core.settings import settings
from common.database import api_keys, conversations
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client
from common.models.api_key import Scope
from common.models.conversation import ConversationStatus
from tests.support.making import NOON, a_conversation, a_segment, at
from tests.support.providers import WordEmbedder

pytestmark = pytest.mark.usefixtures("stores", "first_words")

DEV = "/v1/dev/user/conversations"
MCP = "/v1/mcp/conversations"


def _create(uid: str, conversation_id: str = "c0", **fields: Any) -> None:
    conversations.create(a_conversation(**{"id": conversation_id, "status": "completed", **fields}), uid=uid)


def _client(address: str, kind: KeyKind, uid: str, *scopes: Scope) -> httpx.Client:
    _, secret = api_keys.create(kind, uid=uid, name="k", scopes=[*scopes] or None)
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=30, trust_env=False)


@pytest.fixture
def dev(address: str, uid: str) -> Iterator[httpx.Client]:
    with _client(address, KeyKind.DEVELOPER, uid, Scope.READ_CONVERSATIONS, Scope.WRITE_CONVERSATIONS) as client:
        yield client


@pytest.fixture
def mcp(address: str, uid: str) -> Iterator[httpx.Client]:
    with _client(address, KeyKind.MCP, uid) as client:
        yield client


@pytest.fixture
def chain(uid: str) -> Iterator[None]:
    """What the trigger does: whatever enters `processing` is structured."""
    over = threading.Event()

    def follow() -> None:
        while not over.is_set():
            for each in conversations.list_newest(uid=uid, limit=10, statuses=[ConversationStatus.PROCESSING]):
                structure_conversation(uid=uid, conversation_id=each.id, run=each.run)
            time.sleep(0.05)

    worker = threading.Thread(target=follow)
    worker.start()
    yield
    over.set()
    worker.join()


class TestDeveloperList:
    """Completed, kept, unlocked; the newest first."""

    def test_only_what_is_finished_is_shown_and_each_in_the_contracts_shape(self, dev: httpx.Client, uid: str) -> None:
        _create(uid, "done", folder_id="f1", starred=True, transcript_segments=[a_segment("x", 0, 1)])
        for name, fields in (
            ("locked", {"is_locked": True}),
            ("discarded", {"discarded": True}),
            ("processing", {"status": "processing"}),
        ):
            _create(uid, name, **fields)
        folder = {"name": "Work", "created_at": NOON, "updated_at": NOON}
        firestore_client().collection("users", uid, "folders").document("f1").set(folder)
        [shown] = dev.get(DEV, params={"include_transcript": "false"}).json()
        assert shown == {
            "id": "done",
            "created_at": "2026-05-04T12:00:00Z",
            "updated_at": shown["updated_at"],
            "started_at": "2026-05-04T12:00:00Z",
            "finished_at": "2026-05-04T12:00:00Z",
            "language": None,
            "source": "omi",
            "status": "completed",
            "discarded": False,
            "structured": shown["structured"],
            "transcript_segments": None,
            "geolocation": None,
            "folder_id": "f1",
            "folder_name": "Work",
            "starred": True,
        }
        assert shown["structured"].keys() == {"title", "overview", "emoji", "category", "action_items", "events"}

    def test_filters_hold_on_every_page(self, dev: httpx.Client, uid: str) -> None:
        for number in range(5):
            category = "work" if number % 2 == 0 else "travel"
            _create(uid, f"c{number}", created_at=at(number * 86400), structured={"category": category})
        asked: dict[str, Any] = {"categories": "work", "limit": 1, "start_date": "2026-05-05T00:00:00"}
        pages = [dev.get(DEV, params={**asked, "offset": offset}).json() for offset in range(3)]
        assert [[each["id"] for each in page] for page in pages] == [["c4"], ["c2"], []]
        whole_day = dev.get(DEV, params={"start_date": "2026-05-05", "end_date": "2026-05-05"}).json()
        assert [each["id"] for each in whole_day] == ["c1"]

    def test_two_hundred_are_not_clamped(self, dev: httpx.Client) -> None:
        assert dev.get(DEV, params={"limit": 200}).json() == []
        for limit in (0, 201):
            assert dev.get(DEV, params={"limit": limit}).status_code == 422
        assert dev.get(DEV, params={"categories": "nonsense"}).status_code == 422
        assert dev.get(DEV, params={"start_date": "2026-05-05", "end_date": "2026-05-04"}).status_code == 400

    def test_speakers_have_names_and_long_transcripts_are_whole(self, dev: httpx.Client, uid: str) -> None:
        people = firestore_client().collection("users", uid, "people")
        people.document("p1").set({"name": "Ada", "created_at": NOON, "updated_at": NOON})
        said = [
            a_segment("a", 0, 1, is_user=True),
            a_segment("b", 1, 2, speaker="SPEAKER_01", person_id="p1"),
            a_segment("c", 2, 3, speaker="SPEAKER_02", person_id="gone"),
            a_segment("d", 3, 4, speaker="SPEAKER_03"),
        ]
        long = [a_segment(f"{n:x}" * 40 + str(hash((n, "x"))), n + 4, n + 5) for n in range(3000)]
        _create(uid, transcript_segments=said + long, external_data={"speakers": {"SPEAKER_03": "Bob"}})
        for shown in (
            dev.get(DEV, params={"include_transcript": "true"}).json()[0],
            dev.get(f"{DEV}/c0", params={"include_transcript": "true"}).json(),
        ):
            named = [each["speaker_name"] for each in shown["transcript_segments"]]
            assert (named[:4], len(named)) == (["You", "Ada", "Speaker 2", "Bob"], 3004)


class TestDeveloperOne:
    """Read, revised, deleted."""

    def test_a_title_and_a_verdict_of_the_owners_outlive_the_next_run(self, dev: httpx.Client, uid: str) -> None:
        _create(uid, transcript_segments=[a_segment("we spoke of the budget", 0, 1)])
        answer = dev.patch(f"{DEV}/c0", json={"title": "Mine", "discarded": True})
        assert answer.status_code == 200
        assert (answer.json()["structured"]["title"], answer.json()["discarded"]) == ("Mine", True)
        conversations.reference(uid=uid, conversation_id="c0").update({"status": "processing", "run": 1})
        structure_conversation(uid=uid, conversation_id="c0", run=1)
        after = dev.get(f"{DEV}/c0").json()
        assert (after["structured"]["title"], after["discarded"], after["status"]) == ("Mine", True, "completed")
        assert dev.get(DEV).json() == []
        assert not dev.patch(f"{DEV}/c0", json={"discarded": False}).json()["discarded"]
        assert len(dev.get(DEV).json()) == 1

    @pytest.mark.parametrize(
        "body", [{"title": ""}, {"title": " "}, {"title": "x" * 501}, {"discarded": "perhaps"}, None]
    )
    def test_a_revision_that_makes_no_sense_is_422(self, dev: httpx.Client, uid: str, body: Any) -> None:
        _create(uid)
        assert dev.patch(f"{DEV}/c0", json=body).status_code == 422

    def test_deleting(self, dev: httpx.Client, uid: str) -> None:
        _create(uid)
        answers = [dev.delete(f"{DEV}/c0") for _ in range(2)]
        assert [(each.status_code, each.json()) for each in answers] == [
            (200, {"success": True}),
            (404, {"detail": "Conversation not found"}),
        ]

    def test_another_users_and_locked_ones(self, dev: httpx.Client, mcp: httpx.Client, uid: str) -> None:
        _create(f"{uid}-other")
        _create(uid, "locked", is_locked=True)
        for client, base in ((dev, DEV), (mcp, MCP)):
            assert client.get(f"{base}/c0").status_code == 404
            assert client.get(f"{base}/locked").status_code == 402
        assert dev.patch(f"{DEV}/c0", json={"title": "x"}).status_code == 404
        assert dev.patch(f"{DEV}/locked", json={"title": "x"}).status_code == 402
        assert dev.delete(f"{DEV}/c0").status_code == 404

    def test_a_key_does_only_what_its_scopes_say(self, address: str, uid: str) -> None:
        _create(uid)
        with _client(address, KeyKind.DEVELOPER, uid, Scope.READ_CONVERSATIONS) as reader:
            assert reader.get(f"{DEV}/c0").status_code == 200
            assert reader.delete(f"{DEV}/c0").status_code == 403
            assert reader.post(DEV, json={"text": "x"}).status_code == 403
        with _client(address, KeyKind.DEVELOPER, uid, Scope.READ_MEMORIES) as stranger:
            assert stranger.get(DEV).status_code == 403


class TestHandingOver:
    """Text and segments become conversations while the program waits."""

    @pytest.mark.usefixtures("chain")
    def test_a_text_is_structured_before_the_answer(self, dev: httpx.Client) -> None:
        answer = dev.post(DEV, json={"text": "We should buy bread. " * 20, "language": "en", "text_source": "message"})
        assert answer.status_code == 200
        assert answer.json() == {"id": answer.json()["id"], "status": "completed", "discarded": False}
        shown = dev.get(f"{DEV}/{answer.json()['id']}", params={"include_transcript": True}).json()
        assert shown["structured"]["title"] == "We should buy"
        assert [each["speaker_name"] for each in shown["transcript_segments"]] == ["Speaker 0"]

    @pytest.mark.usefixtures("chain")
    def test_segments_of_one_session_are_one_conversation(self, dev: httpx.Client) -> None:
        body = {
            "transcript_segments": [{"text": "We signed the lease", "start": 0, "end": 2, "speaker": "Ann"}],
            "client_session_id": "s1",
        }
        first, second = (dev.post(f"{DEV}/from-segments", json=body).json() for _ in range(2))
        assert first == second == {"id": first["id"], "status": "completed", "discarded": False}
        assert dev.delete(f"{DEV}/{first['id']}").status_code == 200
        third = dev.post(f"{DEV}/from-segments", json=body).json()
        assert third == {"id": first["id"], "status": "deleted", "discarded": True}

    @pytest.mark.usefixtures("chain")
    def test_the_same_idempotency_key_hands_over_once(self, dev: httpx.Client) -> None:
        headers = {"Idempotency-Key": "k1"}
        answers = [dev.post(DEV, json={"text": "Only once please"}, headers=headers) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert len(dev.get(DEV).json()) == 1

    def test_when_the_chain_is_slow_the_answer_says_processing(
        self, dev: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANSWER_WAIT_S", "0.1")
        settings.cache_clear()
        answer = dev.post(DEV, json={"text": "Later"})
        settings.cache_clear()
        assert (answer.status_code, answer.json()["status"]) == (200, "processing")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": "x" * 100_001},
            {"text": "x", "started_at": "2026-05-04T12:00:01", "finished_at": "2026-05-04T12:00:00Z"},
            {"text": "x", "text_source": "dream"},
        ],
    )
    def test_a_text_that_makes_no_sense_is_422(self, dev: httpx.Client, body: dict[str, Any]) -> None:
        answer = dev.post(DEV, json=body)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["msg"]

    @pytest.mark.parametrize("segments", [[], [{"start": 0, "end": 1}], [{"text": "x", "start": 2, "end": 1}], "x"])
    def test_segments_that_make_no_sense_are_422(self, dev: httpx.Client, segments: Any) -> None:
        assert dev.post(f"{DEV}/from-segments", json={"transcript_segments": segments}).status_code == 422


class TestMcp:
    """The same for language models, with less of it."""

    def test_lists_tell_what_it_was_about(self, mcp: httpx.Client, uid: str) -> None:
        _create(uid, structured={"title": "T", "overview": "O", "category": "work"}, language="en")
        _create(uid, "c1", discarded=True)
        _create(uid, "c2", is_locked=True)
        [shown] = mcp.get(MCP).json()
        assert shown == {
            "id": "c0",
            "started_at": "2026-05-04T12:00:00Z",
            "finished_at": "2026-05-04T12:00:00Z",
            "structured": {"title": "T", "overview": "O", "category": "work"},
            "language": "en",
        }
        assert mcp.get(MCP, params={"categories": "travel,romantic"}).json() == []

    @pytest.mark.parametrize(
        ("dates", "found"),
        [
            ({"start_date": "2026-05-04", "end_date": "2026-05-04"}, 1),
            ({"start_date": "2026-05-04T00:00:00", "end_date": "2026-05-05T00:00:00"}, 1),
            ({"end_date": "2026-05-03"}, 0),
            ({"start_date": "2026-05-05"}, 0),
        ],
    )
    def test_an_end_without_a_time_is_the_end_of_that_day(
        self, mcp: httpx.Client, uid: str, dates: dict[str, str], found: int
    ) -> None:
        _create(uid)
        assert len(mcp.get(MCP, params=dates).json()) == found

    def test_one_has_its_words(self, mcp: httpx.Client, uid: str) -> None:
        _create(uid, transcript_segments=[a_segment("Hi", 0, 1.5, id="s1", speaker="SPEAKER_04")])
        [said] = mcp.get(f"{MCP}/c0").json()["transcript_segments"]
        expected = {"id": "s1", "text": "Hi", "speaker_id": 4, "speaker_name": "Speaker 4", "start": 0.0, "end": 1.5}
        assert said == expected

    def test_search_finds_what_is_about_it(self, mcp: httpx.Client, uid: str, words: WordEmbedder) -> None:
        for number, title in enumerate(["budget", "garden"]):
            _create(uid, f"c{number}", structured={"title": title})
            index_conversation(uid=uid, conversation_id=f"c{number}")
        assert words.calls
        found = mcp.get(f"{MCP}/search", params={"query": "garden", "limit": 1, "end_date": "2026-05-04"}).json()
        assert [each["id"] for each in found] == ["c1"]
        assert mcp.get(f"{MCP}/search", params={"query": "garden", "end_date": "2026-05-03"}).json() == []
        assert mcp.get(f"{MCP}/search").status_code == 422

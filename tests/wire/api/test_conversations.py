"""`/v1/conversations`: lists with filters, counts, one of them, its processing, deleting it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.conversations.purge import purge_conversation
from common.core import clock
from common.database import (
    action_items,
    claims,
    conversations,
    installs,
    memories,
    photos,
    segment_batches,
    tombstones,
    transcript_cache,
)
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client
from common.models.attachments import ConversationPhoto
from common.models.conversation import ConversationStatus
from tests.support.apps import make_app
from tests.support.making import NOON, a_batch, a_conversation, a_segment, at
from tests.support.programs import program
from tests.wire.api.conftest import ApiAs

pytestmark = pytest.mark.usefixtures("stores")


def _create(uid: str, conversation_id: str = "c0", **fields: Any) -> None:
    conversations.create(a_conversation(**{"id": conversation_id, "status": "completed", **fields}), uid=uid)


@pytest.fixture
def six(uid: str) -> None:
    made: list[dict[str, Any]] = [
        {},
        {"source": "phone", "starred": True},
        {"status": "processing", "folder_id": "f1"},
        {"status": "failed", "source": "phone"},
        {"discarded": True, "folder_id": "f1"},
        {"structured": {"category": "work"}, "source": "desktop"},
    ]
    for number, fields in enumerate(made):
        _create(uid, f"c{number}", created_at=at(number), **fields)


class TestFilters:
    """What a list shows, a count counts."""

    @pytest.mark.usefixtures("six")
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "c5 c4 c2 c1 c0"),
            ("statuses=", "c5 c4 c3 c2 c1 c0"),
            ("statuses=failed", "c3"),
            ("include_discarded=false", "c5 c2 c1 c0"),
            ("sources=phone", "c1"),
            ("sources=phone&statuses=", "c3 c1"),
            ("sources=phone,desktop&statuses=completed", "c5 c1"),
            ("folder_id=f1", "c4 c2"),
            ("folder_id=f1&include_discarded=false", "c2"),
            ("starred=true", "c1"),
            ("starred=false&statuses=completed", "c5 c4 c0"),
            ("start_date=2026-05-04T12:00:01&end_date=2026-05-04T12:00:04Z", "c4 c2 c1"),
            ("start_date=2026-05-04T12:00:00Z&end_date=2026-05-04T12:00:04Z&folder_id=f1&starred=false", "c4 c2"),
            ("folder_id=f1&sources=omi,phone&statuses=completed&start_date=2026-05-04T12:00:00Z", "c4"),
        ],
    )
    def test_list_and_count_agree(self, api: httpx.Client, query: str, expected: str) -> None:
        listed = api.get(f"/v1/conversations?{query}")
        assert listed.status_code == 200
        assert [item["id"] for item in listed.json()] == expected.split()
        assert api.get(f"/v1/conversations/count?{query}").json() == {"count": len(expected.split())}

    @pytest.mark.parametrize("path", ["", "/count"])
    def test_what_makes_no_sense_together_is_400(self, api: httpx.Client, path: str) -> None:
        for query in (
            "start_date=2026-05-05T00:00:00Z&end_date=2026-05-04T00:00:00Z",
            "sources=omi,phone",
            "sources=omi,phone&statuses=completed,failed",
        ):
            answer = api.get(f"/v1/conversations{path}?{query}")
            assert answer.status_code == 400, query
            assert isinstance(answer.json()["detail"], str)

    @pytest.mark.parametrize("query", ["statuses=done", "sources=toaster", "starred=maybe", "folder_id=" + "x" * 1501])
    def test_values_nobody_knows_are_422(self, api: httpx.Client, query: str) -> None:
        assert api.get(f"/v1/conversations?{query}").status_code == 422
        assert api.get(f"/v1/conversations/count?{query}").status_code == 422

    def test_pages_go_on_where_the_last_one_ended_and_keep_their_filters(self, api: httpx.Client, uid: str) -> None:
        for number in range(6):
            _create(uid, f"c{number}", created_at=at(number), starred=number % 2 == 0)
        asked = {"limit": 2, "starred": True}
        first = api.get("/v1/conversations", params=asked).json()
        _create(uid, "new", created_at=at(60), starred=True)
        second = api.get("/v1/conversations", params={**asked, "offset": 2}).json()
        assert [item["id"] for item in (*first, *second)] == ["c4", "c2", "c0"]

    def test_of_another_user_nothing_is_shown_or_counted(self, api_as: ApiAs, uid: str) -> None:
        _create(uid)
        other = api_as(f"{uid}-other")
        assert other.get("/v1/conversations").json() == []
        assert other.get("/v1/conversations/count").json() == {"count": 0}


def test_what_was_made_without_credit_is_truncated_in_lists_and_402_alone(api: httpx.Client, uid: str) -> None:
    _create(
        uid,
        is_locked=True,
        transcript_segments=[a_segment("secret", 0, 1)],
        apps_results=[{"app_id": "a", "content": "secret"}],
        structured={"title": "Shown", "action_items": [{"description": "secret"}]},
    )
    listed = api.get("/v1/conversations")
    assert listed.json()[0]["structured"]["title"] == "Shown"
    assert "secret" not in listed.text
    for method, path in (("GET", ""), ("POST", "/reprocess"), ("POST", "/finalize"), ("GET", "/finalization")):
        answer = api.request(method, f"/v1/conversations/c0{path}")
        assert (answer.status_code, "secret" in answer.text) == (402, False), path
    assert api.delete("/v1/conversations/c0").status_code == 204


class TestAPageOfDays:
    """A page holds eleven hours of talk; an instance answers dozens of them at once."""

    def test_what_has_no_room_in_a_page_is_there_by_itself(self, api: httpx.Client, address: str, uid: str) -> None:
        said = [a_segment("yes", n, n + 1, id=str(n)) for n in range(900)]
        for number in range(14):
            conversation = a_conversation(
                id=f"c{number:02}", status="completed", created_at=at(number), transcript_segments=said
            )
            conversations.create(conversation, uid=uid)
        with program(address, KeyKind.DEVELOPER, uid=uid) as dev:
            for_programs = dev.get("/v1/dev/user/conversations", params={"include_transcript": "true"}).json()
        page, beginning = api.get("/v1/conversations"), api.get("/v1/conversations", params={"limit": 11})
        assert page.headers["X-Omi-List-Truncated"] == "true"
        assert "X-Omi-List-Truncated" not in beginning.headers
        for listed in (page.json(), for_programs):
            lengths = [len(each["transcript_segments"]) for each in listed]
            assert lengths == [900] * 12 + [0] * 2
        assert len(api.get("/v1/conversations/c00").json()["transcript_segments"]) == 900


class TestOne:
    """One conversation with all that belongs to it."""

    def test_photos_come_from_the_document_and_from_beside_it(self, api: httpx.Client, uid: str) -> None:
        _create(uid, photos=[{"id": "p0", "base64": "aA==", "created_at": NOON}])
        beside = [ConversationPhoto(id=f"p{n}", base64="aQ==", created_at=at(10 - n)) for n in (1, 2)]
        photos.put_all(beside, uid=uid, conversation_id="c0")
        shown = api.get("/v1/conversations/c0").json()["photos"]
        assert [photo["id"] for photo in shown] == ["p0", "p2", "p1"]
        assert api.get("/v1/conversations").json()[0]["photos"] == []

    def test_while_it_is_captured_it_is_shown_with_its_words_so_far(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="in_progress")
        segment_batches.put(a_batch(3, 5, a_segment("so far", 3, 5)), uid=uid, conversation_id="c0")
        shown = api.get("/v1/conversations/c0").json()
        assert [each["text"] for each in shown["transcript_segments"]] == ["so far"]
        assert (shown["status"], shown["finished_at"]) == ("in_progress", "2026-05-04T12:00:05Z")

    def test_a_long_transcript_that_was_read_once_costs_one_read(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        segments = [a_segment(f"{n:x}" * 40 + str(hash((n, "x"))), n, n + 1, id=str(n)) for n in range(3000)]
        _create(uid, transcript_segments=segments)
        [listed] = conversations.list_newest(uid=uid, limit=1)
        assert listed.transcript_chunks > 1
        first = api.get("/v1/conversations/c0").json()
        monkeypatch.setattr("common.database.transcripts.read_chunks", lambda *_: pytest.fail("read again"))
        assert api.get("/v1/conversations/c0").json() == first
        assert [each["id"] for each in first["transcript_segments"]] == [str(n) for n in range(3000)]
        monkeypatch.undo()
        api.patch("/v1/conversations/c0/segments/text", json={"segment_id": "7", "text": "other"})
        assert api.get("/v1/conversations/c0").json()["transcript_segments"][7]["text"] == "other"
        revision = conversations.get(uid=uid, conversation_id="c0").transcript_revision
        assert transcript_cache.recall(revision, uid=uid, conversation_id="c0")
        api.delete("/v1/conversations/c0")
        assert transcript_cache.recall(revision, uid=uid, conversation_id="c0") is None


class TestFinishing:
    """The stop button."""

    def test_it_answers_in_todays_and_in_yesterdays_words_and_notes_the_meeting(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("common.conversations.finish.await_terminal", conversations.get)
        _create(uid, status="in_progress")
        meeting = {"title": "Planning", "participants": [{"name": "Ada"}], "start_time": "2026-05-04T12:00:00"}
        answer = api.post("/v1/conversations", json={"calendar_meeting_context": meeting}).json()
        assert answer["conversation"] == answer["memory"]
        assert answer["conversation"]["status"] == "processing"
        assert answer["messages"] == []
        noted = answer["conversation"]["external_data"]["calendar_meeting_context"]
        assert (noted["title"], noted["start_time"]) == ("Planning", "2026-05-04T12:00:00Z")

    def test_a_body_of_nothing_is_fine(self, api: httpx.Client) -> None:
        answer = api.post("/v1/conversations", content=b"", headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()) == (404, {"detail": "No conversation in progress"})

    def test_a_conversation_is_closed_by_its_id_once(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="in_progress")
        answers = [api.post("/v1/conversations/c0/finalize", content=b"") for _ in range(2)]
        assert [(each.status_code, each.json()["status"]) for each in answers] == [(200, "processing")] * 2
        assert conversations.get(uid=uid, conversation_id="c0").run == 1

    def test_one_that_is_being_merged_is_a_conflict(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="merging")
        assert api.post("/v1/conversations/c0/finalize").status_code == 409


class TestFinalization:
    """How far the processing is."""

    def test_attempts_are_those_of_the_present_run(self, api: httpx.Client, uid: str) -> None:
        _create(uid, status="processing", run=2)
        for run, times in ((1, 1), (2, 3)):
            for _ in range(times):
                claim = claims.acquire(uid=uid, step="structure_conversation", subject="c0", run=run, lease_seconds=60)
                assert isinstance(claim, claims.Claim)
                claims.release(claim)
        assert api.get("/v1/conversations/c0/finalization").json() == {
            "job_id": "c0:2",
            "status": "processing",
            "terminal": False,
            "retryable": False,
            "attempt_count": 3,
            "task_retry_count": 2,
        }

    def test_a_failure_says_whether_it_will_be_tried_again(self, api: httpx.Client, uid: str) -> None:
        for number, retry_at in enumerate([clock.now(), None]):
            _create(uid, f"c{number}", status="failed", failure={"step": "s", "reason": "r", "retry_at": retry_at})
        told = [api.get(f"/v1/conversations/c{number}/finalization").json() for number in (0, 1)]
        assert [(each["terminal"], each["retryable"]) for each in told] == [(True, True), (True, False)]

    def test_of_another_user_it_does_not_exist(self, api_as: ApiAs, uid: str) -> None:
        _create(uid)
        other = api_as(f"{uid}-other")
        assert other.get("/v1/conversations/c0/finalization").status_code == 404
        assert other.post("/v1/conversations/c0/finalize").status_code == 404


class TestReprocessing:
    """Once more, in another language, for another app."""

    def test_language_and_app_are_noted_and_what_was_discarded_is_kept(self, api: httpx.Client, uid: str) -> None:
        _create(uid, discarded=True)
        app = make_app(capabilities=["memories"], memory_prompt="money")
        installs.enable(app, uid=uid)
        answer = api.post(f"/v1/conversations/c0/reprocess?language_code=de&app_id={app.id}", content=b"")
        assert (answer.status_code, answer.json()["status"], answer.json()["language"]) == (200, "processing", "de")
        stored = conversations.get(uid=uid, conversation_id="c0")
        assert (stored.summary_app_id, stored.run) == (app.id, 1)
        assert stored.relevance is not None
        assert (stored.relevance.verdict, stored.relevance.decided_by) == ("keep", "user")

    @pytest.mark.parametrize(
        ("fields", "enabled", "status"),
        [
            ({"approved": False}, True, 404),
            ({"private": True}, True, 403),
            ({"is_paid": True, "price": 5.0}, False, 403),
            ({}, False, 403),
            ({"memory_prompt": ""}, True, 400),
            ({"disabled": True}, True, 400),
        ],
    )
    def test_an_app_that_may_not_work_for_the_user_is_refused_and_nothing_begins(
        self, api: httpx.Client, uid: str, fields: dict[str, Any], status: int, *, enabled: bool
    ) -> None:
        _create(uid)
        app = make_app(**{"capabilities": ["memories"], "memory_prompt": "money", **fields})
        if enabled:
            installs.enable(app, uid=uid)
        assert api.post(f"/v1/conversations/c0/reprocess?app_id={app.id}").status_code == status
        assert api.post("/v1/conversations/c0/reprocess?app_id=nobodys").status_code == 404
        assert conversations.get(uid=uid, conversation_id="c0").status.value == "completed"

    def test_twice_at_once_is_a_conflict(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        answers = [api.post("/v1/conversations/c0/reprocess").status_code for _ in range(2)]
        assert answers == [200, 409]


class TestDeleting:
    """Nothing of it is left, and nothing comes back."""

    def _learn(self, uid: str, conversation_id: str) -> None:
        user = firestore_client().collection("users").document(uid)
        user.collection("memories").document(f"m-{conversation_id}").set(
            {"uid": uid, "content": "x", "conversation_id": conversation_id, "created_at": NOON, "updated_at": NOON}
        )
        user.collection("action_items").document(f"a-{conversation_id}").set(
            {"description": "x", "conversation_id": conversation_id, "created_at": NOON, "updated_at": NOON}
        )

    def _learned(self, uid: str) -> set[str]:
        stores = (memories.of(uid=uid).collection, action_items.of(uid=uid).collection)
        return {snapshot.id for store in stores for snapshot in store.stream()}

    def test_it_answers_nothing_and_the_second_time_404(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        first, second = (api.delete("/v1/conversations/c0") for _ in range(2))
        assert (first.status_code, first.content, second.status_code) == (204, b"", 404)
        grave = tombstones.of(uid=uid).get("c0")
        assert (grave.cascade, grave.expire_at > clock.now()) == (False, True)

    def test_without_cascade_what_was_learned_stays(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        self._learn(uid, "c0")
        assert api.delete("/v1/conversations/c0").status_code == 204
        purge_conversation(uid=uid, conversation_id="c0")
        assert self._learned(uid) == {"m-c0", "a-c0"}

    def test_with_cascade_it_goes_at_once_and_what_comes_late_goes_too(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        for conversation_id in ("c0", "c1"):
            self._learn(uid, conversation_id)
        assert api.delete("/v1/conversations/c0?cascade=true").status_code == 204
        assert self._learned(uid) == {"m-c1", "a-c1"}
        self._learn(uid, "c0")
        purge_conversation(uid=uid, conversation_id="c0")
        assert self._learned(uid) == {"m-c1", "a-c1"}

    def test_of_two_at_once_one_deletes(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        with ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda _: api.delete("/v1/conversations/c0").status_code, range(2))
            assert sorted(answers) == [204, 404]

    def test_another_users_stays(self, api_as: ApiAs, uid: str) -> None:
        _create(uid)
        assert api_as(f"{uid}-other").delete("/v1/conversations/c0?cascade=true").status_code == 404
        assert conversations.get(uid=uid, conversation_id="c0").status is ConversationStatus.COMPLETED

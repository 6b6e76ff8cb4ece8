"""What a user changes about a conversation, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.conversations.structure import structure_conversation
from common.database import action_items, conversations, people
from common.database.action_items import Filters
from common.models.action_item import ActionItem
from common.models.person import Person
from tests.support.making import NOON, a_conversation, a_segment
from tests.support.providers import FirstWordsStructurer

CONVERSATION = "/v1/conversations/c1"
WORDS = "I looked at the flat near the station and the landlord wants the budget before Friday"
STRUCTURED = {
    "title": "Flat",
    "overview": "A flat was found.",
    "action_items": ["Call the landlord", "Measure the kitchen"],
    "events": [
        {"title": "Viewing", "start": "2026-05-08T10:00:00Z"},
        {"title": "Move", "start": "2026-06-01T08:00:00Z"},
    ],
}


def _create(uid: str, **fields: Any) -> None:
    segments = [
        a_segment("hello", 0, 1, id="s0", speaker="SPEAKER_00"),
        a_segment("good day", 1, 2, id="s1", speaker="SPEAKER_01", person_id="old"),
        a_segment("how are you", 2, 3, id="s2", speaker="SPEAKER_00"),
    ]
    known = {"status": "completed", "structured": STRUCTURED, "transcript_segments": segments, **fields}
    conversations.create(a_conversation(**known), uid=uid)


def _person(uid: str, person_id: str = "p1") -> None:
    people.of(uid=uid).put(Person(id=person_id, name="Ada", created_at=NOON, updated_at=NOON))


EDITS: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", "/title", {"params": {"title": "x"}}),
    ("PATCH", "/starred", {"params": {"starred": True}}),
    ("PATCH", "/summary", {"json": {"content": "x"}}),
    ("PATCH", "/events", {"json": {"events_idx": [0], "values": [True]}}),
    ("GET", "/action-items", {}),
    ("PATCH", "/action-items", {"json": {"items_idx": [0], "values": [True]}}),
    ("PATCH", "/action-items/0", {"json": {"old_description": "Call the landlord", "description": "x"}}),
    ("DELETE", "/action-items", {"json": {"description": "Call the landlord", "completed": False}}),
    ("PATCH", "/segments/text", {"json": {"segment_id": "s0", "text": "x"}}),
    ("PATCH", "/segments/0/assign", {"params": {"assign_type": "is_user", "value": "true"}}),
    ("PATCH", "/assign-speaker/0", {"params": {"assign_type": "is_user", "value": "true"}}),
    ("PATCH", "/segments/assign-bulk", {"json": {"segment_ids": ["s0"], "assign_type": "is_user", "value": "true"}}),
]


class TestWhose:
    """Only the owner's, only when paid for, only when there."""

    @pytest.mark.parametrize(("method", "path", "request_"), EDITS)
    def test_nobody_edits_what_belongs_to_another(
        self, api: httpx.Client, uid: str, method: str, path: str, request_: dict[str, Any]
    ) -> None:
        _create(f"{uid}-other")
        answer = api.request(method, f"{CONVERSATION}{path}", **request_)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})
        untouched = conversations.get(uid=f"{uid}-other", conversation_id="c1")
        assert untouched.structured.title == "Flat"

    @pytest.mark.parametrize(("method", "path", "request_"), EDITS)
    def test_what_was_made_without_credit_is_402_and_stays(
        self, api: httpx.Client, uid: str, method: str, path: str, request_: dict[str, Any]
    ) -> None:
        _create(uid, is_locked=True)
        before = conversations.get(uid=uid, conversation_id="c1")
        answer = api.request(method, f"{CONVERSATION}{path}", **request_)
        assert answer.status_code == 402
        assert answer.json()["detail"]
        assert conversations.get(uid=uid, conversation_id="c1") == before

    @pytest.mark.parametrize(("method", "path", "request_"), EDITS)
    def test_without_a_token_it_is_401(
        self, anybody: httpx.Client, method: str, path: str, request_: dict[str, Any]
    ) -> None:
        assert anybody.request(method, f"{CONVERSATION}{path}", **request_).status_code == 401


class TestWhole:
    """Title, star, summary."""

    def test_a_title(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        answer = api.patch(f"{CONVERSATION}/title", params={"title": "Ours"})
        assert answer.json()["status"] == "Ok"
        assert answer.json()["conversation"]["structured"]["title"] == "Ours"

    @pytest.mark.parametrize("status", ["in_progress", "processing", "failed"])
    def test_title_and_star_need_not_wait_for_the_end(self, api: httpx.Client, uid: str, status: str) -> None:
        _create(uid, status=status)
        assert api.patch(f"{CONVERSATION}/title", params={"title": "Ours"}).status_code == 200
        assert api.patch(f"{CONVERSATION}/starred", params={"starred": "true"}).json() == {"status": "Ok"}
        assert conversations.get(uid=uid, conversation_id="c1").starred

    def test_a_star_comes_and_goes(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        for starred in (True, False):
            assert api.patch(f"{CONVERSATION}/starred", params={"starred": starred}).status_code == 200
            assert api.get(CONVERSATION).json()["starred"] is starred
        assert api.patch(f"{CONVERSATION}/starred").status_code == 422

    def test_the_overview_is_rewritten(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        assert api.patch(f"{CONVERSATION}/summary", json={"content": "Mine", "app_id": None}).json() == {"status": "Ok"}
        shown = api.get(CONVERSATION).json()
        assert shown["structured"]["overview"] == "Mine"
        assert "user_overview" not in shown

    def test_what_an_app_made_of_it_is_rewritten(self, api: httpx.Client, uid: str) -> None:
        _create(uid, apps_results=[{"app_id": "a", "content": "1"}, {"app_id": "b", "content": "2"}])
        assert api.patch(f"{CONVERSATION}/summary", json={"app_id": "b", "content": "mine"}).status_code == 200
        shown = api.get(CONVERSATION).json()
        assert [result["content"] for result in shown["apps_results"]] == ["1", "mine"]
        assert shown["structured"]["overview"] == "A flat was found."
        unknown = api.patch(f"{CONVERSATION}/summary", json={"app_id": "c", "content": "x"})
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "The app has no result here"})


class TestAgenda:
    """Action items and events."""

    def test_action_items_are_listed(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        listed = api.get(f"{CONVERSATION}/action-items").json()
        assert listed["conversation_id"] == "c1"
        assert [item["description"] for item in listed["action_items"]] == ["Call the landlord", "Measure the kitchen"]

    def test_done_and_open_again(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        marks = {"items_idx": [1, 0], "values": [True, False]}
        assert api.patch(f"{CONVERSATION}/action-items", json=marks).json() == {"status": "Ok"}
        first, second = conversations.get(uid=uid, conversation_id="c1").structured.action_items
        assert (first.completed, second.completed) == (False, True)
        assert first.completed_at is None
        assert second.completed_at is not None
        api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [1], "values": [False]})
        assert conversations.get(uid=uid, conversation_id="c1").structured.action_items[1].completed_at is None

    def test_events_are_marked_as_exported(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        assert api.patch(f"{CONVERSATION}/events", json={"events_idx": [1], "values": [True]}).json() == {
            "status": "Ok"
        }
        assert [event["created"] for event in api.get(CONVERSATION).json()["structured"]["events"]] == [False, True]

    @pytest.mark.parametrize(("path", "places"), [("events", "events_idx"), ("action-items", "items_idx")])
    def test_places_that_are_not_there_change_nothing(
        self, api: httpx.Client, uid: str, path: str, places: str
    ) -> None:
        _create(uid)
        answer = api.patch(f"{CONVERSATION}/{path}", json={places: [0, 2], "values": [True, True]})
        assert answer.status_code == 404
        structured = api.get(CONVERSATION).json()["structured"]
        assert not structured["action_items"][0]["completed"]
        assert not structured["events"][0]["created"]
        for misshapen in (
            {places: [0], "values": []},
            {places: [-1], "values": [True]},
            {places: [10**30], "values": [True]},
        ):
            assert api.patch(f"{CONVERSATION}/{path}", json=misshapen).status_code == 422

    def test_an_action_item_is_reworded_wherever_it_is_now(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        body = {"old_description": "Measure the kitchen", "description": "Measure everything"}
        assert api.patch(f"{CONVERSATION}/action-items/0", json=body).json() == {"status": "Ok"}
        items = api.get(CONVERSATION).json()["structured"]["action_items"]
        assert [item["description"] for item in items] == ["Call the landlord", "Measure everything"]
        assert api.patch(f"{CONVERSATION}/action-items/0", json=body).status_code == 404
        assert api.patch(f"{CONVERSATION}/action-items/0", json={**body, "description": ""}).status_code == 422
        assert api.patch(f"{CONVERSATION}/action-items/x", json=body).status_code == 422

    def test_an_action_item_is_deleted_with_204(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        body = {"description": "Call the landlord", "completed": False}
        answer = api.request("DELETE", f"{CONVERSATION}/action-items", json=body)
        assert (answer.status_code, answer.content) == (204, b"")
        assert len(api.get(f"{CONVERSATION}/action-items").json()["action_items"]) == 1
        assert api.request("DELETE", f"{CONVERSATION}/action-items", json=body).status_code == 404

    def test_edits_at_the_same_time_are_all_kept(self, api: httpx.Client, uid: str) -> None:
        _create(uid, structured={"action_items": [f"Task {number}" for number in range(6)]})

        def complete(place: int) -> int:
            marks = {"items_idx": [place], "values": [True]}
            return api.patch(f"{CONVERSATION}/action-items", json=marks).status_code

        with ThreadPoolExecutor(6) as pool:
            assert set(pool.map(complete, range(6))) == {200}
        assert all(item["completed"] for item in api.get(CONVERSATION).json()["structured"]["action_items"])


class TestTheUsersOwnList:
    """What was found in a conversation stands on the user's list as well, and goes with it."""

    def _listed(self, uid: str) -> dict[str, bool]:
        found, _ = action_items.list_page(Filters(), uid=uid, limit=100)
        return {item.description: item.completed for item in found}

    def _list(self, uid: str, **fields: Any) -> None:
        for description, conversation_id in (
            ("Call the landlord", "c1"),
            ("Measure the kitchen", "c1"),
            ("Buy paint", "c2"),
        ):
            known = {"conversation_id": conversation_id, "created_at": NOON, "uid": uid, **fields}
            item = ActionItem.model_validate({"id": description, "description": description, **known})
            action_items.of(uid=uid).put(item)

    def test_done_reworded_and_deleted_on_both(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        self._list(uid)
        api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [0], "values": [True]})
        assert self._listed(uid) == {"Call the landlord": True, "Measure the kitchen": False, "Buy paint": False}
        body = {"old_description": "Measure the kitchen", "description": "Measure everything"}
        assert api.patch(f"{CONVERSATION}/action-items/1", json=body).status_code == 200
        assert self._listed(uid) == {"Call the landlord": True, "Measure everything": False, "Buy paint": False}
        api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [0, 1], "values": [False, True]})
        assert self._listed(uid) == {"Call the landlord": False, "Measure everything": True, "Buy paint": False}
        api.request("DELETE", f"{CONVERSATION}/action-items", json={"description": "Call the landlord"})
        assert self._listed(uid) == {"Measure everything": True, "Buy paint": False}

    def test_the_same_words_of_another_conversation_stay(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        self._list(uid, conversation_id="c2")
        api.request("DELETE", f"{CONVERSATION}/action-items", json={"description": "Call the landlord"})
        api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [0], "values": [True]})
        assert self._listed(uid) == {"Call the landlord": False, "Measure the kitchen": False, "Buy paint": False}

    def test_what_is_refused_changes_neither(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        self._list(uid)
        api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [0, 7], "values": [True, True]})
        body = {"old_description": "Buy paint", "description": "x"}
        assert api.patch(f"{CONVERSATION}/action-items/0", json=body).status_code == 404
        gone = api.request("DELETE", f"{CONVERSATION}/action-items", json={"description": "Buy paint"})
        assert gone.status_code == 404
        assert self._listed(uid) == {"Call the landlord": False, "Measure the kitchen": False, "Buy paint": False}

    def test_what_is_locked_there_stays(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        self._list(uid, is_locked=True)
        assert api.patch(f"{CONVERSATION}/action-items", json={"items_idx": [0], "values": [True]}).status_code == 200
        assert not self._listed(uid)["Call the landlord"]


class TestSegments:
    """Who said it, and what."""

    def test_words_are_corrected(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        answer = api.patch(f"{CONVERSATION}/segments/text", json={"segment_id": "s1", "text": "good night"})
        assert answer.json() == {"status": "Ok"}
        assert [segment["text"] for segment in api.get(CONVERSATION).json()["transcript_segments"]] == [
            "hello",
            "good night",
            "how are you",
        ]

    def test_words_that_are_not_there_cannot_be_corrected(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        unknown = api.patch(f"{CONVERSATION}/segments/text", json={"segment_id": "s9", "text": "x"})
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "Segment not found"})
        long = api.patch(f"{CONVERSATION}/segments/text", json={"segment_id": "s1", "text": "x" * 10_001})
        assert long.status_code == 422

    def test_one_segment_is_the_users(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        params = {"assign_type": "is_user", "value": "true", "use_for_speech_training": "false"}
        segments = api.patch(f"{CONVERSATION}/segments/1/assign", params=params).json()["transcript_segments"]
        assert [(each["is_user"], each["person_id"]) for each in segments] == [
            (False, None),
            (True, None),
            (False, None),
        ]
        assert [each["speaker_label_source"] for each in segments] == [None, "manual", None]

    def test_one_voice_is_a_persons(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        _person(uid)
        params = {"assign_type": "person_id", "value": "p1"}
        answer = api.patch(f"{CONVERSATION}/assign-speaker/0", params=params)
        assert [each["person_id"] for each in answer.json()["transcript_segments"]] == ["p1", "old", "p1"]

    def test_several_segments_at_once_and_taken_back(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        _person(uid)
        body = {"segment_ids": ["s0", "s1"], "assign_type": "person_id", "value": "p1"}
        answer = api.patch(f"{CONVERSATION}/segments/assign-bulk", json=body)
        assert [each["person_id"] for each in answer.json()["transcript_segments"]] == ["p1", "p1", None]
        answer = api.patch(f"{CONVERSATION}/segments/assign-bulk", json={**body, "value": None})
        assert [each["person_id"] for each in answer.json()["transcript_segments"]] == [None, None, None]

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (400, {"segment_ids": ["s0"], "assign_type": "speaker", "value": "x"}),
            (400, {"segment_ids": ["s0"], "assign_type": "is_user", "value": "perhaps"}),
            (400, {"segment_ids": ["s0"], "assign_type": "person_id", "value": True}),
            (404, {"segment_ids": ["s0"], "assign_type": "person_id", "value": "nobody"}),
            (404, {"segment_ids": ["s0"], "assign_type": "person_id", "value": "../x"}),
            (409, {"segment_ids": ["s0", "s9"], "assign_type": "is_user", "value": "true"}),
            (422, {"segment_ids": [], "assign_type": "is_user", "value": "true"}),
            (422, {"assign_type": "is_user", "value": "true"}),
        ],
    )
    def test_an_attribution_that_cannot_be_changes_nothing(
        self, api: httpx.Client, uid: str, status: int, body: dict[str, Any]
    ) -> None:
        _create(uid)
        before = conversations.get(uid=uid, conversation_id="c1")
        answer = api.patch(f"{CONVERSATION}/segments/assign-bulk", json=body)
        assert answer.status_code == status
        assert conversations.get(uid=uid, conversation_id="c1") == before

    def test_places_and_voices_that_are_not_there(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        params = {"assign_type": "is_user", "value": "true"}
        for path in ("segments/3/assign", "assign-speaker/7"):
            assert api.patch(f"{CONVERSATION}/{path}", params=params).status_code == 404
        for path in ("segments/-1/assign", f"assign-speaker/{10**30}"):
            assert api.patch(f"{CONVERSATION}/{path}", params=params).status_code == 422

    @pytest.mark.parametrize(("method", "path", "request_"), [edit for edit in EDITS if "segments/" in edit[1]])
    def test_a_transcript_that_still_grows_is_not_edited(
        self, api: httpx.Client, uid: str, method: str, path: str, request_: dict[str, Any]
    ) -> None:
        _create(uid, status="processing")
        answer = api.request(method, f"{CONVERSATION}{path}", **request_)
        assert (answer.status_code, answer.json()) == (409, {"detail": "The conversation is not finished yet"})


def test_what_the_user_edited_survives_processing_again(
    api: httpx.Client, uid: str, first_words: FirstWordsStructurer
) -> None:
    _create(uid, structured={**STRUCTURED, "action_items": ["Send the budget", "Measure the kitchen"]})
    _person(uid)
    api.patch(f"{CONVERSATION}/title", params={"title": "Ours"})
    api.patch(f"{CONVERSATION}/summary", json={"content": "Mine"})
    api.patch(f"{CONVERSATION}/starred", params={"starred": True})
    api.patch(f"{CONVERSATION}/events", json={"events_idx": [0], "values": [True]})
    api.patch(f"{CONVERSATION}/segments/text", json={"segment_id": "s1", "text": WORDS})
    api.patch(f"{CONVERSATION}/assign-speaker/1", params={"assign_type": "person_id", "value": "p1"})
    # The structurer finds "Send the budget" each time.
    body = {"old_description": "Send the budget", "description": "Send the budget to Ada"}
    api.patch(f"{CONVERSATION}/action-items/0", json=body)
    assert api.post(f"{CONVERSATION}/reprocess").status_code == 200
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    shown = api.get(CONVERSATION).json()
    structured = shown["structured"]
    assert (structured["title"], structured["overview"], shown["starred"]) == ("Ours", "Mine", True)
    assert [item["description"] for item in structured["action_items"]] == ["Send the budget to Ada"]
    assert [event["title"] for event in structured["events"]] == ["Viewing"]
    [corrected] = [segment for segment in shown["transcript_segments"] if segment["id"] == "s1"]
    assert (corrected["text"], corrected["person_id"]) == (WORDS, "p1")
    assert first_words.dialogues

"""What belongs to a conversation besides its words, over HTTP."""

from typing import Any

import httpx
import pytest

from common.conversations import summaries
from common.database import alternative_transcripts, analytics, audio_blocks, conversations, messages, photos
from common.llm.summarizing import ExtractiveSummarizer
from common.models.attachments import ConversationPhoto
from common.models.chat import Message, MessageSender
from common.models.rating import RatedKind
from tests.support.apps import make_app
from tests.support.making import NOON, a_block, a_conversation, a_segment, at

CONVERSATION = "/v1/conversations/c1"
EVENT = {
    "event_id": "e1",
    "title": "Viewing",
    "start_time": "2026-05-04T12:00:00Z",
    "end_time": "2026-05-04T13:00:00Z",
}
DETAILS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/photos", None),
    ("GET", "/transcripts", None),
    ("GET", "/recording", None),
    ("GET", "/analytics", None),
    ("GET", "/suggested-apps", None),
    ("POST", "/test-prompt", {"prompt": "x"}),
    ("POST", "/calendar-event", EVENT),
    ("POST", "/calendar-event", {"event_id": "e1"}),
    ("DELETE", "/calendar-event", None),
    ("POST", "/calendar-event/auto-link", None),
]


def _create(uid: str, **fields: Any) -> None:
    conversations.create(a_conversation(**{"status": "completed", **fields}), uid=uid)


@pytest.mark.parametrize(("method", "path", "body"), DETAILS)
class TestWhose:
    """Only the owner's, and only what is paid for."""

    def test_nobody_learns_of_what_belongs_to_another(
        self, api: httpx.Client, anybody: httpx.Client, uid: str, method: str, path: str, body: Any
    ) -> None:
        _create(f"{uid}-other")
        answer = api.request(method, f"{CONVERSATION}{path}", json=body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})
        assert anybody.request(method, f"{CONVERSATION}{path}", json=body).status_code == 401

    def test_what_was_made_without_credit_is_402(
        self, api: httpx.Client, uid: str, method: str, path: str, body: Any
    ) -> None:
        _create(uid, is_locked=True)
        assert api.request(method, f"{CONVERSATION}{path}", json=body).status_code == 402


def test_pictures_from_wherever_they_are(api: httpx.Client, uid: str) -> None:
    _create(uid, photos=[{"id": "a", "base64": "aGk=", "created_at": NOON}])
    photos.put_all([ConversationPhoto(id="b", base64="aG8=", created_at=at(1))], uid=uid, conversation_id="c1")
    assert [(each["id"], each["base64"]) for each in api.get(f"{CONVERSATION}/photos").json()] == [
        ("a", "aGk="),
        ("b", "aG8="),
    ]


def test_transcripts_of_all_four_recognisers_in_order_of_time(api: httpx.Client, uid: str) -> None:
    _create(uid)
    nothing: dict[str, Any] = {"deepgram": [], "soniox": [], "speechmatics": [], "whisperx": []}
    assert api.get(f"{CONVERSATION}/transcripts").json() == nothing
    for recogniser, start in (("whisperx", 5), ("whisperx", 1), ("soniox", 2)):
        segments = alternative_transcripts.of(uid=uid, conversation_id="c1", recogniser=recogniser)
        segments.put(a_segment("x", start, start + 1, id=f"s{start}"))
    answer = api.get(f"{CONVERSATION}/transcripts").json()
    assert {name: [each["start"] for each in found] for name, found in answer.items()} == {
        "deepgram": [],
        "soniox": [2],
        "speechmatics": [],
        "whisperx": [1, 5],
    }


def test_whether_there_is_audio(api: httpx.Client, uid: str) -> None:
    _create(uid)
    assert api.get(f"{CONVERSATION}/recording").json() == {"has_recording": False}
    audio_blocks.put(a_block(0, 1), b"", uid=uid, conversation_id="c1")
    assert api.get(f"{CONVERSATION}/recording").json() == {"has_recording": True}


def test_who_said_how_much(api: httpx.Client, uid: str) -> None:
    _create(uid, transcript_segments=[a_segment("one two", 0, 30, is_user=True)], finished_at=at(60))
    answer = api.get(f"{CONVERSATION}/analytics").json()
    assert (answer["conversation_id"], answer["duration"], answer["talk_time"], answer["words"]) == ("c1", 60, 30, 2)
    assert answer["speakers"][0]["is_user"]


def test_suggested_are_apps_that_are_there_and_visible(api: httpx.Client, uid: str) -> None:
    made = [
        make_app(id=f"{uid}-approved"),
        make_app(id=f"{uid}-mine", approved=False, uid=uid),
        make_app(id=f"{uid}-waiting", approved=False),
        make_app(id=f"{uid}-private", private=True),
        make_app(id=f"{uid}-deleted", deleted=True),
    ]
    _create(uid, suggested_summarization_apps=[app.id for app in made] + ["nobody", ".."])
    answer = api.get(f"{CONVERSATION}/suggested-apps").json()
    assert answer["conversation_id"] == "c1"
    assert [app["id"] for app in answer["suggested_apps"]] == [f"{uid}-approved", f"{uid}-mine"]


def test_a_prompt_is_tried(api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "summarizer", ExtractiveSummarizer)
    _create(uid, transcript_segments=[a_segment("The flat near the station costs nine hundred", 0, 5)])
    answer = api.post(f"{CONVERSATION}/test-prompt", json={"prompt": "What does the flat cost?"})
    assert "near the station" in answer.json()["summary"]
    for prompt in ("", "x" * 10_001):
        assert api.post(f"{CONVERSATION}/test-prompt", json={"prompt": prompt}).status_code == 422


class TestCalendar:
    """The entry of the user's calendar that it belongs to."""

    def test_it_is_linked_and_unlinked(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        linked = api.post(f"{CONVERSATION}/calendar-event", json={**EVENT, "attendees": ["Ada"]})
        assert linked.status_code == 200
        assert linked.json()["start_time"] == "2026-05-04T12:00:00Z"
        assert api.get(CONVERSATION).json()["calendar_event"] == linked.json()
        assert api.delete(f"{CONVERSATION}/calendar-event").json() == {"status": "Ok"}
        assert api.get(CONVERSATION).json()["calendar_event"] is None

    def test_what_would_have_to_be_fetched_is_not_found(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        for path, body in (("calendar-event", {"event_id": "e1"}), ("calendar-event/auto-link", None)):
            answer = api.post(f"{CONVERSATION}/{path}", json=body)
            assert (answer.status_code, answer.json()) == (404, {"detail": "No calendar is connected"})

    @pytest.mark.parametrize("body", [{}, {"event_id": ""}, {**EVENT, "end_time": "2026-05-04T11:00:00Z"}])
    def test_an_entry_that_makes_no_sense_is_422(self, api: httpx.Client, uid: str, body: dict[str, Any]) -> None:
        _create(uid)
        assert api.post(f"{CONVERSATION}/calendar-event", json=body).status_code == 422


class TestRatings:
    """What the user thinks of it."""

    PATH = "/v1/users/analytics/memory_summary"

    def test_a_summary_is_rated_and_the_last_word_counts(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        assert api.get(self.PATH, params={"memory_id": "c1"}).json() == {"has_rating": False, "rating": None}
        for value in (1, 0):
            params = {"memory_id": "c1", "value": value, "reason": "too long"}
            assert api.post(self.PATH, params=params).json() == {"status": "ok"}
            assert api.get(self.PATH, params={"memory_id": "c1"}).json() == {"has_rating": True, "rating": value}
        stored = analytics.find(RatedKind.SUMMARY, "c1", uid=uid)
        assert stored is not None
        assert (stored.uid, stored.reason, stored.type) == (uid, "too long", "memory_summary")

    def test_being_asked_is_no_answer_and_replaces_none(self, api: httpx.Client, uid: str) -> None:
        _create(uid)
        for value, expected in ((-1, False), (1, True), (-1, True)):
            api.post(self.PATH, params={"memory_id": "c1", "value": value})
            assert api.get(self.PATH, params={"memory_id": "c1"}).json()["has_rating"] is expected

    def test_only_ones_own_summaries_are_rated(self, api: httpx.Client, uid: str) -> None:
        _create(f"{uid}-other")
        for memory_id in ("c1", "..", "a/b"):
            assert api.post(self.PATH, params={"memory_id": memory_id, "value": 1}).status_code == 404
            assert api.get(self.PATH, params={"memory_id": memory_id}).json()["has_rating"] is False
        for query in ("memory_id=c1", "memory_id=c1&value=2", "value=1"):
            assert api.post(f"{self.PATH}?{query}").status_code == 422

    def test_an_answer_is_rated_on_the_message_too(self, api: httpx.Client, uid: str) -> None:
        message = Message(id="m1", text="hi", created_at=NOON, sender=MessageSender.AI)
        messages.of(uid=uid).put(message)
        for value, expected in ((-1, -1), (1, 1), (0, None)):
            answer = api.post(f"/v1/users/analytics/chat_message?message_id=m1&value={value}")
            assert answer.json() == {"status": "ok"}
            assert messages.of(uid=uid).get("m1").rating == expected
        gone = api.post("/v1/users/analytics/chat_message", params={"message_id": "gone", "value": 1})
        assert gone.status_code == 200
        assert analytics.find(RatedKind.MESSAGE, "gone", uid=uid) is not None

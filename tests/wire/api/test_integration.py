"""What an app may do for a user with its key, over a real socket."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
import pytest
from google.cloud.firestore import Query

from common.action_items.edit import add_action_item
from common.core import clock
from common.core.ids import derived_id
from common.core.settings import settings
from common.database import api_keys, apps, conversations, installs, memories, messages, notifications
from common.database.api_keys import KeyKind
from common.entry.api.apps.keys import MOST_KEYS
from common.memories.edit import add_memory
from common.models.app import App
from common.models.conversation import Conversation
from common.models.notification import Notification
from tests.support.apps import make_app, make_integration
from tests.support.making import a_conversation, a_segment, at
from tests.wire.api.conftest import ApiAs

Calling = Callable[..., httpx.Client]


@pytest.fixture
def calling(address: str, uid: str) -> Iterator[Calling]:
    """A client with an app's key, whose base is the app's and whose user is `uid`."""
    opened: list[httpx.Client] = []

    def call(app: App, secret: str) -> httpx.Client:
        opened.append(
            httpx.Client(
                base_url=f"{address}/v2/integrations/{app.id}",
                headers={"Authorization": f"Bearer {secret}"},
                params={"uid": uid},
                timeout=30,
                trust_env=False,
            )
        )
        return opened[-1]

    yield call
    for client in opened:
        client.close()


@pytest.fixture
def app_and_key(uid: str) -> tuple[App, str]:
    """An app that may do everything, turned on by the user."""
    app, secret = make_integration()
    installs.enable(app, uid=uid)
    return app, secret


@pytest.fixture
def app(calling: Calling, app_and_key: tuple[App, str]) -> httpx.Client:
    """That app, calling."""
    return calling(*app_and_key)


def _conversations(uid: str) -> list[Conversation]:
    return conversations.list_newest(uid=uid, limit=50)


def _told(uid: str) -> list[Notification]:
    store = notifications.of(uid=uid)
    return store.stream(store.collection.order_by("created_at", direction=Query.DESCENDING).limit(50))


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/user/conversations", {"json": {"text": "Hello"}}),
    ("POST", "/user/memories", {"json": {"text": "Likes tea"}}),
    ("GET", "/memories", {}),
    ("GET", "/conversations", {}),
    ("POST", "/search/conversations", {"json": {}}),
    ("GET", "/tasks", {}),
]


class TestWhoMayCall:
    """The app in the path with its own key, for a user who has turned it on, doing what it has declared."""

    def test_with_everything_in_place_all_routes_answer(self, app: httpx.Client) -> None:
        assert {app.request(method, path, **rest).status_code for method, path, rest in CALLS} == {200}

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sk_unknown", "Bearer omi_dev_x", "Basic sk_x"])
    def test_without_a_key_of_the_app_401(self, app: httpx.Client, header: str | None) -> None:
        del app.headers["Authorization"]
        headers = {} if header is None else {"Authorization": header}
        for method, path, rest in CALLS:
            answer = app.request(method, path, headers=headers, **rest)
            assert (answer.status_code, bool(answer.json()["detail"])) == (401, True)

    def test_the_key_of_another_app_does_not_count(self, app_and_key: tuple[App, str], calling: Calling) -> None:
        _, other_key = make_integration()
        assert calling(app_and_key[0], other_key).get("/memories").status_code == 401

    def test_an_app_that_does_not_exist_is_404(self, calling: Calling, app_and_key: tuple[App, str]) -> None:
        for app_id in ("never", "__x__"):
            nobody = app_and_key[0].model_copy(update={"id": app_id})
            assert calling(nobody, app_and_key[1]).get("/memories").status_code == 404

    def test_an_app_that_the_user_has_not_turned_on_is_403_and_at_once_after_it_is_turned_off(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        assert app.get("/memories").status_code == 200
        for other in (f"{uid}-other", "a/b", "..", "\0"):
            assert app.get("/memories", params={"uid": other}).status_code == 403
        installs.disable(app_id=app_and_key[0].id, uid=uid)
        assert app.get("/memories").status_code == 403

    @pytest.mark.parametrize(
        "update",
        [
            pytest.param({"approved": False, "status": "rejected"}, id="not approved any more"),
            pytest.param({"private": True}, id="its maker's alone by now"),
            pytest.param({"disabled": True, "disabled_reason": "abuse"}, id="disabled"),
        ],
    )
    def test_an_app_that_the_user_may_not_use_any_more_reads_and_says_nothing(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str, update: dict[str, Any]
    ) -> None:
        apps.change(app_and_key[0].id, lambda found: found.model_copy(update=update))
        calls = [*CALLS, ("POST", "/notification", {"params": {"message": "Hello"}})]
        assert {app.request(method, path, **rest).status_code for method, path, rest in calls} == {403}
        assert _told(uid) == []

    def test_a_private_app_works_for_its_maker(self, calling: Calling, uid: str) -> None:
        own, secret = make_integration(uid=uid, private=True, approved=False)
        installs.enable(own, uid=uid)
        assert calling(own, secret).get("/memories").status_code == 200

    def test_an_action_that_is_not_declared_is_403(self, calling: Calling, uid: str) -> None:
        integration, secret = make_integration(actions=("create_conversation",))
        installs.enable(integration, uid=uid)
        client = calling(integration, secret)
        answers = [client.request(method, path, **rest).status_code for method, path, rest in CALLS]
        assert answers == [200, *[403] * 5]

    def test_who_a_call_is_for_has_to_be_said(self, address: str, app_and_key: tuple[App, str]) -> None:
        found, secret = app_and_key
        for query in ("", "?uid=", "?uid=" + "x" * 129):
            url = f"{address}/v2/integrations/{found.id}/memories{query}"
            answer = httpx.get(url, headers={"Authorization": f"Bearer {secret}"}, trust_env=False)
            assert answer.status_code == 422


class TestKeys:
    """Made and revoked by the app's maker alone."""

    def test_a_key_is_told_once_works_and_is_refused_after_it_is_revoked(
        self, api: httpx.Client, calling: Calling, uid: str
    ) -> None:
        made = make_app(uid=uid, external_integration={"actions": [{"action": "read_memories"}]})
        installs.enable(made, uid=uid)
        created = api.post(f"/v1/apps/{made.id}/keys").json()
        assert created["secret"].startswith("sk_")
        assert created["secret"] == created["key"]
        listed = api.get(f"/v1/apps/{made.id}/keys")
        assert [key["id"] for key in listed.json()] == [created["id"]]
        assert created["secret"] not in listed.text
        assert listed.json()[0]["label"].startswith("sk_")
        client = calling(made, created["secret"])
        assert client.get("/memories").status_code == 200
        assert api.delete(f"/v1/apps/{made.id}/keys/{created['id']}").json() == {"status": "Ok"}
        assert client.get("/memories").status_code == 401
        assert api.delete(f"/v1/apps/{made.id}/keys/{created['id']}").status_code == 404

    def test_those_made_at_the_same_moment_can_all_be_revoked_however_many_there_are(
        self, api: httpx.Client, uid: str
    ) -> None:
        made = make_app(uid=uid)
        keys = [api_keys.create(KeyKind.APP, uid=uid, name="x", app_id=made.id)[0].id for _ in range(MOST_KEYS + 3)]
        listed = [key["id"] for key in api.get(f"/v1/apps/{made.id}/keys").json()]
        assert sorted(listed) == sorted(keys)
        assert api.post(f"/v1/apps/{made.id}/keys").status_code == 409

    def test_others_have_nothing_to_do_with_them(self, api: httpx.Client) -> None:
        foreign, _ = make_integration()
        [key] = api_keys.of(KeyKind.APP, app_id=foreign.id).stream(
            api_keys.of(KeyKind.APP, app_id=foreign.id).collection.limit(2)
        )
        assert api.get(f"/v1/apps/{foreign.id}/keys").status_code == 403
        assert api.post(f"/v1/apps/{foreign.id}/keys").status_code == 403
        assert api.delete(f"/v1/apps/{foreign.id}/keys/{key.id}").status_code == 403
        assert api.post("/v1/apps/never/keys").status_code == 404


class TestHandingOver:
    """Conversations and facts."""

    def test_a_text_becomes_a_conversation_of_the_app(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        body = {
            "text": "We agreed to meet on Friday.",
            "text_source": "message",
            "text_source_spec": "chat",
            "started_at": "2026-05-04T12:00:00Z",
            "source": "omi",
        }
        answer = app.post("/user/conversations", json=body)
        assert (answer.status_code, answer.json()) == (200, {})
        [conversation] = _conversations(uid)
        assert (conversation.source, conversation.app_id) == ("external_integration", app_and_key[0].id)
        assert conversation.external_data == {"text_source": "message", "text_source_spec": "chat"}

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": "x" * 100_001},
            {"text": "x", "text_source": "telepathy"},
            {"text": "x", "started_at": "soon"},
            {"text": "x", "geolocation": {"latitude": 91, "longitude": 0}},
        ],
    )
    def test_a_conversation_that_makes_no_sense_is_422(self, app: httpx.Client, uid: str, body: Any) -> None:
        assert app.post("/user/conversations", json=body).status_code == 422
        assert _conversations(uid) == []

    def test_a_request_sent_again_under_its_key_is_done_once(self, app: httpx.Client, uid: str) -> None:
        for _ in range(2):
            headers = {"Idempotency-Key": "once"}
            assert app.post("/user/conversations", json={"text": "Hello"}, headers=headers).json() == {}
        assert len(_conversations(uid)) == 1

    def test_facts_and_a_short_text_are_remembered_with_the_app(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        body = {"memories": [{"content": "Has a sister", "tags": ["family"]}, {"content": "Runs"}], "text": "Likes tea"}
        assert app.post("/user/memories", json=body).json() == {}
        found = {memory.content: memory for memory in memories.list_best(uid=uid, limit=10)}
        assert found.keys() == {"Has a sister", "Runs", "Likes tea"}
        assert found["Has a sister"].tags == ["family"]
        assert {memory.app_id for memory in found.values()} == {app_and_key[0].id}
        assert not any(memory.manually_added for memory in found.values())

    def test_a_longer_text_is_kept_as_a_conversation(self, app: httpx.Client, uid: str) -> None:
        text = "I moved to Porto. " * 40
        assert app.post("/user/memories", json={"text": text, "text_source": "email"}).json() == {}
        assert memories.list_best(uid=uid, limit=10) == []
        [conversation] = _conversations(uid)
        assert (conversation.external_data or {})["text_source"] == "message"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": " "},
            {"memories": []},
            {"memories": [{"content": ""}]},
            {"memories": [{"tags": []}]},
            {"text": "x", "text_source": "rumour"},
            {"memories": [{"content": "x"}] * 101},
        ],
    )
    def test_facts_that_make_no_sense_are_422(self, app: httpx.Client, uid: str, body: Any) -> None:
        assert app.post("/user/memories", json=body).status_code == 422
        assert memories.list_best(uid=uid, limit=10) == []


class TestReading:
    """Only this user's, in pages, filtered on every page."""

    def test_memories_in_pages(self, app: httpx.Client, uid: str) -> None:
        for number in range(3):
            add_memory(uid=uid, content=f"Fact {number}", manual=False)
        add_memory(uid=f"{uid}-other", content="Secret", manual=False)
        pages = [app.get("/memories", params={"limit": 2, "offset": at}).json()["memories"] for at in (0, 2)]
        assert [len(page) for page in pages] == [2, 1]
        assert {memory["content"] for page in pages for memory in page} == {"Fact 0", "Fact 1", "Fact 2"}

    def test_tasks_in_pages_with_filters(self, app: httpx.Client, uid: str) -> None:
        for number in range(3):
            add_action_item(uid=uid, description=f"Task {number}", completed=number == 0)
        open_tasks = [
            app.get("/tasks", params={"completed": False, "limit": 1, "offset": at}).json()["tasks"] for at in (0, 1, 2)
        ]
        assert [[task["description"] for task in page] for page in open_tasks] == [["Task 2"], ["Task 1"], []]
        today = clock.now().date().isoformat()
        assert len(app.get("/tasks", params={"end_date": today}).json()["tasks"]) == 3

    def test_filters_hold_on_every_page_of_conversations(self, app: httpx.Client, uid: str) -> None:
        for number in range(6):
            conversations.create(
                a_conversation(
                    id=f"c{number}",
                    created_at=at(number),
                    status="failed" if number == 5 else "completed",
                    discarded=number == 4,
                ),
                uid=uid,
            )
        query: dict[str, Any] = {"limit": 1, "start_date": at(1).isoformat(), "end_date": at(4).isoformat()}
        pages = [app.get("/conversations", params={**query, "offset": offset}).json() for offset in range(4)]
        assert [[each["id"] for each in page["conversations"]] for page in pages] == [["c3"], ["c2"], ["c1"], []]

        def found(**asked: Any) -> list[str]:
            return [each["id"] for each in app.get("/conversations", params=asked).json()["conversations"]]

        assert found(include_discarded=True) == ["c4", "c3", "c2", "c1", "c0"]
        assert found(statuses="failed") == found(statuses=["failed", "in_progress"]) == ["c5"]
        assert len(found(limit=1000)) == 4
        assert len(found(start_date="2026-05-04", end_date="2026-05-04")) == 4
        assert found(end_date="2026-05-03") == []

    def test_transcripts_are_cut_where_asked(self, app: httpx.Client, uid: str) -> None:
        segments = [a_segment(f"word {number}", number, number + 1) for number in range(120)]
        for name, locked in (("open", False), ("locked", True)):
            conversations.create(
                a_conversation(id=name, status="completed", is_locked=locked, transcript_segments=segments), uid=uid
            )

        def lengths(**asked: Any) -> dict[str, int]:
            page = app.get("/conversations", params=asked).json()["conversations"]
            return {each["id"]: len(each["transcript_segments"]) for each in page}

        assert lengths() == {"open": 100, "locked": 0}
        assert lengths(max_transcript_segments=-1) == {"open": 120, "locked": 0}
        assert lengths(max_transcript_segments=7) == {"open": 7, "locked": 0}
        assert lengths(max_transcript_segments=0) == {"open": 0, "locked": 0}

    def test_many_beginnings_have_room_in_a_page_and_not_so_many_whole_ones(self, app: httpx.Client, uid: str) -> None:
        short = [a_segment("yes", number, number + 1, id=str(number)) for number in range(900)]
        long = [a_segment(f"{derived_id(str(number))} " * 4, number, number + 1) for number in range(3000)]
        for number in range(16):
            said = long if number == 8 else short
            fields = {"id": f"c{number:02}", "created_at": at(number), "transcript_segments": said}
            conversations.create(a_conversation(status="completed", **fields), uid=uid)

        def lengths(most: int) -> list[int]:
            page = app.get("/conversations", params={"max_transcript_segments": most}).json()["conversations"]
            return [len(each["transcript_segments"]) for each in page]

        assert lengths(7) == [7] * 16
        assert lengths(-1) == [900] * 7 + [0] + [900] * 5 + [0] * 3

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("limit=0", 422),
            ("limit=1001", 422),
            ("offset=-1", 422),
            ("statuses=done", 422),
            ("max_transcript_segments=-2", 422),
            ("start_date=x", 422),
            ("start_date=2026-05-05T00:00:00Z&end_date=2026-05-04T00:00:00Z", 400),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, app: httpx.Client, query: str, status: int) -> None:
        answer = app.get("/conversations", params=parse_qs(query))
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)

    def test_a_search_without_words_finds_the_newest_in_pages(self, app: httpx.Client, uid: str) -> None:
        for number in range(3):
            conversations.create(a_conversation(id=f"c{number}", created_at=at(number), status="completed"), uid=uid)
        page = app.post("/search/conversations", json={"per_page": 2, "page": 2}).json()
        assert [each["id"] for each in page["conversations"]] == ["c0"]
        assert page["items"] == page["conversations"]
        assert (page["total_pages"], page["current_page"], page["per_page"]) == (2, 2, 2)


class TestTelling:
    """Notifications by apps, ten an hour, and by administrators."""

    def test_a_message_is_kept_for_the_devices(self, app: httpx.Client, app_and_key: tuple[App, str], uid: str) -> None:
        answer = app.post("/notification", params={"message": "Time to stretch"})
        assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
        assert answer.headers["x-ratelimit-limit"] == "10"
        assert answer.headers["x-ratelimit-remaining"] == "9"
        [told] = _told(uid)
        assert (told.title, told.body, told.app_id) == (app_and_key[0].name, "Time to stretch", app_and_key[0].id)
        assert told.data["navigate_to"] == f"/chat/{app_and_key[0].id}"
        assert messages.of(uid=uid).stream(messages.of(uid=uid).collection.limit(5)) == []

    @pytest.mark.parametrize("target", ["main", "app"])
    def test_it_stands_in_the_chat_that_the_manifest_names(self, calling: Calling, uid: str, target: str) -> None:
        integration = {"chat_messages_enabled": True, "chat_messages_target": target}
        found, secret = make_integration(external_integration=integration, name="Coach")
        installs.enable(found, uid=uid)
        calling(found, secret).post("/notification", params={"message": "Well done"})
        [message] = messages.of(uid=uid).stream(messages.of(uid=uid).collection.limit(5))
        assert message.from_external_integration
        assert message.sender == "ai"
        expected = ("[Coach] Well done", None) if target == "main" else ("Well done", found.id)
        assert (message.text, message.app_id) == expected

    @pytest.mark.parametrize("blank", ["  ", "\n", "\u202e", "<b></b>"])
    def test_nobody_is_told_nothing(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str, blank: str
    ) -> None:
        answer = app.post("/notification", params={"message": blank})
        assert (answer.status_code, answer.headers.get("x-ratelimit-remaining")) == (422, None)
        body = {"uid": uid, "aid": app_and_key[0].id, "message": blank}
        key = {"Authorization": f"Bearer {app_and_key[1]}"}
        url = f"{app.base_url}".partition("/v2/")[0] + "/v1/integrations/notification"
        assert httpx.post(url, json=body, headers=key, trust_env=False).status_code == 422
        assert _told(uid) == []

    def test_markup_and_what_turns_text_around_are_taken_out(self, app: httpx.Client, uid: str) -> None:
        app.post("/notification", params={"message": " <b>Pay</b>\u202e now \x1b[31m\n"})
        [told] = _told(uid)
        assert told.body == "Pay now [31m"

    def test_the_eleventh_within_an_hour_is_429_for_this_user_alone(
        self, app: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        answers = [app.post("/notification", params={"message": f"{number}"}) for number in range(11)]
        assert [answer.status_code for answer in answers] == [*[200] * 10, 429]
        assert answers[-1].headers["x-ratelimit-remaining"] == "0"
        assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
        assert len(_told(uid)) == 10
        other = f"{uid}-other"
        installs.enable(app_and_key[0], uid=other)
        assert app.post("/notification", params={"message": "Hi", "uid": other}).status_code == 200

    def test_what_is_only_sent_again_is_answered_again_and_does_not_count(self, app: httpx.Client, uid: str) -> None:
        again = {"Idempotency-Key": "k"}
        answers = [app.post("/notification", params={"message": "Hi"}, headers=again) for _ in range(12)]
        assert {answer.status_code for answer in answers} == {200}
        assert app.post("/notification", params={"message": "Ho"}).headers["x-ratelimit-remaining"] == "8"
        assert sorted(told.body for told in _told(uid)) == ["Hi", "Ho"]

    def test_apps_do_not_meet_each_others_idempotency_keys(
        self, anybody: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        other = make_integration()
        installs.enable(other[0], uid=uid)
        for found, secret in (app_and_key, other):
            answer = anybody.post(
                "/v1/integrations/notification",
                json={"uid": uid, "aid": found.id, "message": "Hello"},
                headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "order-1"},
            )
            assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
        assert {told.app_id for told in _told(uid)} == {app_and_key[0].id, other[0].id}

    def test_the_older_route_takes_everything_in_the_body(
        self, anybody: httpx.Client, app_and_key: tuple[App, str], uid: str
    ) -> None:
        found, secret = app_and_key
        body = {"uid": uid, "aid": found.id, "message": "Hello"}

        def told(body: dict[str, Any], key: str | None = secret) -> int:
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            return anybody.post("/v1/integrations/notification", json=body, headers=headers).status_code

        assert told(body) == 200
        assert [told({name: value for name, value in body.items() if name != left}) for left in body] == [400] * 3
        assert told(body, key=None) == 401
        assert told(body, key="sk_wrong") == 403
        assert told({**body, "uid": "somebody-else"}) == 403
        assert told({**body, "aid": "never"}) == 404
        assert told({**body, "message": 7}) == 422

    def test_administrators_tell_anybody_and_nobody_else_does(
        self, anybody: httpx.Client, monkeypatch: pytest.MonkeyPatch, uid: str
    ) -> None:
        monkeypatch.setenv("ADMIN_KEY", "secret")
        settings.cache_clear()
        body = {"uid": uid, "title": "Maintenance", "body": "Tonight", "data": {"x": "y"}}
        for headers in ({}, {"secret-key": "wrong"}):
            assert anybody.post("/v1/notification", json=body, headers=headers).status_code == 403
        headers = {"secret-key": "secret"}
        assert anybody.post("/v1/notification", json=body, headers=headers).json() == {"status": "Ok"}
        assert anybody.post("/v1/notification", json={**body, "uid": "a/b"}, headers=headers).status_code == 422
        assert anybody.post("/v1/notification", json={**body, "title": ""}, headers=headers).status_code == 422
        for name in ("", "__x__", "a`b"):
            odd = {**body, "data": {name: "x"}}
            assert anybody.post("/v1/notification", json=odd, headers=headers).status_code == 422
        monkeypatch.undo()
        settings.cache_clear()
        [told] = _told(uid)
        assert (told.title, told.body, told.data) == ("Maintenance", "Tonight", {"x": "y"})


def test_a_deleted_app_is_gone_for_its_key_too(app: httpx.Client, app_and_key: tuple[App, str]) -> None:
    assert app.get("/memories").status_code == 200
    apps.delete(app_and_key[0].id)
    assert app.get("/memories").status_code == 404


def test_a_user_nobody_knows_can_turn_it_on_by_themselves(api_as: ApiAs, calling: Calling) -> None:
    found, secret = make_integration()
    other = f"user-{uuid4().hex[:8]}"
    assert api_as(other).post("/v1/apps/enable", params={"app_id": found.id}).status_code == 200
    assert calling(found, secret).get("/memories", params={"uid": other}).status_code == 200

"""Sessions, chats beside the main one, and the messages of programs that only keep them here."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.chat import converse
from common.core import clock
from common.database import chat_files, media, messages
from tests.support.chat_client import read
from tests.wire.api.conftest import ApiAs
from tests.wire.api.test_chat import Scripted

SESSIONS = "/v2/chat-sessions"
KEPT = "/v2/desktop/messages"


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Whoever answers in the chat."""
    made = Scripted()
    monkeypatch.setattr(converse, "answerer", lambda: made)
    return made


def _session(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    made = api.post(SESSIONS, json=fields)
    assert made.status_code == 200
    body: dict[str, Any] = made.json()
    return body


def _keep(api: httpx.Client, text: str, **fields: Any) -> httpx.Response:
    return api.post(KEPT, json={"text": text, "sender": "human", **fields})


class TestSessions:
    """Made, listed, renamed, starred, deleted."""

    def test_a_new_one_is_empty_and_has_a_name(self, api: httpx.Client) -> None:
        made = api.post(SESSIONS, content=b"", headers={"Content-Type": "application/json"}).json()
        assert (made["title"], made["message_count"], made["preview"]) == ("New Chat", 0, None)
        assert (made["starred"], made["app_id"], made["plugin_id"]) == (False, None, None)
        assert made["created_at"].endswith("Z")
        assert api.get(f"{SESSIONS}/{made['id']}").json() == made
        assert api.get(SESSIONS).json() == [made]

    def test_the_last_changed_comes_first(self, api: httpx.Client) -> None:
        one, two = _session(api, title="one"), _session(api, title="two")
        assert [each["title"] for each in api.get(SESSIONS).json()] == ["two", "one"]
        _keep(api, "hello", session_id=one["id"])
        assert [each["id"] for each in api.get(SESSIONS).json()] == [one["id"], two["id"]]
        assert [each["id"] for each in api.get(SESSIONS, params={"limit": 1, "offset": 1}).json()] == [two["id"]]

    def test_filters(self, api: httpx.Client) -> None:
        plain, noted = _session(api), _session(api, app_id="notes")
        api.patch(f"{SESSIONS}/{plain['id']}", json={"starred": True})

        def found(**query: Any) -> list[str]:
            return [each["id"] for each in api.get(SESSIONS, params=query).json()]

        assert found(starred=True) == [plain["id"]]
        assert found(starred=False, app_id="notes") == found(app_id="notes") == [noted["id"]]
        assert found(app_id="null") == [noted["id"], plain["id"]]
        assert found(app_id="other") == []

    def test_what_a_change_does_not_name_stays(self, api: httpx.Client) -> None:
        made = _session(api, title="one")
        starred = api.patch(f"{SESSIONS}/{made['id']}", json={"starred": True}).json()
        assert (starred["title"], starred["starred"]) == ("one", True)
        renamed = api.patch(f"{SESSIONS}/{made['id']}", json={"title": "two", "starred": None}).json()
        assert (renamed["title"], renamed["starred"]) == ("two", True)
        assert api.patch(f"{SESSIONS}/{made['id']}", content=b"").json() == renamed

    def test_deleting_takes_the_messages_along_and_nothing_else(self, api: httpx.Client, uid: str) -> None:
        made, other = _session(api), _session(api)
        for session in (made, other, None):
            _keep(api, "x", session_id=session and session["id"])
        answer = api.delete(f"{SESSIONS}/{made['id']}")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert api.get(f"{SESSIONS}/{made['id']}").status_code == 404
        assert api.delete(f"{SESSIONS}/{made['id']}").status_code == 404
        assert len(list(messages.of(uid=uid).collection.stream())) == 2

    def test_somebody_elses_session_does_not_exist(self, api_as: ApiAs, uid: str) -> None:
        theirs = _session(api_as(f"{uid}-other"))
        api = api_as(uid)
        assert api.get(SESSIONS).json() == []
        for session_id in (theirs["id"], "never", "__x__", "%00"):
            assert api.get(f"{SESSIONS}/{session_id}").status_code == 404
            assert api.patch(f"{SESSIONS}/{session_id}", json={"title": "x"}).status_code == 404
            assert api.delete(f"{SESSIONS}/{session_id}").status_code == 404
        assert _keep(api, "x", session_id=theirs["id"]).status_code == 404
        assert api.post("/v2/messages", json={"text": "x", "chat_session_id": theirs["id"]}).status_code == 404
        assert api.delete(KEPT, params={"session_id": theirs["id"]}).status_code == 404

    @pytest.mark.parametrize("body", [{"title": ""}, {"title": "x" * 501}, {"app_id": "x" * 201}])
    def test_what_makes_no_sense_is_422(self, api: httpx.Client, body: dict[str, Any]) -> None:
        assert api.post(SESSIONS, json=body).status_code == 422
        for query in ("limit=0", "limit=501", "offset=-1", "starred=perhaps"):
            assert api.get(f"{SESSIONS}?{query}").status_code == 422

    def test_made_once_under_one_key(self, api: httpx.Client) -> None:
        one, two = (api.post(SESSIONS, json={"title": "t"}, headers={"Idempotency-Key": "k"}).json() for _ in range(2))
        assert one == two
        assert len(api.get(SESSIONS).json()) == 1


class TestSessionsChat:
    """What is said in a session stays there, and the session counts and shows it."""

    def test_question_and_answer_count_and_the_last_is_shown(self, api: httpx.Client, scripted: Scripted) -> None:
        made = _session(api, app_id="notes")
        body = {"text": "why " * 100, "chat_session_id": made["id"]}
        with api.stream("POST", "/v2/messages", json=body) as stream:
            said = read(stream.iter_raw())
        assert said.done is not None
        assert (said.done["chat_session_id"], said.done["app_id"]) == (made["id"], "notes")
        session = api.get(f"{SESSIONS}/{made['id']}").json()
        assert (session["message_count"], session["preview"]) == (2, "Fine.")
        assert session["updated_at"] > made["updated_at"]
        listed = api.get(KEPT, params={"session_id": made["id"]}).json()
        assert [each["sender"] for each in listed] == ["ai", "human"]
        assert listed[0]["session_id"] == made["id"]
        assert len(api.get("/v2/messages").json()) == len(api.get("/v2/messages?app_id=notes").json()) == 1
        api.delete("/v2/messages?app_id=notes")
        assert len(api.get(KEPT, params={"session_id": made["id"]}).json()) == 2
        assert scripted.questions[0].history == ()

    def test_the_preview_is_the_beginning(self, api: httpx.Client) -> None:
        made = _session(api)
        _keep(api, "🧠" * 300, session_id=made["id"])
        assert api.get(f"{SESSIONS}/{made['id']}").json()["preview"] == "🧠" * 100

    def test_many_at_once_are_all_counted(self, api_as: ApiAs, uid: str) -> None:
        api = api_as(uid)
        made = _session(api)
        with ThreadPoolExecutor(4) as pool:
            kept = list(pool.map(lambda n: _keep(api, str(n), session_id=made["id"]).status_code, range(12)))
        assert kept == [200] * 12
        assert api.get(f"{SESSIONS}/{made['id']}").json()["message_count"] == 12

    def test_a_session_that_is_deleted_meanwhile_gets_no_answer(
        self, api: httpx.Client, scripted: Scripted, uid: str
    ) -> None:
        made = _session(api)
        scripted.before = lambda: api.delete(f"{SESSIONS}/{made['id']}")
        with api.stream("POST", "/v2/messages", json={"text": "x", "chat_session_id": made["id"]}) as stream:
            said = read(stream.iter_raw())
        assert (said.kinds, said.error) == (["data", "error"], "Message not found")
        assert list(messages.of(uid=uid).collection.stream()) == []


class TestKeeping:
    """Messages that are only kept."""

    def test_a_kept_message_is_listed_newest_first(self, api: httpx.Client) -> None:
        first = _keep(api, "one", metadata='{"a": 1}', message_source="desktop_chat").json()
        second = api.post(KEPT, json={"text": "two", "sender": "ai", "app_id": "null"}).json()
        assert (first["metadata"], first["message_source"], first["sender"]) == ('{"a": 1}', "desktop_chat", "human")
        assert second["plugin_id"] is None
        assert api.get(KEPT).json() == [second, first]
        assert api.get(KEPT, params={"limit": 1, "offset": 1}).json() == [first]
        assert api.get(KEPT, params={"app_id": "notes"}).json() == []
        assert api.get("/v2/messages").json() == [second, first]

    def test_the_same_client_message_id_is_kept_once(self, api: httpx.Client) -> None:
        made = _session(api)
        with ThreadPoolExecutor(3) as pool:
            kept = list(
                pool.map(
                    lambda _: _keep(api, "one", client_message_id="k", session_id=made["id"]).json(),
                    range(3),
                )
            )
        assert kept[0] == kept[1] == kept[2]
        assert kept[0]["client_message_id"] == "k"
        assert api.get(f"{SESSIONS}/{made['id']}").json()["message_count"] == 1
        assert _keep(api, "two", client_message_id="k", session_id=made["id"]).status_code == 422
        assert _keep(api, "two", client_message_id="k").status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {"text": "x"},
            {"sender": "human"},
            {"text": "", "sender": "human"},
            {"text": "x", "sender": "robot"},
            {"text": "x" * 100_001, "sender": "ai"},
        ],
    )
    def test_what_makes_no_sense_is_422(self, api: httpx.Client, body: dict[str, Any]) -> None:
        assert api.post(KEPT, json=body).status_code == 422

    def test_the_longest_message_can_be_kept(self, api: httpx.Client) -> None:
        assert _keep(api, "🧠" * 100_000, metadata="🧠" * 100_000).status_code == 200

    def test_nothing_kept_is_an_empty_list_without_a_greeting(self, api: httpx.Client) -> None:
        assert api.get(KEPT).json() == []

    def test_emptying_a_session_leaves_it_there(self, api: httpx.Client) -> None:
        made = _session(api)
        for number in range(3):
            _keep(api, str(number), session_id=made["id"])
        _keep(api, "main")
        answer = api.delete(KEPT, params={"session_id": made["id"]})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "deleted_count": 3})
        session = api.get(f"{SESSIONS}/{made['id']}").json()
        assert (session["message_count"], session["preview"]) == (0, None)
        assert api.delete(KEPT).json()["deleted_count"] == 1
        assert api.delete(KEPT).json()["deleted_count"] == 0

    def test_a_rating_can_be_given_and_taken_back(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        kept = _keep(api, "x").json()
        for rating in (1, -1, None):
            answer = api.patch(f"{KEPT}/{kept['id']}/rating", json={"rating": rating})
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
            assert api.get(KEPT).json()[0]["rating"] == rating
        assert api.patch(f"{KEPT}/{kept['id']}/rating", json={"rating": 0}).status_code == 422
        assert api_as(f"{uid}-other").patch(f"{KEPT}/{kept['id']}/rating", json={"rating": 1}).status_code == 404


class TestFiles:
    """Files are kept first and sent with a message afterwards."""

    def _upload(self, api: httpx.Client, *files: tuple[str, bytes, str]) -> httpx.Response:
        return api.post("/v2/files", files=[("files", file) for file in files])

    def test_kept_files_are_described(self, api: httpx.Client, uid: str) -> None:
        before = clock.now()
        answer = self._upload(api, ("plan.pdf", b"%PDF", "application/pdf"), ("Grüße.txt", b"hi", ""))
        assert answer.status_code == 200
        pdf, text = answer.json()
        assert (pdf["name"], pdf["mime_type"], pdf["thumbnail"]) == ("plan.pdf", "application/pdf", "")
        assert (text["name"], text["mime_type"]) == ("Grüße.txt", "text/plain")
        assert pdf["openai_file_id"] == pdf["id"]
        assert pdf["created_at"] >= before.isoformat().replace("+00:00", "")
        assert media.list_paths(f"{uid}/chat_files/{pdf['id']}/") == [f"{uid}/chat_files/{pdf['id']}/content"]

    def test_the_name_tells_the_kind_where_the_client_tells_none(self, api: httpx.Client) -> None:
        [image] = self._upload(api, ("x/y\\photo.JPG", b"jpeg", "application/octet-stream")).json()
        assert (image["name"], image["mime_type"]) == ("photo.JPG", "image/jpeg")
        [named] = self._upload(api, ("noname", b"png", "image/png; q=1")).json()
        assert named["mime_type"] == "image/png"

    @pytest.mark.parametrize("file", [("a.exe", b"MZ", "image/png"), ("a", b"x", ""), ("a.mp4", b"x", "video/mp4")])
    def test_other_kinds_are_415_and_nothing_is_kept(
        self, api: httpx.Client, uid: str, file: tuple[str, bytes, str]
    ) -> None:
        answer = self._upload(api, ("fine.txt", b"x", "text/plain"), file)
        assert answer.status_code == 415
        assert answer.json()["detail"]
        assert list(chat_files.of(uid=uid).collection.stream()) == []

    def test_too_large_and_too_many(self, api: httpx.Client) -> None:
        assert self._upload(api, ("a.txt", b"x" * (20 * 1024 * 1024 + 1), "text/plain")).status_code == 413
        assert self._upload(api, *[("a.txt", b"x", "text/plain")] * 11).status_code == 422
        assert api.post("/v2/files").status_code == 422
        assert api.post("/v2/files", data={"files": "text"}).status_code == 422

    def test_a_message_shows_its_files_and_clearing_takes_them_along(
        self, api: httpx.Client, scripted: Scripted, uid: str
    ) -> None:
        kept = self._upload(api, ("a.txt", b"x", "text/plain"), ("b.txt", b"y", "text/plain")).json()
        ids = [each["id"] for each in kept]
        api.post("/v2/messages", json={"text": "look", "file_ids": ids})
        assert [file.name for file in scripted.questions[0].message.files] == ["a.txt", "b.txt"]
        [_, said] = api.get("/v2/messages").json()
        assert (said["files"], said["files_id"]) == (kept, ids)
        api.delete("/v2/messages")
        assert media.list_paths(f"{uid}/chat_files/") == []
        assert api.post("/v2/messages", json={"text": "again", "file_ids": ids}).status_code == 404

    def test_only_ones_own_files_can_be_sent(self, api_as: ApiAs, uid: str, scripted: Scripted) -> None:
        [theirs] = self._upload(api_as(f"{uid}-other"), ("a.txt", b"x", "text/plain")).json()
        for file_id in (theirs["id"], "never", "__x__", "a/b", ".."):
            answer = api_as(uid).post("/v2/messages", json={"text": "x", "file_ids": [file_id]})
            assert (answer.status_code, answer.json()) == (404, {"detail": "File not found"})
        assert scripted.questions == []

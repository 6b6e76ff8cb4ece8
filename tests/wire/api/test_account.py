"""The whole of a user over real HTTP: everything told, everything deleted."""

import json
from typing import Any

import httpx
import pytest
from google.cloud.firestore import GeoPoint
from google.cloud.firestore_v1.vector import Vector

from common.accounts import deletion
from common.accounts.export import export_account
from common.core.settings import settings
from common.database import api_keys, conversations, users
from common.database.account_deletions import DELETIONS
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client
from tests.support.making import a_conversation, a_segment, at
from tests.wire.accounts.owning import WORDS, own_something_everywhere


def _export(api: httpx.Client) -> dict[str, Any]:
    answer = api.get("/v1/users/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    exported: dict[str, Any] = answer.json()
    return exported


class TestExport:
    """Everything of this user, nothing of others, no secret."""

    def test_everything_is_told(self, api: httpx.Client, uid: str) -> None:
        own_something_everywhere(uid)
        exported = _export(api)
        assert exported["user"]["name"] == f"Name of {uid}"
        by_path = {each["path"]: each for each in exported["collections"]["conversations"]}
        assert by_path["c1"]["transcript_segments"][0]["text"] == WORDS
        assert by_path["c1/photos/p1"]["base64"] == "aGk="
        assert any(path.startswith("c2/segments/") for path in by_path)
        for name in ("memories", "action_items", "goals", "messages", "chat_sessions", "folders", "other"):
            paths = [each["path"] for each in exported["collections"][name]]
            assert paths == ["d1", "d1/history/h1"]
        assert by_path["c2/voices/000000"]["voice"] == {"model": "m", "values": [1.0]}
        for name in ("offline_files", "sync_jobs", "webhook_health_audio"):
            assert len(exported["collections"][name]) == 1, name
        assert [each["path"] for each in exported["collections"]["missing"]] == ["parent/deep/x"]
        assert [person["name"] for person in exported["collections"]["people"]] == ["Ann"]
        for name in ("plugins_data", "persona_usernames", "analytics", "shared_conversations", "shares", "reviews"):
            assert len(exported[name]) == 1, name
        assert sorted(key["kind"] for key in exported["keys"]) == ["developer", "mcp"]
        assert len(exported["files"]) == 7
        assert exported["files"][0]["bytes"] == 5

    def test_nothing_of_others_and_no_secret_is_told(self, api: httpx.Client, uid: str) -> None:
        key = own_something_everywhere(uid)
        own_something_everywhere(f"{uid}-2")
        text = json.dumps(_export(api))
        assert f"{uid}-2" not in text
        assert "push token" not in text
        assert "whsec_" not in text
        assert key not in text
        for kind in (KeyKind.DEVELOPER, KeyKind.MCP):
            [stored] = api_keys.list_of_user(kind, uid=uid)
            assert stored.hashed_key not in text
        assert "claims" not in json.loads(text)["collections"]

    def test_a_long_transcript_is_whole(self, api: httpx.Client, uid: str) -> None:
        texts = [f"{number} {hash(str(number))}" for number in range(6000)]
        segments = [a_segment(text, number, number + 1) for number, text in enumerate(texts)]
        conversations.create(a_conversation(status="completed", transcript_segments=segments), uid=uid)
        assert conversations.collection(uid=uid).document("c1").get().get("transcript_chunks") > 1
        [conversation] = _export(api)["collections"]["conversations"]
        assert [segment["text"] for segment in conversation["transcript_segments"]] == texts

    def test_whatever_firestore_holds_is_valid_json(self, api: httpx.Client, uid: str) -> None:
        odd = {
            "nan": float("nan"),
            "far": float("inf"),
            "bytes": b"\xff\xfe",
            "place": GeoPoint(1, 2),
            "vector": Vector([0.5, 1.5]),
            "link": firestore_client().document("users", uid),
            "at": at(0),
            "nested": [{"a": None, "deep_token": "hidden"}],
            'quote"': "a\0b",
        }
        users.reference(uid=uid).collection("odd").document("x").set(odd)
        [told] = _export(api)["collections"]["odd"]
        assert (told["nan"], told["far"], told["bytes"]) == (None, None, "//4=")
        assert told["place"] == {"latitude": 1, "longitude": 2}
        assert told["vector"] == [0.5, 1.5]
        assert told["link"] == f"users/{uid}"
        assert told["at"] == "2026-05-04T12:00:00+00:00"
        assert told["nested"] == [{"a": None}]
        assert told['quote"'] == "a\0b"

    def test_who_has_nothing_gets_a_document_that_says_so(self, api: httpx.Client, uid: str) -> None:
        exported = _export(api)
        assert (exported["uid"], exported["user"], exported["collections"]) == (uid, {}, {})

    def test_much_comes_in_small_pieces(self, stores: object, uid: str) -> None:
        assert stores
        for start in range(0, 120, 40):
            batch = firestore_client().batch()
            for number in range(start, start + 40):
                document = users.reference(uid=uid).collection("many").document(f"{number:03d}")
                batch.set(document, {"text": "x" * 10_000})
            batch.commit()
        pieces = list(export_account(uid=uid))
        assert max(map(len, pieces)) < 11_000
        assert len(json.loads("".join(pieces))["collections"]["many"]) == 120


class TestDeletion:
    """Answered in the form that the app compares."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        without = settings().model_copy(update={"answer_wait_s": 0.0})
        monkeypatch.setattr(deletion, "settings", lambda: without)

    @pytest.mark.parametrize("body", [b"", b'{"reason": "r", "reason_details": "d"}', b"{}"])
    def test_it_is_accepted_with_or_without_a_reason_and_twice(self, api: httpx.Client, uid: str, body: bytes) -> None:
        for _ in range(2):
            headers = {"Content-Type": "application/json"}
            answer = api.request("DELETE", "/v1/users/delete-account", content=body, headers=headers)
            assert answer.status_code == 200
            assert answer.json() == {"status": "ok", "message": "The account is being deleted"}
        assert DELETIONS.find(uid) is not None

    def test_nobody_is_deleted_without_a_token(self, anybody: httpx.Client) -> None:
        assert anybody.delete("/v1/users/delete-account").status_code == 401

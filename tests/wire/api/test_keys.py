"""Keys for programs: told once, stored as a hash, limited, and refused from the moment they are revoked."""

import httpx
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from common.core.settings import Settings, settings
from common.database import api_keys, clients, shared_notes
from common.database.api_keys import KeyKind
from common.entry.api import identity
from common.models.api_key import Scope
from tests.support.stores import free_port
from tests.wire.api.conftest import ApiAs

KINDS = [("/v1/dev/keys", "omi_dev_", "dev_api_keys"), ("/v1/mcp/keys", "omi_mcp_", "mcp_api_keys")]


@pytest.mark.parametrize(("path", "prefix", "collection"), KINDS)
class TestManaging:
    """What a user does with their keys."""

    def test_a_key_is_told_once_and_stored_only_as_a_hash(
        self, api: httpx.Client, path: str, prefix: str, collection: str
    ) -> None:
        made = api.post(path, json={"name": " laptop "})
        assert made.status_code == 200, made.text
        key = made.json()
        assert key["name"] == "laptop"
        assert key["key"].startswith(prefix)
        assert len(key["key"]) >= 40
        [listed] = api.get(path).json()
        assert listed == {name: value for name, value in key.items() if name != "key"}
        stored = clients.firestore_client().document(collection, key["id"]).get().to_dict() or {}
        assert key["key"] not in str(stored)
        assert stored["hashed_key"]

    def test_a_key_is_deleted_by_its_owner_only(
        self, api: httpx.Client, api_as: ApiAs, uid: str, path: str, prefix: str, collection: str
    ) -> None:
        del prefix, collection
        key = api.post(path, json={"name": "mine"}).json()
        other = api_as(f"{uid}-other")
        assert other.get(path).json() == []
        refused = other.delete(f"{path}/{key['id']}")
        assert (refused.status_code, refused.json()) == (404, {"detail": "Key not found"})
        gone = api.delete(f"{path}/{key['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert api.delete(f"{path}/{key['id']}").status_code == 404
        assert api.get(path).json() == []

    @pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "x" * 101}, {"name": 5}, []])
    def test_a_key_needs_a_name(self, api: httpx.Client, path: str, prefix: str, collection: str, body: object) -> None:
        del prefix, collection
        answer = api.post(path, json=body)
        assert answer.status_code == 422
        assert answer.json()["detail"]


def test_a_scope_that_does_not_exist_is_refused(api: httpx.Client) -> None:
    answer = api.post("/v1/dev/keys", json={"name": "x", "scopes": ["everything"]})
    assert answer.status_code == 422


def test_there_is_an_end_to_how_many_keys_a_user_has(api: httpx.Client, uid: str) -> None:
    for number in range(50):
        api_keys.create(KeyKind.MCP, uid=uid, name=str(number))
    answer = api.post("/v1/mcp/keys", json={"name": "one more"})
    assert answer.status_code == 409
    assert "50" in answer.json()["detail"]


class TestPresenting:
    """What a program gets for its key."""

    @staticmethod
    def _ask(anybody: httpx.Client, key: str) -> httpx.Response:
        return anybody.get("/v1/dev/user/memories", headers={"Authorization": f"Bearer {key}"})

    def test_it_is_known_at_once_and_unknown_right_after_it_was_revoked(
        self, api: httpx.Client, anybody: httpx.Client
    ) -> None:
        key = api.post("/v1/dev/keys", json={"name": "laptop"}).json()
        assert self._ask(anybody, key["key"]).status_code == 200
        assert api.delete(f"/v1/dev/keys/{key['id']}").status_code == 204
        refused = self._ask(anybody, key["key"])
        assert (refused.status_code, refused.json()) == (401, {"detail": "The key is not valid"})

    def test_a_reader_who_was_on_its_way_does_not_bring_a_revoked_key_back(self, uid: str) -> None:
        key, secret = api_keys.create(KeyKind.DEVELOPER, uid=uid, name="x")
        api_keys.revoke(KeyKind.DEVELOPER, key_id=key.id, uid=uid)
        api_keys.of(KeyKind.DEVELOPER).put(key)  # as if the reader had read before the deletion
        assert api_keys.find_by_secret(KeyKind.DEVELOPER, secret) is None

    def test_using_it_is_noted(self, api: httpx.Client, anybody: httpx.Client) -> None:
        key = api.post("/v1/dev/keys", json={"name": "laptop"}).json()
        assert key["last_used_at"] is None
        self._ask(anybody, key["key"])
        [listed] = api.get("/v1/dev/keys").json()
        assert listed["last_used_at"] is not None

    def test_a_key_made_without_scopes_reads_and_does_not_write(self, api: httpx.Client, anybody: httpx.Client) -> None:
        key = api.post("/v1/dev/keys", json={"name": "reader"}).json()["key"]
        assert self._ask(anybody, key).status_code == 200
        refused = anybody.post(
            "/v1/dev/user/memories", json={"content": "likes tea"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert (refused.status_code, refused.json()) == (
            403,
            {"detail": f"The key lacks the scope {Scope.WRITE_MEMORIES}"},
        )

    @pytest.mark.parametrize("key", ["omi_dev_", "omi_dev_unknown", "omi_mcp_unknown", "sk_x", "a.b.c", "ä" * 300])
    def test_what_is_no_key_is_refused(self, address: str, key: str) -> None:
        headers = [(b"authorization", b"Bearer " + key.encode())]
        answer = httpx.get(f"{address}/v1/dev/user/memories", headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.json()["detail"]
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_an_id_token_is_no_key_and_a_key_is_no_id_token(self, api: httpx.Client, anybody: httpx.Client) -> None:
        assert api.get("/v1/dev/user/memories").status_code == 401
        key = api.post("/v1/dev/keys", json={"name": "laptop"}).json()["key"]
        answer = anybody.get("/v1/conversations", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401

    def test_an_mcp_key_does_not_open_the_developer_api(self, api: httpx.Client, anybody: httpx.Client) -> None:
        key = api.post("/v1/mcp/keys", json={"name": "assistant"}).json()["key"]
        assert self._ask(anybody, key).status_code == 401

    def test_who_asks_too_often_is_told_when_to_come_back(
        self, api: httpx.Client, anybody: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        strict = Settings(**{**settings().model_dump(), "key_requests_per_minute": 2})
        monkeypatch.setattr(identity, "settings", lambda: strict)
        key = api.post("/v1/dev/keys", json={"name": "busy"}).json()["key"]
        answers = [self._ask(anybody, key) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200, 429}
        refused = answers[-1]
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["x-ratelimit-limit"] == "2"
        assert "dev:minute" in refused.json()["detail"], "omi-cli finds the policy by its name"

    def test_without_redis_keys_work_and_are_refused_once_revoked(
        self, api: httpx.Client, anybody: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = api.post("/v1/dev/keys", json={"name": "laptop"}).json()
        with Redis(host="127.0.0.1", port=free_port(), socket_connect_timeout=0.2) as nobody:
            with pytest.raises(RedisConnectionError):
                nobody.ping()
            monkeypatch.setattr("common.database.cache.redis_client", lambda: nobody)
            assert self._ask(anybody, key["key"]).status_code == 200
            assert api.delete(f"/v1/dev/keys/{key['id']}").status_code == 204
            assert self._ask(anybody, key["key"]).status_code == 401

    @pytest.mark.parametrize(
        ("limit", "policy"), [("key_requests_per_minute", "dev:minute"), ("user_requests_per_day", "dev:day")]
    )
    def test_without_redis_the_limits_hold_those_of_a_day_for_all_instances(
        self, api: httpx.Client, anybody: httpx.Client, monkeypatch: pytest.MonkeyPatch, limit: str, policy: str
    ) -> None:
        strict = Settings(**{**settings().model_dump(), limit: 2})
        monkeypatch.setattr(identity, "settings", lambda: strict)
        monkeypatch.setattr("common.database.cache.redis_client", lambda: None)
        key = api.post("/v1/dev/keys", json={"name": "busy"}).json()["key"]
        statuses = []
        for _ in range(5):
            if policy == "dev:day":  # another instance each time
                monkeypatch.setattr(shared_notes, "_own", type(shared_notes._own)())
            refused = self._ask(anybody, key)
            statuses.append(refused.status_code)
        assert set(statuses) == {200, 429}
        assert statuses[:2] == [200, 200]
        assert policy in refused.json()["detail"]

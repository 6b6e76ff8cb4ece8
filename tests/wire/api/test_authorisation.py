"""Every route, from the surface's own description, for everybody who may not use it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from common.core import clock
from common.core.settings import Settings, settings
from common.database import api_keys
from common.database.api_keys import KeyKind
from common.entry.api import identity
from common.models.api_key import Scope
from local.environment import PROJECT
from local.identity import KEY_ID
from tests.support.apps import make_integration
from tests.support.surface import Operation, description, operations

if TYPE_CHECKING:
    import httpx

    from tests.support.stores import Stores

FOR_EVERYBODY = {
    "GET /v1/health",
    "GET /v1/action-items/shared/{token}",
    "GET /v1/app-images/{folder}/{name}",
    "GET /v1/apps/mcp/callback",
    "GET /v1/conversations/{conversation_id}/shared",
    "GET /v1/media/{store}/{path}",
    "GET /v1/oauth/authorize",
    "GET /v2/messages/shared/{token}",
    "POST /v1/hume/callback",
    "POST /v1/oauth/token",
    "GET /v1/task-integrations/oauth/callback",
}
"""What is public, signed by its address, or judges a token in its body: none of it takes a credential."""

OF_THE_APP = [each for each in operations() if "IdToken" in each.schemes]
OF_DEVELOPERS = [each for each in operations() if "DeveloperKey" in each.schemes]
OF_MCP = [each for each in operations() if "McpKey" in each.schemes]
OF_APPS = [each for each in operations() if "AppKey" in each.schemes]
OF_ADMINISTRATORS = [each for each in operations() if "AdminKey" in each.schemes]


def each_of(chosen: list[Operation]) -> pytest.MarkDecorator:
    """One test per operation."""
    return pytest.mark.parametrize("operation", chosen, ids=str)


def test_every_route_says_who_may_use_it() -> None:
    assert {str(each) for each in operations() if not each.schemes} == FOR_EVERYBODY
    assert len(operations()) > 200


def test_every_route_says_what_may_go_wrong() -> None:
    for each in operations():
        expected = {"422", "503"} | ({"401"} if each.schemes - {"AdminKey"} else set())
        assert expected <= each.statuses, each
        if each.schemes & {"DeveloperKey", "McpKey", "AppKey"}:
            assert "429" in each.statuses, each
        if each.parameters and each.schemes:
            setting = each.parameters in {("kind",), ("app_key",)} or "capability" in each.path
            assert each.statuses & {"404", "403", "405"} or setting, each


def test_every_route_describes_itself() -> None:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            assert operation["description"].strip().endswith((".", "`")), (method, path)
            assert operation["summary"], (method, path)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for methods in description()["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))


def refused(answer: httpx.Response, *statuses: int) -> None:
    """It was refused, in the one form for errors."""
    assert answer.status_code in statuses, answer.text
    assert answer.request.method == "HEAD" or isinstance(answer.json()["detail"], str)
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def ask(client: httpx.Client, operation: Operation, token: str | None, **options: Any) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.request(operation.method, operation.at({}), headers=headers, **options)


class Forgeries:
    """ID tokens that must not count."""

    def __init__(self, stores: Stores, uid: str) -> None:
        self._identity = stores.identity
        self._uid = uid

    def all(self) -> dict[str, str | None]:
        now = int(clock.now().timestamp())
        project = f"https://securetoken.google.com/{PROJECT}"
        sound = {
            "iss": project,
            "aud": PROJECT,
            "sub": self._uid,
            "iat": now - 5,
            "exp": now + 3600,
            "auth_time": now - 5,
        }
        sign = self._identity._sign
        hour = now + 3600
        return {
            "none": None,
            "garbage": "garbage",
            "expired": self._identity.id_token(self._uid, expires_in_s=-60),
            "another audience": sign(sound | {"aud": "another-project"}, issued=now, expires=hour),
            "another issuer": sign(sound | {"iss": "https://evil.example"}, issued=now, expires=hour),
            "nobody": sign(sound | {"sub": ""}, issued=now, expires=hour),
            "of the future": sign(sound | {"auth_time": now + 7200}, issued=now, expires=hour),
            "unsigned": jwt.encode(sound, "", algorithm="none", headers={"kid": KEY_ID}),
            "signed with a password": jwt.encode(sound, "s" * 32, algorithm="HS256", headers={"kid": KEY_ID}),
            "for a task": self._identity.oidc_token(PROJECT, "tasks@example.com"),
        }


@pytest.fixture
def forgeries(stores: Stores, uid: str) -> dict[str, str | None]:
    return Forgeries(stores, uid).all()


def a_key(kind: KeyKind, uid: str, *, scopes: list[str] | None = None) -> tuple[str, str]:
    """A key's id and the key."""
    key, secret = api_keys.create(kind, uid=uid, name="x", scopes=scopes)
    return key.id, secret


ALL_SCOPES = [scope.value for scope in Scope]


@each_of(OF_THE_APP)
def test_the_apps_routes_take_nothing_but_a_genuine_token(
    anybody: httpx.Client, operation: Operation, forgeries: dict[str, str | None], uid: str
) -> None:
    keys = {kind.value: a_key(kind, uid, scopes=ALL_SCOPES)[1] for kind in (KeyKind.DEVELOPER, KeyKind.MCP)}
    for token in (*forgeries.values(), *keys.values()):
        refused(ask(anybody, operation, token), 401)


@each_of(OF_DEVELOPERS)
def test_developers_routes_take_a_valid_key_with_the_scope(
    anybody: httpx.Client, stores: Stores, operation: Operation, uid: str
) -> None:
    key_id, revoked = a_key(KeyKind.DEVELOPER, uid, scopes=ALL_SCOPES)
    assert ask(anybody, operation, revoked).status_code != 401, "it is good until it is revoked"
    api_keys.revoke(KeyKind.DEVELOPER, key_id=key_id, uid=uid)
    mcp = a_key(KeyKind.MCP, uid)[1]
    for token in (None, "omi_dev_unknown", "garbage", revoked, mcp, stores.identity.id_token(uid)):
        refused(ask(anybody, operation, token), 401)
    resource = {"memories": "memories", "action-items": "action_items", "goals": "goals"}
    needed = resource.get(operation.path.split("/")[4], "conversations")
    needed += ":read" if operation.method == "GET" else ":write"
    without = [scope for scope in ALL_SCOPES if scope != needed]
    refused(ask(anybody, operation, a_key(KeyKind.DEVELOPER, uid, scopes=without)[1]), 403)
    assert ask(anybody, operation, a_key(KeyKind.DEVELOPER, uid, scopes=[needed])[1]).status_code not in {401, 403}


@each_of(OF_MCP)
def test_mcp_routes_take_a_valid_key(anybody: httpx.Client, stores: Stores, operation: Operation, uid: str) -> None:
    key_id, revoked = a_key(KeyKind.MCP, uid)
    assert ask(anybody, operation, revoked).status_code != 401, "it is good until it is revoked"
    api_keys.revoke(KeyKind.MCP, key_id=key_id, uid=uid)
    developer = a_key(KeyKind.DEVELOPER, uid, scopes=ALL_SCOPES)[1]
    for token in (None, "omi_mcp_unknown", "garbage", revoked, developer, stores.identity.id_token(uid)):
        refused(ask(anybody, operation, token), 401)


@each_of([each for each in OF_APPS if "app_id" in each.parameters])
def test_apps_routes_take_a_valid_key_of_that_app(
    anybody: httpx.Client, stores: Stores, operation: Operation, uid: str
) -> None:
    app, secret = make_integration()
    _, others = make_integration()
    path = operation.at({"app_id": app.id})

    def call(token: str | None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return anybody.request(operation.method, path, headers=headers, params={"uid": uid, "message": "hello"})

    refused(call(secret), 403)  # the user has not turned it on
    keys = api_keys.of(KeyKind.APP, app_id=app.id)
    [key] = keys.stream(keys.collection.limit(1))
    api_keys.revoke(KeyKind.APP, key_id=key.id, uid=app.uid or "", app_id=app.id)
    for token in (None, "sk_unknown", "garbage", others, secret, stores.identity.id_token(uid)):
        refused(call(token), 401)


@each_of(OF_ADMINISTRATORS)
def test_administrators_routes_take_only_their_secret(
    anybody: httpx.Client, stores: Stores, operation: Operation, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
    refused(anybody.request(operation.method, operation.at({}), headers={"secret-key": "", **token}), 403)
    known = Settings(**{**settings().model_dump(), "admin_key": "let me in"})
    monkeypatch.setattr(identity, "settings", lambda: known)
    for headers in ({}, {"secret-key": ""}, {"secret-key": "let me i"}, {"secret-key": "let me in!"}, token):
        refused(anybody.request(operation.method, operation.at({}), headers=headers), 403)
    allowed = anybody.request(operation.method, operation.at({}), headers={"secret-key": "let me in"})
    assert allowed.status_code not in {401, 403}


def test_a_token_that_is_about_to_expire_still_counts(anybody: httpx.Client, stores: Stores, uid: str) -> None:
    token = stores.identity.id_token(uid, expires_in_s=timedelta(seconds=30).total_seconds())
    answer = anybody.get("/v1/conversations", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200

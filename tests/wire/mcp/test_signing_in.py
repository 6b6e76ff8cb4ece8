"""Being let in by an authorization server that nobody has told of us: once, for whom it was meant, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from common.accounts.export import export_account
from common.apps.mcp import granting
from common.database import apps, installs, mcp_authorizations, mcp_grants, users, wrapping
from common.database.clients import firestore_client
from common.models.app import PENDING_MCP_AUTH
from tests.support.everything import documents, documents_below
from tests.support.logged import captured
from tests.support.mcp_authority import Authority
from tests.wire.mcp.browsing import add, come_back, connect, sign_in, state_of

if TYPE_CHECKING:
    from tests.wire.api.conftest import ApiAs


def _with(url: str, **changed: str | None) -> str:
    """The same address with other parameters."""
    parts = urlsplit(url)
    query: dict[str, Any] = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    given = {name: value for name, value in query.items() if value is not None}
    return str(httpx.URL(parts._replace(query="").geturl(), params=given))


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_the_user_signs_in_and_the_app_has_its_tools(
    api: httpx.Client, uid: str, authority: Authority, protected: str, method: str
) -> None:
    authority.methods = (method,)
    answer = add(api, protected)
    assert answer.status_code == 200, answer.text
    app_id, auth_url = answer.json()["app_id"], answer.json()["auth_url"]
    assert answer.json() == {"status": "ok", "app_id": app_id, "requires_oauth": True, "auth_url": auth_url}
    assert (apps.get(app_id).status, installs.enabled_ids(uid=uid)) == (PENDING_MCP_AUTH, set())
    asked = parse_qs(urlsplit(auth_url).query)
    assert (asked["code_challenge_method"], asked["resource"], asked["scope"]) == (["S256"], [protected], ["tools"])
    [client] = authority.clients.values()
    assert client["redirect_uris"] == [str(api.base_url.join("/v1/apps/mcp/callback"))]
    page = come_back(sign_in(auth_url))
    assert page.status_code == 200, page.text
    assert "Numbers is connected, with 2 tools" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    app = apps.get(app_id)
    assert (app.status, [each.name for each in app.chat_tools]) == ("under-review", ["double", "erase"])
    assert installs.enabled_ids(uid=uid) == {app_id}
    assert api.post(f"/v1/apps/{app_id}/mcp/refresh").json()["tool_names"] == ["double", "erase"]


def test_what_lets_in_is_sealed_at_rest_told_to_nobody_and_logged_nowhere(
    api: httpx.Client, uid: str, authority: Authority, protected: str
) -> None:
    with captured() as lines:
        added = add(api, protected).json()
        verifier = mcp_grants.of(uid=uid).get(added["app_id"]).pending
        back = sign_in(added["auth_url"])
        kept = set(authority.codes)
        page = come_back(back)
        authority.expire()
        api.post(f"/v1/apps/{added['app_id']}/mcp/refresh")
        come_back(back)
    assert verifier is not None
    kept |= authority.secrets() | {verifier.verifier, state_of(added["auth_url"])}
    assert len(kept) > 6
    told = [page.text, api.get(f"/v1/apps/{added['app_id']}").text, *export_account(uid=uid), json.dumps(lines)]
    stored = str(documents())
    assert not [each for each in kept if each in stored or any(each in text for text in told)]
    assert {line["message"] for line in lines} >= {"mcp_sign_in_failed"}
    grant = documents_below(firestore_client().document("users", uid))[f"users/{uid}/mcp_grants/{added['app_id']}"]
    assert all(isinstance(grant[name], bytes) for name in ("registration", "tokens"))
    assert mcp_grants.of(uid=uid).get(added["app_id"]).tokens is not None


def test_whoever_wants_all_their_words_sealed_signs_in_as_well(
    api: httpx.Client, uid: str, authority: Authority, protected: str
) -> None:
    users.change(uid=uid, data_protection_level="enhanced")
    app_id = connect(api, protected)
    authority.expire()
    assert api.post(f"/v1/apps/{app_id}/mcp/refresh").json()["tools_count"] == 2


def test_without_a_key_to_seal_with_nobody_signs_in(
    api: httpx.Client, uid: str, authority: Authority, protected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapping, "is_possible", lambda: False)
    refused = add(api, protected)
    assert (refused.status_code, "no key is set up" in refused.json()["detail"]) == (422, True)
    assert (authority.asked, apps.list_of_user(uid=uid)) == ([], [])


def test_a_return_counts_once(api: httpx.Client, uid: str, authority: Authority, protected: str) -> None:
    back = sign_in(add(api, protected).json()["auth_url"])
    assert come_back(back).status_code == 200
    [grant] = mcp_grants.list_all(uid=uid)
    again = come_back(back)
    assert (again.status_code, "Nobody waits for this" in again.text) == (400, True)
    assert authority.count("/token") == 1
    assert mcp_grants.list_all(uid=uid) == [grant]


@pytest.mark.parametrize("state", ["", "guessed", None, "x" * 400])
def test_a_return_that_nobody_waits_for_is_refused(
    api: httpx.Client, authority: Authority, protected: str, state: str | None
) -> None:
    back = sign_in(add(api, protected).json()["auth_url"])
    assert come_back(_with(back, state=state)).status_code == 400
    assert authority.count("/token") == 0


def test_nobody_waits_for_long(
    api: httpx.Client, authority: Authority, protected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(granting, "WAITED_S", 0.0)
    assert come_back(sign_in(add(api, protected).json()["auth_url"])).status_code == 400
    assert authority.count("/token") == 0


def test_only_the_newest_attempt_counts(api: httpx.Client, authority: Authority, protected: str) -> None:
    first, second = (add(api, protected).json() for _ in range(2))
    assert first["app_id"] == second["app_id"]
    assert len(authority.clients) == 1, "the first registration was given up"
    newest = sign_in(second["auth_url"])
    assert come_back(_with(newest, state=state_of(first["auth_url"]))).status_code == 400
    assert come_back(newest).status_code == 200


def test_a_code_of_somebody_else_is_worth_nothing(
    api: httpx.Client, api_as: ApiAs, uid: str, authority: Authority, protected: str
) -> None:
    mine = sign_in(add(api, protected).json()["auth_url"])
    theirs = sign_in(add(api_as(f"{uid}-2"), protected).json()["auth_url"])
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    page = come_back(_with(mine, code=code))
    assert (page.status_code, authority.grants) == (502, set())
    assert [grant.tokens for grant in mcp_grants.list_all(uid=uid)] == [None]


def test_an_older_attempt_that_somehow_is_waited_for_still_is_not_taken_for_the_newest(
    api: httpx.Client, uid: str, authority: Authority, protected: str
) -> None:
    added = add(api, protected).json()
    mcp_authorizations.expect("older", uid=uid, app_id=added["app_id"], within_s=900)
    assert come_back(_with(sign_in(added["auth_url"]), state="older")).status_code == 400
    assert authority.count("/token") == 0


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_an_answer_of_another_issuer_is_not_told_our_code(
    api: httpx.Client, authority: Authority, protected: str, issuer: str | None
) -> None:
    page = come_back(_with(sign_in(add(api, protected).json()["auth_url"]), iss=issuer))
    assert (page.status_code, "somebody else" in page.text) == (400, True)
    assert authority.count("/token") == 0


def test_a_user_may_say_no_and_begin_again(api: httpx.Client, authority: Authority, protected: str) -> None:
    added = add(api, protected).json()
    back = sign_in(added["auth_url"])
    page = come_back(_with(back, code=None, error="access_denied", error_description="<script>alert(1)</script>"))
    assert (page.status_code, "You were not let in" in page.text, "<script>" in page.text) == (400, True, False)
    assert come_back(back).status_code == 400, "that was it"
    assert apps.get(added["app_id"]).status == PENDING_MCP_AUTH
    again = api.post(f"/v1/apps/{added['app_id']}/mcp/refresh").json()
    assert again["requires_oauth"]
    assert come_back(sign_in(again["auth_url"])).status_code == 200
    assert len(authority.clients) == 1


def test_an_app_whose_name_is_markup_stays_a_name(api: httpx.Client, authority: Authority, protected: str) -> None:
    assert authority
    page = come_back(sign_in(add(api, protected, name="<b onload=x>").json()["auth_url"]))
    assert "&lt;b onload=x&gt;" in page.text


def test_an_app_that_is_gone_is_not_brought_back(api: httpx.Client, authority: Authority, protected: str) -> None:
    added = add(api, protected).json()
    back = sign_in(added["auth_url"])
    assert api.delete(f"/v1/apps/{added['app_id']}").status_code == 200
    assert (come_back(back).status_code, authority.count("/token")) == (400, 0)

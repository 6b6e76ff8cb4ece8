"""With an app, or its user, goes what they were granted: here at once, and elsewhere where they take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from common.accounts import deletion
from common.accounts.deletion import delete_account, request_deletion
from common.apps.mcp import named
from common.core.settings import settings
from common.database import account, apps, mcp_grants
from common.models.events import DeleteAccount
from tests.support.everything import documents
from tests.support.mcp_authority import Authority, Fault, answers, hangs
from tests.wire.mcp.browsing import add, come_back, connect, sign_in

if TYPE_CHECKING:
    import httpx

    from tests.wire.api.conftest import ApiAs


def test_deleting_the_app_gives_everything_back(
    api: httpx.Client, uid: str, authority: Authority, protected: str
) -> None:
    app_id = connect(api, protected)
    assert (len(authority.grants), len(authority.clients)) == (1, 1)
    assert api.delete(f"/v1/apps/{app_id}").status_code == 200
    assert (authority.grants, authority.clients) == (set(), {})
    assert mcp_grants.list_all(uid=uid) == []
    # That an app was turned on means nothing once it is gone.
    assert [path for path in documents() if app_id in path] == [f"users/{uid}/enabled_apps/{app_id}"]


def test_an_attempt_that_is_under_way_ends_with_the_app(
    api: httpx.Client, authority: Authority, protected: str
) -> None:
    added = add(api, protected).json()
    assert [path for path in documents() if path.startswith("mcp_authorizations/")]
    assert api.delete(f"/v1/apps/{added['app_id']}").status_code == 200
    assert not [path for path in documents() if path.startswith("mcp_authorizations/")]
    assert authority.clients == {}


@pytest.mark.parametrize("fault", [answers(status=500), hangs(1.5)], ids=["500", "hangs"])
def test_an_app_goes_whatever_others_do(
    api: httpx.Client, uid: str, authority: Authority, protected: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "LONGEST_S", 0.5)
    app_id = connect(api, protected)
    [client_id] = authority.clients
    authority.faults |= {"/revoke": fault, f"/register/{client_id}": fault}
    assert api.delete(f"/v1/apps/{app_id}").status_code == 200
    assert mcp_grants.list_all(uid=uid) == []


def test_signing_in_again_gives_back_what_there_was(
    api: httpx.Client, uid: str, authority: Authority, protected: str
) -> None:
    app_id = connect(api, protected)
    [first] = authority.clients
    # What lets the user in is not taken any more, and what could be had instead is lost here.
    authority.expire()
    mcp_grants.of(uid=uid).change(
        app_id,
        lambda grant: grant.model_copy(
            update={"tokens": grant.tokens and grant.tokens.model_copy(update={"refresh_token": None})}
        ),
    )
    authority.access["t"] = next(iter(authority.refresh.values()))
    again = api.post(f"/v1/apps/{app_id}/mcp/refresh").json()
    assert first in authority.clients, "until the user has come back"
    assert come_back(sign_in(again["auth_url"])).status_code == 200
    assert (first in authority.clients, len(authority.clients)) == (False, 1)


def test_an_account_goes_with_all_of_it_and_the_neighbour_keeps_theirs(
    api: httpx.Client,
    api_as: ApiAs,
    uid: str,
    authority: Authority,
    protected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletion, "settings", lambda: settings().model_copy(update={"answer_wait_s": 0.0}))
    mine, theirs = connect(api, protected), connect(api_as(f"{uid}-2"), protected)
    add(api_as(uid), f"{authority.issuer}/mcp")
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))
    assert all(part.count(uid) == 0 for part in account.parts())
    assert (len(authority.grants), len(authority.clients)) == (1, 1)
    assert mcp_grants.of(uid=f"{uid}-2").get(theirs).tokens is not None
    assert not [path for path in documents() if mine in path]
    assert apps.get(theirs)

"""What a user was granted is renewed when it is over: by one at a time, for them alone, and as long as it lasts."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from common.apps.mcp import tokens
from common.apps.mcp.access import with_access
from common.apps.mcp.asking import call_tool
from common.apps.mcp.judged import judged_client
from common.core import clock
from common.core.clock import Deadline
from common.core.errors import AuthorizationWantedError, OutsideError
from common.database import apps, mcp_grants
from common.models.app import ExternalIntegration
from tests.support.mcp_authority import Authority, Fault, answers, hangs
from tests.support.webhook_receiver import answering, receiving
from tests.wire.mcp.browsing import come_back, connect, sign_in

if TYPE_CHECKING:
    import httpx

    from common.models.mcp import Tokens

PATIENCE_S = 20.0


@pytest.fixture
def app_id(api: httpx.Client, protected: str) -> str:
    """An app whose server has let its user in."""
    return connect(api, protected)


def _double(app_id: str, uid: str) -> str:
    app = apps.get(app_id)
    deadline = Deadline.real(PATIENCE_S)

    def call(token: str | None) -> str:
        return call_tool(app.mcp_server_url or "", "double", {"number": 21}, token=token, within_s=PATIENCE_S)

    return with_access(app, call, uid=uid, deadline=deadline)


def _tokens(app_id: str, uid: str) -> Tokens | None:
    return mcp_grants.of(uid=uid).get(app_id).tokens


def _end_soon(app_id: str, uid: str) -> None:
    soon = {"expires_at": clock.now() + timedelta(seconds=5)}
    mcp_grants.of(uid=uid).change(
        app_id,
        lambda grant: grant.model_copy(update={"tokens": grant.tokens and grant.tokens.model_copy(update=soon)}),
    )


def test_a_token_that_the_server_takes_no_longer_is_renewed_and_the_call_is_made(
    authority: Authority, app_id: str, uid: str
) -> None:
    before = _tokens(app_id, uid)
    authority.expire()
    assert _double(app_id, uid) == "twice is 42"
    after = _tokens(app_id, uid)
    assert before is not None
    assert after is not None
    assert (before.access_token != after.access_token, before.refresh_token != after.refresh_token) == (True, True)
    assert _double(app_id, uid) == "twice is 42"
    assert authority.count("/token", grant_type="refresh_token") == 1


def test_a_token_that_is_about_to_end_is_renewed_before_it_is_shown(
    authority: Authority, app_id: str, uid: str
) -> None:
    _end_soon(app_id, uid)
    old = set(authority.access)
    assert _double(app_id, uid) == "twice is 42"
    assert authority.count("/token", grant_type="refresh_token") == 1
    kept = _tokens(app_id, uid)
    assert kept is not None
    assert kept.access_token not in old


def test_a_server_that_does_not_rotate_keeps_its_refresh_token(authority: Authority, app_id: str, uid: str) -> None:
    authority.rotates = False
    before = _tokens(app_id, uid)
    for _ in range(2):
        authority.expire()
        assert _double(app_id, uid) == "twice is 42"
    after = _tokens(app_id, uid)
    assert before is not None
    assert after is not None
    assert before.refresh_token == after.refresh_token


def test_many_at_once_do_not_burn_a_token_that_counts_once(authority: Authority, app_id: str, uid: str) -> None:
    authority.expire()
    authority.slow_s = 0.3
    together = threading.Barrier(6)

    def ask(_: int) -> str:
        together.wait(10)
        return _double(app_id, uid)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(ask, range(6))) == {"twice is 42"}
    assert authority.count("/token", grant_type="refresh_token") == 1
    assert len(authority.grants) == 1, "and nobody was taken for a thief"


def test_a_grant_that_is_over_is_not_asked_for_again_and_can_be_had_again(
    api: httpx.Client, authority: Authority, app_id: str, uid: str
) -> None:
    authority.grants.clear()
    for _ in range(2):
        with pytest.raises(AuthorizationWantedError):
            _double(app_id, uid)
    assert authority.count("/token", grant_type="refresh_token") == 1
    assert _tokens(app_id, uid) is None
    again = api.post(f"/v1/apps/{app_id}/mcp/refresh").json()
    assert (again["requires_oauth"], again["app_id"]) == (True, app_id)
    assert come_back(sign_in(again["auth_url"])).status_code == 200
    assert _double(app_id, uid) == "twice is 42"


@pytest.mark.parametrize("fault", [answers(status=500), answers({}), hangs(1.5)], ids=["500", "nothing", "hangs"])
def test_an_outage_costs_the_call_and_not_the_grant(
    authority: Authority, app_id: str, uid: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LONGEST_S", 0.8)
    before = _tokens(app_id, uid)
    authority.expire()
    authority.faults["/token"] = fault
    with pytest.raises(OutsideError) as raised:
        _double(app_id, uid)
    assert not isinstance(raised.value, AuthorizationWantedError)
    assert _tokens(app_id, uid) == before
    authority.faults.clear()
    assert _double(app_id, uid) == "twice is 42"


def test_a_grant_whose_end_was_known_is_had_again_as_the_server_says(
    api: httpx.Client, authority: Authority, app_id: str, uid: str
) -> None:
    _end_soon(app_id, uid)
    authority.grants.clear()
    again = api.post(f"/v1/apps/{app_id}/mcp/refresh").json()
    assert again["requires_oauth"]
    assert authority.count("/token", grant_type="refresh_token") == 1


@pytest.mark.parametrize("when", ["known before", "told by the server"])
@pytest.mark.parametrize("fault", [answers(status=404), answers(status=500)], ids=["404", "500"])
def test_where_whoever_granted_it_is_gone_the_user_can_sign_in_at_whoever_is_there_now(
    api: httpx.Client, authority: Authority, app_id: str, uid: str, when: str, fault: Fault
) -> None:
    authority.expire()
    if when == "known before":
        _end_soon(app_id, uid)
    before = _tokens(app_id, uid)
    moved, authority.faults["/token"] = f"{authority.issuer}/elsewhere", fault
    with pytest.raises(OutsideError):
        _double(app_id, uid)
    authority.describes["token_endpoint"] = moved
    again = api.post(f"/v1/apps/{app_id}/mcp/refresh").json()
    assert again["requires_oauth"]
    assert _tokens(app_id, uid) == before, "which may serve again, should they not sign in"
    assert come_back(sign_in(again["auth_url"])).status_code == 200
    assert _double(app_id, uid) == "twice is 42"


def test_an_attempt_to_sign_in_again_leaves_what_there_is_until_it_has_come_to_something(
    api: httpx.Client, authority: Authority, app_id: str, uid: str
) -> None:
    authority.faults["/token"] = answers(status=500)
    before = _tokens(app_id, uid)
    authority.expire()
    assert api.post(f"/v1/apps/{app_id}/mcp/refresh").json()["requires_oauth"]
    assert _tokens(app_id, uid) == before


def test_what_one_user_was_granted_serves_nobody_else(authority: Authority, app_id: str, uid: str) -> None:
    with pytest.raises(AuthorizationWantedError):
        _double(app_id, f"{uid}-2")
    assert authority.count("/token", grant_type="refresh_token") == 0
    assert _double(app_id, uid) == "twice is 42"


def test_what_was_granted_for_one_server_is_not_shown_to_another(app_id: str, uid: str) -> None:
    with receiving() as elsewhere:
        moved = ExternalIntegration(mcp_server_url=elsewhere.url)
        apps.change(app_id, lambda app: app.model_copy(update={"external_integration": moved}))
        with pytest.raises(OutsideError):
            _double(app_id, uid)
    assert elsewhere.received
    assert all("authorization" not in request.headers for request in elsewhere.received)


def test_a_redirect_takes_the_token_nowhere(app_id: str, uid: str) -> None:
    with receiving() as server, receiving() as elsewhere:
        server.answers = [answering(b"", "307 Elsewhere", f"Location: {elsewhere.url}\r\n")]
        moved = ExternalIntegration(mcp_server_url=server.url)
        apps.change(app_id, lambda app: app.model_copy(update={"external_integration": moved}))

        def to_this_server(url: str) -> None:
            mcp_grants.of(uid=uid).change(
                app_id,
                lambda grant: grant.model_copy(
                    update={
                        "registration": grant.registration and grant.registration.model_copy(update={"server_url": url})
                    }
                ),
            )

        to_this_server(server.url)
        with pytest.raises(OutsideError):
            _double(app_id, uid)
    token = _tokens(app_id, uid)
    assert token is not None
    assert server.received[0].headers["authorization"] == f"Bearer {token.access_token}"
    assert elsewhere.connections == 0


@pytest.mark.usefixtures("stores")
def test_whatever_asks_through_it_a_token_is_shown_to_its_own_server() -> None:
    async def ask(own: str, other: str) -> None:
        async with judged_client(own, within_s=5, token="t") as client:  # noqa: S106 - no secret
            for url in (own, other):
                await client.get(url)

    with receiving() as server, receiving() as elsewhere:
        asyncio.run(ask(server.url, elsewhere.url))
    assert [request.headers["authorization"] for request in server.received] == ["Bearer t"]
    assert "authorization" not in elsewhere.received[0].headers

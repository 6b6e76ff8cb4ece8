"""Whatever a stranger's server, or its authorization server, says of itself: nothing comes of it but a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from common.apps.mcp import named, tokens
from common.database import apps, installs, mcp_grants
from common.models.app import PENDING_MCP_AUTH
from tests.support.mcp_authority import METADATA, Authority, Fault, answers, hangs
from tests.wire.mcp.browsing import add, come_back, sign_in

if TYPE_CHECKING:
    import httpx

PROTECTED = "/.well-known/oauth-protected-resource/refusing"


@pytest.fixture(autouse=True)
def refusing(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that lets nobody in, and leaves it to a test who might."""
    for each in (named, tokens):
        monkeypatch.setattr(each, "LONGEST_S", 1.0)
    url = f"{authority.issuer}/refusing"
    authority.faults["/refusing"] = answers({}, status=401, headers={"www-authenticate": "Bearer"})
    authority.faults[PROTECTED] = answers({"resource": url, "authorization_servers": [authority.issuer]})
    return url


def _refused(api: httpx.Client, uid: str, url: str) -> str:
    answer = add(api, url)
    assert answer.status_code == 502, answer.text
    assert apps.list_of_user(uid=uid) == []
    assert mcp_grants.list_all(uid=uid) == []
    return str(answer.json()["detail"])


def test_well_behaved_it_sends_the_user_away(api: httpx.Client, refusing: str) -> None:
    assert add(api, refusing).json()["requires_oauth"]


def test_without_a_word_about_its_issuer_a_server_is_its_own(
    api: httpx.Client, authority: Authority, refusing: str
) -> None:
    del authority.faults[PROTECTED]
    assert add(api, refusing).json()["requires_oauth"]


@pytest.mark.parametrize(
    "fault",
    [
        answers(status=404),
        answers(status=500),
        answers(b"x" * 2 * 1024 * 1024),
        answers(b"[" * 100_000),
        answers(b"", status=302, headers={"location": "http://169.254.169.254/"}),
        hangs(1.5),
    ],
    ids=["none", "500", "2 MB", "deep", "redirect inside", "hangs"],
)
@pytest.mark.parametrize("path", [METADATA, PROTECTED])
def test_metadata_that_cannot_be_had(
    api: httpx.Client, uid: str, authority: Authority, refusing: str, fault: Fault, path: str
) -> None:
    authority.faults[path] = fault
    if path == PROTECTED:
        authority.faults[METADATA] = answers(status=404)
    _refused(api, uid, refusing)
    assert authority.count("/register") == 0


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"code_challenge_methods_supported": None},
        {"code_challenge_methods_supported": ["plain"]},
        {"registration_endpoint": None},
        {"registration_endpoint": "http://169.254.169.254/register"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://metadata.google.internal/"},
    ],
    ids=str,
)
def test_metadata_that_is_not_sound(
    api: httpx.Client, uid: str, authority: Authority, refusing: str, described: dict[str, Any]
) -> None:
    authority.describes = described
    _refused(api, uid, refusing)
    assert authority.count("/register") == 0


@pytest.mark.parametrize(
    ("described", "why"),
    [
        ({"resource": "https://another.example/mcp"}, "says of another one"),
        ({"authorization_servers": ["http://169.254.169.254/"]}, "must not be asked"),
    ],
    ids=["resource", "authority inside"],
)
def test_a_server_that_speaks_of_others(
    api: httpx.Client, uid: str, authority: Authority, refusing: str, described: dict[str, Any], why: str
) -> None:
    sound = {"resource": refusing, "authorization_servers": [authority.issuer]}
    authority.faults[PROTECTED] = answers(sound | described)
    assert why in _refused(api, uid, refusing)


def test_a_challenge_that_leads_inside(api: httpx.Client, uid: str, authority: Authority, refusing: str) -> None:
    challenge = 'Bearer resource_metadata="http://169.254.169.254/computeMetadata"'
    authority.faults["/refusing"] = answers({}, status=401, headers={"www-authenticate": challenge})
    assert "must not be asked" in _refused(api, uid, refusing)


@pytest.mark.parametrize(
    "fault",
    [
        answers({"error": "invalid_redirect_uri"}, status=400),
        answers({}, status=201),
        answers(b"no JSON", status=201),
        answers({"client_id": "x" * 10_000}, status=201),
        answers({"client_id": "x", "token_endpoint_auth_method": "private_key_jwt"}, status=201),
        answers(b"x" * 2 * 1024 * 1024, status=201),
        hangs(1.5),
    ],
    ids=["refused", "empty", "no JSON", "long", "a proof we cannot give", "2 MB", "hangs"],
)
def test_registrations_of_no_use(
    api: httpx.Client, uid: str, authority: Authority, refusing: str, fault: Fault
) -> None:
    authority.faults["/register"] = fault
    _refused(api, uid, refusing)


def test_where_a_registration_ends_is_believed_of_nobody_else(
    api: httpx.Client, uid: str, authority: Authority, refusing: str
) -> None:
    elsewhere = {"registration_client_uri": "http://127.0.0.1:1/x", "registration_access_token": "t"}
    authority.faults["/register"] = answers({"client_id": "x", **elsewhere}, status=201)
    grant = mcp_grants.of(uid=uid).get(add(api, refusing).json()["app_id"])
    assert grant.pending is not None
    assert grant.pending.registration.registration_uri is None


@pytest.mark.parametrize(
    "fault",
    [
        answers({"error": "invalid_grant"}, status=400),
        answers({"error": "server_error"}, status=500),
        answers({}),
        answers(b"no JSON"),
        answers({"access_token": "t", "token_type": "DPoP"}),
        answers({"access_token": "t\r\nx-injected: 1", "token_type": "bearer"}),
        answers({"access_token": "x" * 10_000, "token_type": "bearer"}),
        answers(b"x" * 2 * 1024 * 1024),
        answers(b"", status=307, headers={"location": "http://169.254.169.254/"}),
        hangs(1.5),
    ],
    ids=["refused", "500", "empty", "no JSON", "kind", "injected", "long", "2 MB", "redirect", "hangs"],
)
def test_codes_for_which_there_is_no_token(
    api: httpx.Client, uid: str, authority: Authority, refusing: str, fault: Fault
) -> None:
    added = add(api, refusing).json()
    authority.faults["/token"] = fault
    page = come_back(sign_in(added["auth_url"]))
    assert (page.status_code, "That did not work" in page.text) == (502, True)
    assert [grant.tokens for grant in mcp_grants.list_all(uid=uid)] == [None]
    assert apps.get(added["app_id"]).status == PENDING_MCP_AUTH


def test_a_server_that_does_not_take_its_own_tokens(
    api: httpx.Client, uid: str, authority: Authority, refusing: str
) -> None:
    page = come_back(sign_in(add(api, refusing).json()["auth_url"]))
    assert page.status_code == 502
    assert authority.count("/token", grant_type="refresh_token") == 1, "it is tried once more, and that is all"
    assert installs.enabled_ids(uid=uid) == set()

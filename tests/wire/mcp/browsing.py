"""What an app and a browser do to connect a remote MCP server."""

from urllib.parse import parse_qs, urlsplit

import httpx


def add(api: httpx.Client, url: str, **body: str) -> httpx.Response:
    """Add a server."""
    return api.post("/v1/apps/mcp", json={"name": "Numbers", "mcp_server_url": url, **body})


def sign_in(auth_url: str) -> str:
    """What a browser does at the authorization server: where it is sent back to."""
    with httpx.Client(trust_env=False) as browser:
        answer = browser.get(auth_url)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def come_back(url: str) -> httpx.Response:
    """The page on which the user ends."""
    return httpx.get(url, trust_env=False)


def connect(api: httpx.Client, url: str) -> str:
    """Add a server that wants to know the user, and sign in; the app's id."""
    added = add(api, url).json()
    page = come_back(sign_in(added["auth_url"]))
    assert page.status_code == 200, page.text
    return str(added["app_id"])


def state_of(url: str) -> str:
    """The `state` in an address."""
    return parse_qs(urlsplit(url).query)["state"][0]

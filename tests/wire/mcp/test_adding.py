"""A remote MCP server becomes a private app of whoever adds it, if it is one and is outside."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from common.apps.mcp import adding, asking
from common.core.settings import settings
from common.database import apps, installs
from common.entry.api.apps import mcp as routes
from common.models.app import App
from tests.support.mcp_authority import serving_tools
from tests.support.stores import free_port
from tests.support.webhook_receiver import Receiver, answering, receiving
from tests.wire.mcp.browsing import add

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from mcp.server.mcpserver import MCPServer

    from tests.support.stores import Stores
    from tests.wire.api.conftest import ApiAs


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what is outside may be asked."""
    monkeypatch.setenv("OUTSIDE_MAY_BE_HERE", "false")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def _own(uid: str) -> list[App]:
    return apps.list_of_user(uid=uid)


def test_a_server_that_lets_everybody_in_is_an_app_with_its_tools_at_once(
    api: httpx.Client, uid: str, open_server: str
) -> None:
    answer = add(api, open_server, description="Counts")
    assert answer.status_code == 200, answer.text
    added = answer.json()
    app_id = added.pop("app_id")
    assert added == {
        "status": "ok",
        "requires_oauth": False,
        "tools_count": 2,
        "tool_names": ["double", "erase"],
    }
    shown = api.get(f"/v1/apps/{app_id}").json()
    assert (shown["name"], shown["description"], shown["uid"]) == ("Numbers", "Counts", uid)
    assert (shown["private"], shown["approved"], shown["enabled"]) == (True, False, True)
    assert shown["external_integration"]["mcp_server_url"] == open_server
    double, erase = shown["chat_tools"]
    assert (double["is_mcp"], double["transport"], double["endpoint"]) == (True, "streamable_http", "")
    assert list(double["parameters"]["properties"]) == ["number"]
    assert (double["changes"], erase["changes"]) == (False, True)


def test_nobody_else_sees_it(api: httpx.Client, api_as: ApiAs, uid: str, open_server: str) -> None:
    app_id = add(api, open_server).json()["app_id"]
    other = api_as(f"{uid}-2")
    assert other.get(f"/v1/apps/{app_id}").status_code == 403
    assert other.post(f"/v1/apps/{app_id}/mcp/refresh").status_code == 403
    assert other.post("/v1/apps/enable", params={"app_id": app_id}).status_code == 403
    assert open_server not in other.get("/v1/apps").text


def test_adding_it_again_is_the_same_app(api: httpx.Client, uid: str, open_server: str) -> None:
    first = add(api, open_server).json()["app_id"]
    again = add(api, open_server, name="Sums").json()["app_id"]
    assert again == first
    assert [app.name for app in _own(uid)] == ["Sums"]


def test_adding_it_twice_at_once_is_the_same_app(api: httpx.Client, uid: str, open_server: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [answer.json()["app_id"] for answer in pool.map(lambda _: add(api, open_server), range(4))]
    assert [app.id for app in _own(uid)] == list(set(made))


def test_there_is_an_end_to_how_many_a_user_adds(
    api: httpx.Client, stores: Stores, open_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "MOST_SERVERS", 1)
    assert add(api, open_server).status_code == 200
    with serving_tools(stores.run, lambda _: None, None) as another:
        refused = add(api, another)
    assert (refused.status_code, "delete one first" in refused.json()["detail"]) == (409, True)


def test_there_is_an_end_to_how_often_strangers_are_asked(
    api: httpx.Client, open_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ASKED_PER_HOUR", 1)
    app_id = add(api, open_server).json()["app_id"]
    assert api.post(f"/v1/apps/{app_id}/mcp/refresh").status_code == 429
    assert add(api, open_server).status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " ", "mcp_server_url": "https://mcp.example.com/"},
        {"name": "x" * 101, "mcp_server_url": "https://mcp.example.com/"},
        {"name": "A", "mcp_server_url": ""},
        {"name": "A", "mcp_server_url": "mcp.example.com"},
        {"name": "A", "mcp_server_url": "ftp://mcp.example.com/"},
        {"name": "A", "mcp_server_url": "https://user:password@mcp.example.com/"},
        {"name": "A", "mcp_server_url": "http://169.254.169.254/"},
        {"name": "A", "mcp_server_url": "http://10.0.0.1/mcp"},
    ],
    ids=str,
)
def test_what_is_no_server_outside_is_refused(api: httpx.Client, uid: str, body: dict[str, str]) -> None:
    answer = api.post("/v1/apps/mcp", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert _own(uid) == []


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("place", ["http://127.0.0.1:{}/", "https://localhost:{}/", "https://2130706433:{}/mcp"])
def test_deployed_nothing_of_ours_is_asked(api: httpx.Client, uid: str, receiver: Receiver, place: str) -> None:
    assert add(api, place.format(receiver.port)).status_code == 422
    assert receiver.connections == 0
    assert _own(uid) == []


def test_a_name_that_leads_inside_is_found_out_when_it_is_connected_to(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = socket.getaddrinfo

    def resolved(host: str, port: int, *options: Any, **named: Any) -> Any:
        inside = host == "mcp.example.com"
        return [(socket.AF_INET, 1, 6, "", ("10.1.2.3", port))] if inside else public(host, port, *options, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    answer = add(api, "https://mcp.example.com/mcp")
    assert (answer.status_code, answer.json()["detail"]) == (422, "The address does not lead to a public host")
    assert _own(uid) == []


@pytest.mark.parametrize(
    "answer",
    [
        answering(b"<html>", "404 Not Found"),
        answering(b"", "500 Oops"),
        answering(b"{}", headers="Content-Type: application/json\r\n"),
        answering(b"[[[", headers="Content-Type: application/json\r\n"),
        answering(b"x" * 2 * 1024 * 1024, headers="Content-Type: application/json\r\n"),
        answering(b"", "307 Elsewhere", "Location: http://169.254.169.254/latest\r\n"),
    ],
    ids=["404", "500", "no JSON-RPC", "no JSON", "2 MB", "redirect inside"],
)
def test_what_does_not_answer_as_a_server_is_none(api: httpx.Client, uid: str, receiver: Receiver, answer: Any) -> None:
    receiver.answers = [answer]
    refused = add(api, receiver.url)
    assert (refused.status_code, refused.json()["detail"]) == (502, "The app's server does not answer as it should")
    assert _own(uid) == []


def test_no_redirect_leads_to_another_server(api: httpx.Client, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.answers = [answering(b"", "307 Elsewhere", f"Location: {elsewhere.url}\r\n")]
        assert add(api, receiver.url).status_code == 502
    assert (receiver.connections > 0, elsewhere.connections) == (True, 0)


def test_a_server_that_hangs_is_left(api: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "LISTED_WITHIN_S", 0.4)

    def hang(connection: socket.socket) -> None:
        connection.recv(1)

    receiver.answers = [hang]
    assert add(api, receiver.url).status_code == 502


def test_a_closed_door_is_no_server(api: httpx.Client) -> None:
    assert add(api, f"http://127.0.0.1:{free_port()}/mcp").status_code == 502


def test_asking_anew_tells_what_it_offers_now(api: httpx.Client, stores: Stores) -> None:
    def offer(server: MCPServer) -> None:
        server.add_tool(lambda: "", name="one")

    with serving_tools(stores.run, offer, None) as url:
        app_id = add(api, url).json()["app_id"]
        assert api.post("/v1/apps/disable", params={"app_id": app_id}).status_code == 200
        assert api.post(f"/v1/apps/{app_id}/mcp/refresh").json()["tool_names"] == ["one"]
    stored = api.get(f"/v1/apps/{app_id}").json()
    assert ([each["name"] for each in stored["chat_tools"]], stored["enabled"]) == (["one"], False)
    # Gone now, and what was known of it stays.
    assert api.post(f"/v1/apps/{app_id}/mcp/refresh").status_code == 502
    assert apps.get(app_id).chat_tools


def test_changing_what_is_said_of_the_app_leaves_it_its_server(api: httpx.Client, uid: str, open_server: str) -> None:
    app_id = add(api, open_server).json()["app_id"]
    change = {"description": "Other words", "external_integration": {"app_home_url": "http://127.0.0.1/home"}}
    assert api.patch(f"/v1/apps/{app_id}", data={"app_data": json.dumps(change)}).status_code == 200
    changed = apps.get(app_id)
    assert (changed.description, changed.mcp_server_url) == ("Other words", open_server)
    assert len(changed.chat_tools) == 2
    assert app_id in installs.enabled_ids(uid=uid)


def test_a_server_with_more_tools_than_anybody_needs_has_some_of_them(api: httpx.Client, stores: Stores) -> None:
    def offer(server: MCPServer) -> None:
        for number in range(asking.MOST_TOOLS + 10):
            server.add_tool(lambda: "", name=f"tool{number}", description="x" * 10_000)

    with serving_tools(stores.run, offer, None) as url:
        added = add(api, url).json()
    assert added["tools_count"] == asking.MOST_TOOLS
    assert {len(each.description) for each in apps.get(added["app_id"]).chat_tools} == {1000}

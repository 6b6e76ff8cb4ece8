"""A user of the running cloud adds a remote MCP server, signs in at it in a browser, and leaves."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from tests.support.cloud import RunningCloud
from tests.support.mcp_authority import Run, serving_authority, serving_tools
from tests.support.waiting import eventually
from tests.wire.mcp.browsing import add, come_back, connect, sign_in
from tests.wire.mcp.conftest import numbers

pytestmark = pytest.mark.long


@pytest.fixture
def run() -> Iterator[Run]:
    """A loop for the servers."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=30)

    yield run
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_user_adds_servers_and_everything_goes_with_them(cloud: RunningCloud, run: Run) -> None:
    with (
        serving_authority(run) as authority,
        serving_tools(run, numbers, authority) as protected,
        serving_tools(run, numbers, None) as open_server,
        cloud.client("mcp-user") as api,
    ):
        assert add(api, open_server).json()["tool_names"] == ["double", "erase"]
        app_id = connect(api, protected)
        authority.expire()
        assert api.post(f"/v1/apps/{app_id}/mcp/refresh").json()["tools_count"] == 2
        authority.grants.clear()
        again = api.post(f"/v1/apps/{app_id}/mcp/refresh").json()
        assert again["auth_url"].startswith(authority.issuer)
        assert come_back(sign_in(again["auth_url"])).status_code == 200
        assert set(api.get("/v1/apps/enabled").json()) >= {app_id}
        assert (len(authority.grants), len(authority.clients)) == (1, 1)
        assert api.request("DELETE", "/v1/users/delete-account").status_code == 200
        eventually(
            lambda: not (authority.grants or authority.clients), within_s=60, what="nothing of the user elsewhere"
        )

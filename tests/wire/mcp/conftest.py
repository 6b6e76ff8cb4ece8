"""Remote MCP servers on real sockets, with an authorization server where they want one."""

from collections.abc import Iterator

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

from tests.support.mcp_authority import Authority, serving_authority, serving_tools
from tests.support.stores import Stores
from tests.wire.api.conftest import address, anybody, api, api_as

__all__ = ["address", "anybody", "api", "api_as"]


def numbers(server: MCPServer) -> None:
    """Tools that count."""

    @server.tool()
    def double(number: int) -> str:
        """Doubles a number."""
        return f"twice is {2 * number}"

    server.add_tool(lambda: "gone", name="erase", annotations=ToolAnnotations(destructiveHint=True))


@pytest.fixture(scope="module")
def running_authority(stores: Stores) -> Iterator[Authority]:
    """An authorization server."""
    with serving_authority(stores.run) as running:
        yield running


@pytest.fixture
def authority(running_authority: Authority) -> Authority:
    """An authorization server that knows nobody."""
    running_authority.begin_anew()
    return running_authority


@pytest.fixture(scope="module")
def protected(stores: Stores, running_authority: Authority) -> Iterator[str]:
    """The address of a server that lets those in whom the authority knows."""
    with serving_tools(stores.run, numbers, running_authority) as url:
        yield url


@pytest.fixture(scope="module")
def open_server(stores: Stores) -> Iterator[str]:
    """The address of a server that lets everybody in."""
    with serving_tools(stores.run, numbers, None) as url:
        yield url

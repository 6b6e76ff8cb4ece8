"""The whole REST surface over a real socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from common.core.settings import settings
from common.entry.api.app import create_app
from common.entry.api.surface import PARTS
from local.http import HttpServer
from tests.support.stores import Stores

ApiAs = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def address(stores: Stores) -> Iterator[str]:
    """Where the REST surface is served."""
    server = HttpServer(create_app(PARTS))
    port = stores.run(server.start())
    yield f"http://127.0.0.1:{port}"
    stores.run(server.stop())


@pytest.fixture
def anybody(address: str) -> Iterator[httpx.Client]:
    """A client that says nothing about who it is."""
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def admin(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """An administrator."""
    monkeypatch.setenv("ADMIN_KEY", "secret")
    settings.cache_clear()
    with httpx.Client(base_url=address, headers={"secret-key": "secret"}, trust_env=False) as client:
        yield client
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def api_as(stores: Stores, address: str) -> Iterator[ApiAs]:
    """A client signed in as the user named."""
    with ExitStack() as open_clients:

        def signed_in(uid: str) -> httpx.Client:
            headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
            return open_clients.enter_context(
                httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False)
            )

        yield signed_in


@pytest.fixture
def api(api_as: ApiAs, uid: str) -> httpx.Client:
    """A client signed in as a user nobody else knows."""
    return api_as(uid)

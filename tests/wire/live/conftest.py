"""The listen service over a real socket, with a recogniser that follows a script."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from common.core.settings import settings
from common.entry import listening
from common.entry.listening_app import create_app
from local.http import HttpServer
from tests.support.stores import Stores
from tests.wire.live.device import PCM, Device
from tests.wire.live.recogniser import Recogniser


class Connect(Protocol):
    """Opens a connection that is closed with the test."""

    def __call__(
        self, query: str = PCM, *, user: str = ..., bearer: str | None = ..., to: str = ..., **options: Any
    ) -> Device: ...


OWN = "its own"
"""In the place of a token: a genuine one."""

Configure = Callable[..., None]
"""Sets settings for the rest of the test: `configure(drain_seconds=1)`."""


def a_server() -> HttpServer:
    """One instance of the service, as the platform runs it."""
    return HttpServer(create_app(), lifespan="on", ws="websockets-sansio", timeout_graceful_shutdown=10)


@pytest.fixture(scope="module")
def instance(stores: Stores) -> Iterator[str]:
    """The address of a running instance."""
    server = a_server()
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


@pytest.fixture(scope="module")
def other_instance(stores: Stores) -> Iterator[str]:
    """The address of another one."""
    server = a_server()
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


@pytest.fixture(autouse=True)
def recogniser(monkeypatch: pytest.MonkeyPatch) -> Recogniser:
    """The provider of live recognition."""
    made = Recogniser()
    monkeypatch.setattr(listening, "streaming_transcriber", lambda: made)
    return made


@pytest.fixture
def configure() -> Iterator[Configure]:
    with pytest.MonkeyPatch.context() as patched:

        def change(**values: object) -> None:
            for name, value in values.items():
                patched.setenv(name.upper(), str(value))
            settings.cache_clear()

        yield change
    settings.cache_clear()


@pytest.fixture
def device(stores: Stores, instance: str, uid: str) -> Iterator[Connect]:
    """Connects as the test's user, to the one instance, unless told otherwise."""
    with ExitStack() as closing:

        def opened(
            query: str = PCM, *, user: str = uid, bearer: str | None = OWN, to: str = instance, **options: Any
        ) -> Device:
            genuine = stores.identity.id_token(user)
            made = Device(to, token=genuine if bearer == OWN else bearer, query=query, **options)
            closing.callback(made.close)
            return made

        yield opened

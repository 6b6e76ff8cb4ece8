"""The listen service over a real socket, with a recogniser that follows a script."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from common.conversations.live import preparing
from common.core.settings import settings
from common.entry.listening.server import ListenServer
from local.http import bound_socket
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


class AnInstance:
    """One instance of the service, as the platform runs it."""

    def __init__(self, stores: Stores) -> None:
        listener = bound_socket("127.0.0.1", 0)
        listener.listen()
        self._stores = stores
        self._server = ListenServer()
        stores.run(self._server.start(listener))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def stop(self) -> None:
        self._stores.run(self._server.stop())


@pytest.fixture(scope="module")
def instance(stores: Stores) -> Iterator[str]:
    """The address of a running instance."""
    running = AnInstance(stores)
    yield running.address
    running.stop()


@pytest.fixture(scope="module")
def other_instance(stores: Stores) -> Iterator[str]:
    """The address of another one."""
    running = AnInstance(stores)
    yield running.address
    running.stop()


@pytest.fixture(autouse=True)
def recogniser(monkeypatch: pytest.MonkeyPatch) -> Recogniser:
    """The provider of live recognition."""
    made = Recogniser()
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [made])
    monkeypatch.setenv("VOICE_GATE", "false")  # numbers are no voice
    settings.cache_clear()
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

"""Unit tests reach nothing outside their process, and the setting that says how fast time passes is everybody's."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from common.core.settings import settings


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    """A socket opened by a unit test is an error; an event loop's own pair is all there may be."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """What a test puts into the environment does not outlive it."""
    settings.cache_clear()
    yield
    settings.cache_clear()

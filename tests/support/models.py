"""A language model for the product: its adapters, and a server that speaks a provider's protocol."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from common.core.settings import settings
from common.llm import providers
from tests.contract.llm.provider_server import ProviderServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_MADE: tuple[Any, ...] = (
    settings,
    providers.language_model,
    providers.illustrator,
    providers.photo_describer,
    providers.translator,
    providers.structurer,
    providers.judge,
    providers.filer,
    providers.summarizer,
    providers._openai_endpoint,
    providers._vertex_project,
)


@contextmanager
def language_model(**configured: str) -> Iterator[ProviderServer]:
    """The product uses the server that this gives, by OpenAI's protocol, until the block ends."""
    with ProviderServer().serving() as server, pytest.MonkeyPatch.context() as patched:
        patched.setenv("LANGUAGE_MODEL", "openai")
        patched.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        for name, value in configured.items():
            patched.setenv(name.upper(), value)
        forget()
        yield server
        if providers._openai_endpoint.cache_info().currsize:
            providers._openai_endpoint().close()
    forget()


def forget() -> None:
    """Have everything made anew, by the settings as they are then."""
    for made in _MADE:
        made.cache_clear()

"""The product with each kind of language model: OpenAI's protocol, Vertex AI, and none."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common.core.settings import settings
from common.llm import providers
from tests.contract.llm.provider_server import ProviderServer, credentials
from tests.support import models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["openai", "vertex", "extractive"]
KINDS: tuple[Kind, ...] = ("openai", "vertex", "extractive")


@contextmanager
def model_of(kind: Kind, folder: Path) -> Iterator[ProviderServer | None]:
    """The product uses a model of this kind until the block ends; `folder` takes an account's key.

    Gives the server that speaks the provider's protocol, None where there is no model.
    """
    if kind == "extractive":
        yield None
    elif kind == "openai":
        with models.language_model() as server:
            yield server
    else:
        with _vertex(folder) as server:
            yield server


@contextmanager
def _vertex(folder: Path) -> Iterator[ProviderServer]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(encoding, form, serialization.NoEncryption())
    with ProviderServer().serving() as server, pytest.MonkeyPatch.context() as patched:
        account = folder / "account.json"
        account.write_text(json.dumps(credentials(server.address, pem)))
        patched.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        patched.setenv("VERTEX_BASE_URL", server.address)
        patched.setenv("LANGUAGE_MODEL", "vertex")
        models.forget()
        yield server
        if providers._vertex_project.cache_info().currsize:
            providers._vertex_project(settings().vertex_location).close()
    models.forget()

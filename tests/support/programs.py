"""Programs that call the API with a key."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from common.database import api_keys
from common.database.api_keys import KeyKind
from common.models.api_key import Scope


@contextmanager
def program(address: str, kind: KeyKind, *, uid: str, scopes: list[str] | None = None) -> Iterator[httpx.Client]:
    """A client with a key of the user's, which may do everything unless `scopes` says what."""
    allowed = [scope.value for scope in Scope] if scopes is None else scopes
    _, secret = api_keys.create(kind, uid=uid, name="a program", scopes=allowed)
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
        yield client

"""Fixtures that more than one tier uses."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.stores import Stores, running_stores


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Every store of the local cloud, for one module: what leads to them, the speed of time included, ends with it."""
    with running_stores(tmp_path_factory.mktemp("stores")) as running:
        yield running


@pytest.fixture
def uid() -> str:
    """A user nobody else knows."""
    return f"user-{uuid4().hex[:12]}"

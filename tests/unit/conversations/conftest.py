"""What tests of live capture share."""

import pytest

from common.core import clock


@pytest.fixture
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of policy passes in ten milliseconds."""
    monkeypatch.setattr(clock, "scale", lambda: 100.0)

"""Circuits through Redis: what one instance learns, all know. An instance is its own memory of notes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from common.core import clock
from common.core.errors import ProviderError, ProviderExhaustedError
from common.core.settings import settings
from common.database import cache, clients, shared_notes
from common.speech import circuits
from tests.support.stores import free_port

pytestmark = pytest.mark.usefixtures("stores")

BROKEN = ProviderError("broken")


@pytest.fixture
def name(uid: str) -> str:
    """A provider of this test alone."""
    return f"provider-{uid}"


def another_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_notes, "_own", type(shared_notes._own)())


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=seconds))


def test_failures_of_several_instances_add_up_and_the_pause_is_everybodys(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(circuits.FAILURES):
        another_instance(monkeypatch)
        assert circuits.closed(name)
        circuits.failed(name, BROKEN)
    another_instance(monkeypatch)
    assert not circuits.closed(name)


def test_one_of_many_instances_tries_and_all_hear_that_it_worked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    circuits.failed(name, ProviderExhaustedError("no credit"))
    later(monkeypatch, circuits.EXHAUSTED_PAUSE_S + 1)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(circuits.closed, [name] * 8)) == 1
    circuits.worked(name)
    another_instance(monkeypatch)
    assert circuits.closed(name)
    assert circuits.closed(name)


def test_notes_end_by_themselves(name: str) -> None:
    circuits.failed(name, ProviderExhaustedError("no credit", pause_s=60))
    redis = clients.redis_client()
    assert redis is not None
    assert 60 < int(str(redis.ttl(f"circuit:{name}:pause"))) <= 3660
    circuits.failed(f"{name}-2", BROKEN)
    assert 0 < int(str(redis.ttl(f"circuit:{name}-2:failures"))) <= circuits.WINDOW_S


def test_when_redis_goes_down_an_instance_remembers_what_it_saw(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    circuits.failed(name, ProviderExhaustedError("no credit"))
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(cache, "redis_client", clients.redis_client.__wrapped__)
    settings.cache_clear()
    try:
        assert not circuits.closed(name)
        assert circuits.closed(f"{name}-2")
        for _ in range(circuits.FAILURES):
            circuits.failed(f"{name}-2", BROKEN)
        assert not circuits.closed(f"{name}-2")
    finally:
        monkeypatch.undo()
        settings.cache_clear()

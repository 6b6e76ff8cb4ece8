from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from common.core import clock
from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.core.settings import settings
from common.database import clients, shared_notes
from common.speech import circuits

BROKEN = ProviderError("broken")


@dataclass
class Time:
    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    """No Redis, an empty memory, and a clock that stands still."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(shared_notes, "_own", type(shared_notes._own)())
    stopped = Time()
    monkeypatch.setattr(clock, "now", stopped.now)
    monkeypatch.setattr(clock, "monotonic", stopped.monotonic)
    settings.cache_clear()
    clients.redis_client.cache_clear()
    yield stopped
    settings.cache_clear()
    clients.redis_client.cache_clear()


def fail(times: int = circuits.FAILURES, error: Exception = BROKEN) -> None:
    for _ in range(times):
        circuits.failed("a", error)


def test_a_provider_nobody_complained_about_may_be_used() -> None:
    assert circuits.closed("a")
    assert circuits.closed("a")


def test_failures_in_a_row_open_the_circuit_of_that_provider_alone() -> None:
    fail(circuits.FAILURES - 1)
    assert circuits.closed("a")
    fail(1)
    assert not circuits.closed("a")
    assert circuits.closed("b")


def test_a_success_between_failures_starts_the_count_again() -> None:
    fail(circuits.FAILURES - 1)
    circuits.worked("a")
    fail(circuits.FAILURES - 1)
    assert circuits.closed("a")


def test_failures_long_apart_do_not_add_up(time: Time) -> None:
    for _ in range(3 * circuits.FAILURES):
        fail(1)
        time.seconds += circuits.WINDOW_S / (circuits.FAILURES - 1) + 1
    assert circuits.closed("a")


def test_after_the_pause_one_caller_tries_and_its_success_closes_the_circuit(time: Time) -> None:
    fail()
    time.seconds += circuits.PAUSE_S - 0.1
    assert not circuits.closed("a")
    time.seconds += 0.2
    assert [circuits.closed("a") for _ in range(3)] == [True, False, False]
    circuits.worked("a")
    assert all(circuits.closed("a") for _ in range(3))


def test_a_try_that_fails_doubles_the_pause_up_to_a_limit(time: Time) -> None:
    fail()
    pause = circuits.PAUSE_S
    for _ in range(10):
        time.seconds += pause + 0.1
        assert circuits.closed("a")
        fail(1)
        pause = min(2 * pause, circuits.LONGEST_PAUSE_S)
        time.seconds += pause - 0.2
        assert not circuits.closed("a")
        time.seconds += 0.2 - pause
    assert pause == circuits.LONGEST_PAUSE_S


def test_a_try_of_which_nothing_is_heard_makes_room_for_another(time: Time) -> None:
    fail()
    time.seconds += circuits.PAUSE_S + 1
    assert circuits.closed("a")
    time.seconds += circuits.PROBE_S + 1
    assert circuits.closed("a")


def test_streams_from_before_that_fail_or_work_during_the_pause_change_nothing(time: Time) -> None:
    fail()
    time.seconds += circuits.PAUSE_S - 1
    fail(10)
    circuits.worked("a")
    assert not circuits.closed("a")
    time.seconds += 1.1
    assert circuits.closed("a")


@pytest.mark.parametrize(("said", "pause"), [(20.0, 20.0), (None, circuits.EXHAUSTED_PAUSE_S), (1e9, 1800.0)])
def test_an_exhausted_provider_is_left_alone_at_once_for_as_long_as_it_says(
    time: Time, said: float | None, pause: float
) -> None:
    fail(1, ProviderExhaustedError("no credit", pause_s=said))
    time.seconds += pause - 0.1
    assert not circuits.closed("a")
    time.seconds += 0.2
    assert circuits.closed("a")


def test_a_longer_pause_is_not_shortened() -> None:
    fail(1, ProviderExhaustedError("no credit"))
    fail(1, ProviderExhaustedError("too many at once", pause_s=1.0))
    assert shared_notes.read("circuit:a:pause").endswith(f" {circuits.EXHAUSTED_PAUSE_S:.3f}")


def test_a_refused_request_says_nothing_about_the_provider(time: Time) -> None:
    fail(10, ProviderRefusedError("no such language"))
    assert circuits.closed("a")
    fail()
    time.seconds += circuits.PAUSE_S + 1
    assert circuits.closed("a")
    circuits.failed("a", ProviderRefusedError("no such language"))
    assert circuits.closed("a"), "the next may try"


def test_a_pause_is_forgotten_in_the_end(time: Time) -> None:
    fail()
    time.seconds += 2 * 3600
    assert [circuits.closed("a") for _ in range(3)] == [True] * 3


def test_a_process_keeps_a_bounded_number_of_notes() -> None:
    for number in range(2_000):
        circuits.failed(str(number), BROKEN)
    assert len(shared_notes._own._notes) == 1_000

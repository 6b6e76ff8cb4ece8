"""How frames get from a socket to their channel: at once on a calm instance, in groups on a busy one."""

import asyncio
import time
from collections.abc import Callable
from typing import cast

import pytest

from common.conversations.live.belonging import Belonging
from common.conversations.live.channel import Channel
from common.conversations.live.flow import Flow
from common.conversations.live.intake import GROUP_FRAMES, Intake
from common.conversations.live.load import Load
from tests.support.channels import a_channel
from tests.support.scenarios import run

FRAME = bytes(640)
SECONDS = 0.02


class _Open:
    """A conversation that is open all the time."""

    conversation_id = "conversation"
    awaits_voice = ending = False


class _Busy:
    """An instance that is as busy as it is told to be; what is put off is done when the test says so."""

    late_from = float("inf")

    def __init__(self) -> None:
        self.busy = True
        self.put_off: set[Callable[[], None]] = set()

    def do_soon(self, work: Callable[[], None]) -> None:
        self.put_off.add(work)

    def call_off(self, work: Callable[[], None]) -> None:
        self.put_off.discard(work)


class _Tap:
    """How often the client is held back at the moment."""

    held = 0

    def pause(self) -> None:
        self.held += 1

    def resume(self) -> None:
        self.held -= 1


def _intake(channel: Channel, instance: _Busy | Load, tap: _Tap | None = None) -> Intake:
    return Intake(
        [channel],
        belonging=cast("Belonging", _Open()),
        flow=cast("Flow", tap),
        load=cast("Load", instance),
        numbering=None,
    )


def test_a_calm_instance_takes_every_frame_at_once() -> None:
    async def scenario() -> None:
        instance, channel = _Busy(), a_channel()
        instance.busy = False
        intake = _intake(channel, instance)
        for number in range(1, 8):
            intake.put(FRAME)
            assert channel.clock == pytest.approx(number * SECONDS)
        assert not instance.put_off

    run(scenario)


def test_a_busy_instance_takes_the_frames_of_one_connection_in_groups() -> None:
    async def scenario() -> None:
        channel = a_channel()
        intake = _intake(channel, _Busy())
        taken = []
        for _ in range(4 * GROUP_FRAMES):
            before = channel.clock
            intake.put(FRAME)
            taken.append(round((channel.clock - before) / SECONDS))
        whole = [each for each in taken if each][1:]
        assert whole == [GROUP_FRAMES] * len(whole) == [GROUP_FRAMES] * 3

    run(scenario)


def test_connections_of_a_busy_instance_take_turns_also_where_it_became_busy_for_all_at_once() -> None:
    async def scenario() -> None:
        instance = _Busy()
        instance.busy = False
        channels = [a_channel() for _ in range(1000)]
        intakes = [_intake(channel, instance) for channel in channels]
        for intake in intakes:
            intake.put(FRAME)
        instance.busy = True
        for _ in range(3 * GROUP_FRAMES):
            before = [channel.clock for channel in channels]
            for intake in intakes:
                intake.put(FRAME)
            moved = sum(channel.clock > then for channel, then in zip(channels, before, strict=True))
            assert 0.5 < moved * GROUP_FRAMES / len(channels) < 1.5

    run(scenario)


def test_the_frames_of_a_client_that_pauses_within_a_group_are_taken_when_their_time_has_come() -> None:
    async def scenario() -> None:
        instance, channel = _Busy(), a_channel()
        intake = _intake(channel, instance)
        intake.put(FRAME)
        if not instance.put_off:  # that was the last of its group
            intake.put(FRAME)
        taken = channel.clock
        [work] = instance.put_off
        work()
        assert channel.clock == pytest.approx(taken + SECONDS)
        work()
        assert channel.clock == pytest.approx(taken + SECONDS), "once"

    run(scenario)


def test_what_a_whole_group_has_made_needless_is_called_off() -> None:
    async def scenario() -> None:
        instance, channel = _Busy(), a_channel()
        intake = _intake(channel, instance)
        left = []
        for _ in range(2 * GROUP_FRAMES):
            intake.put(FRAME)
            left.append(len(instance.put_off))
        assert sorted(left) == [0, 0, *[1] * (2 * GROUP_FRAMES - 2)]

    run(scenario)


def test_who_sends_much_at_once_waits_until_the_event_loop_has_come_round_to_everybody() -> None:
    async def scenario() -> None:
        load, taps = Load(), (_Tap(), _Tap())
        channels = [a_channel() for _ in taps]
        intakes = [_intake(channel, load, tap) for channel, tap in zip(channels, taps, strict=True)]
        await asyncio.sleep(0)
        intakes[0].put(FRAME)
        time.sleep(0.5)  # noqa: ASYNC251 - so long does it take to decode what one client sends without a pause
        for intake in intakes:
            for _ in range(10):
                intake.put(FRAME)
        assert [channel.clock for channel in channels] == [pytest.approx(SECONDS), 0.0]
        assert [tap.held for tap in taps] == [1, 1], "what is on the wire stays there"
        for intake in intakes:
            await intake.drained()
        assert [channel.clock for channel in channels] == [pytest.approx(11 * SECONDS), pytest.approx(10 * SECONDS)]
        assert [tap.held for tap in taps] == [0, 0]
        intakes[0].put(FRAME)
        assert channels[0].clock == pytest.approx(12 * SECONDS), "at once again"
        load.close()

    run(scenario)

from array import array

import pytest

from common.conversations.live.pausing import Pause


def frame(amplitude: int, *, seconds: float = 0.02) -> bytes:
    return array("h", [amplitude, -amplitude] * round(seconds * 8000)).tobytes()


def heard(*amplitudes: int) -> Pause:
    pause = Pause()
    for amplitude in amplitudes:
        pause.hear(frame(amplitude))
    return pause


def test_silence_is_a_pause_after_a_moment() -> None:
    assert not heard(0, 0).found
    assert heard(0, 0, 0).found


def test_what_was_quiet_before_somebody_spoke_is_none() -> None:
    assert not heard(0, 0, 0, 5000).found
    assert not heard(0, 0, 5000, 0).found


@pytest.mark.parametrize(("room", "found"), [(900, True), (1100, False)])
def test_a_noisy_room_pauses_where_it_is_much_quieter_than_the_voice(room: int, *, found: bool) -> None:
    assert heard(5000, room, room, room).found is found


def test_steady_noise_is_waited_out() -> None:
    pause = heard(*[3000] * 99)
    assert (pause.found, pause.overdue) == (False, False)
    pause.hear(frame(3000))
    assert (pause.found, pause.overdue) == (False, True)


@pytest.mark.parametrize("pcm", [b"", b"\x01"])
def test_nothing_and_half_a_sample_are_taken(pcm: bytes) -> None:
    pause = Pause()
    pause.hear(pcm)
    assert not pause.found

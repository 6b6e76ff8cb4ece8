"""A channel of which nothing came for a while was silent meanwhile: what comes then is as late as it comes."""

import pytest

from common.conversations.live.aligning import LATE_S, Alignment
from common.conversations.live.channel import Channel
from common.conversations.live.take import Take
from common.core import clock
from common.models.conversation import Interval
from tests.support.channels import a_channel

FRAME = bytes(3200)
FRAME_S = 0.1


class Wall:
    """Real time, which goes by when a test says so."""

    now = 1000.0


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    monkeypatch.setattr(clock, "monotonic", lambda: made.now)
    return made


class Call:
    """Two channels in a conversation, or more."""

    def __init__(self, wall: Wall, *, others: int = 0) -> None:
        self.channels = [a_channel(offset=50.0) for _ in range(2 + others)]
        self.mine, self.theirs = self.channels[:2]
        self._wall = wall
        self._alignment = Alignment(self.channels)

    def come(self, *frames: Channel | None) -> None:
        """Frames come at one moment, one of each of these channels, or of none."""
        for part in self._alignment.parts([(channel, FRAME) for channel in frames]):
            if part.late_s:
                part.channel.pass_over(part.late_s)
            part.channel.add(part.frames)

    def go_on(self, *speaking: Channel, seconds: float) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self._wall.now += FRAME_S
            for channel in speaking:
                self.come(channel)

    @property
    def clocks(self) -> list[float]:
        return [round(channel.clock, 3) for channel in self.channels]


@pytest.fixture
def call(wall: Wall) -> Call:
    return Call(wall)


def test_who_picks_up_later_is_heard_later(call: Call) -> None:
    call.go_on(call.mine, seconds=8)
    call.go_on(call.mine, call.theirs, seconds=2)
    assert call.mine.moment == pytest.approx(60)
    assert call.theirs.moment == pytest.approx(60, abs=FRAME_S * 1.01)


def test_so_are_they_where_all_of_it_comes_at_once_but_for_their_first_half_second(call: Call) -> None:
    call.come(*[call.mine] * 80, *[call.mine, call.theirs] * 20)
    assert call.mine.moment == pytest.approx(60)
    assert call.theirs.moment == pytest.approx(60, abs=FRAME_S * 1.01)


def test_where_it_comes_in_two_lots_as_well(call: Call) -> None:
    call.come(*[call.mine] * 80, *[call.mine, call.theirs] * 2)
    call.come(*[call.mine, call.theirs] * 18)
    assert call.mine.moment == pytest.approx(60)
    assert call.theirs.moment == pytest.approx(60, abs=FRAME_S * 1.01)


def test_who_is_muted_goes_on_where_the_other_is_and_what_lies_between_is_no_hole(call: Call) -> None:
    call.go_on(call.mine, call.theirs, seconds=4)
    call.go_on(call.theirs, seconds=300)
    call.go_on(call.mine, call.theirs, seconds=1)
    assert call.mine.moment == pytest.approx(355)
    assert call.theirs.moment == pytest.approx(355)
    call.mine.finish()
    pieces = []
    while (piece := call.mine.captions._audio.first) is not None:
        pieces.append(piece)
        call.mine.captions._audio.skip()
    silent = [Interval(start=each.begin, end=each.end) for each in pieces if not each.pcm]
    assert [(round(each.start, 1), round(each.end, 1)) for each in silent] == [(4.0, 304.0)]


def test_both_that_stop_and_go_on_are_as_they_were(call: Call, wall: Wall) -> None:
    call.go_on(*call.channels, seconds=4)
    wall.now += 60
    call.go_on(*call.channels, seconds=4)
    assert call.clocks == [8, 8]


def test_what_had_piled_up_at_the_client_channel_by_channel_is_of_one_time(call: Call, wall: Wall) -> None:
    call.come(*[call.mine] * 100)
    wall.now += 0.7
    call.come(*[call.theirs] * 100)
    assert call.clocks == [10, 10]
    call.go_on(*call.channels, seconds=1)
    assert call.clocks == [11, 11]


def test_pieces_of_two_seconds_in_turn_are_no_pauses(call: Call, wall: Wall) -> None:
    for _ in range(20):
        wall.now += LATE_S * 0.9
        call.come(*[call.mine] * round(LATE_S * 9))
        call.come(*[call.theirs] * round(LATE_S * 9))
    assert call.clocks == [36, 36]


def test_a_clock_that_is_slow_is_left_alone(call: Call, wall: Wall) -> None:
    for number in range(1000):
        wall.now += FRAME_S
        call.come(call.mine)
        if number % 10:
            call.come(call.theirs)
    assert call.clocks == [100, 90]


def test_before_a_conversation_is_open_nothing_is_moved(call: Call) -> None:
    call.go_on(call.mine, seconds=8)
    call.mine.take = call.theirs.take = None
    [part] = Alignment(call.channels).parts([(call.theirs, FRAME)])
    assert part.late_s == 0


def test_whose_frames_name_no_channel_is_as_late_as_before(call: Call, wall: Wall) -> None:
    call.go_on(*call.channels, seconds=4)
    for number in range(600):
        wall.now += FRAME_S
        call.come(call.mine)
        call.come(call.theirs if number % 10 else None)
        assert call.mine.clock - call.theirs.clock < 0.6, "all the time"
    call.go_on(*call.channels, seconds=5)
    assert call.clocks == [69, 69]


@pytest.mark.parametrize("piece", [1, 5, 12])
def test_they_may_come_in_pieces(call: Call, wall: Wall, piece: int) -> None:
    for number in range(120 // piece):
        wall.now += piece * FRAME_S
        call.come(*[call.mine] * piece)
        lost = [None] if number == 60 // piece else []
        call.come(*lost, *[call.theirs] * (piece - len(lost)))
    assert call.clocks == [12, 12]


def test_of_several_only_the_one_that_has_lost_them_is_moved(wall: Wall) -> None:
    call = Call(wall, others=2)
    call.go_on(*call.channels, seconds=4)
    for _ in range(10):
        wall.now += FRAME_S
        call.come(call.channels[0], call.channels[1], None, call.channels[3])
    call.go_on(*call.channels, seconds=6)
    assert call.clocks == [11, 11, 11, 11]


def test_frames_that_nobody_is_short_of_are_no_audio(call: Call) -> None:
    for _ in range(30):
        call.go_on(*call.channels, seconds=1)
        call.come(None, None)
    assert call.clocks == [30, 30]


def test_what_was_lost_of_one_conversation_is_not_missing_in_the_next(call: Call) -> None:
    call.go_on(*call.channels, seconds=4)
    call.come(*[None] * 10)
    for channel in call.channels:
        channel.end(channel.clock)
        channel.begin(Take(conversation_id="next", session_id="s", begin=channel.clock, offset=0.0))
    call.go_on(call.mine, seconds=1)
    call.go_on(*call.channels, seconds=6)
    assert call.clocks == [11, 10]

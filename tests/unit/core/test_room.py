"""Room in memory: no more is held at once than there is, and who waits is let in as soon as somebody leaves."""

import threading
from contextvars import copy_context

import pytest

from common.core import room
from common.core.errors import PostponedError
from common.core.room import Room


def test_whoever_finds_no_room_goes_without() -> None:
    here = Room(10)
    assert here.take(6, within_s=0)
    assert not here.take(5, within_s=0)
    assert here.take(4, within_s=0)


def test_who_waits_is_let_in_when_somebody_leaves() -> None:
    here, let_in = Room(10), threading.Event()
    assert here.take(10, within_s=0)

    def wait() -> None:
        if here.take(3, within_s=10):
            let_in.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not let_in.wait(0.05)
    here.give_back(10)
    waiting.join(10)
    assert let_in.is_set()
    assert here.take(7, within_s=0)
    assert not here.take(1, within_s=0)


def test_more_than_all_of_it_is_all_of_it() -> None:
    here = Room(10)
    assert here.take(50, within_s=0)
    assert not here.take(1, within_s=0)
    here.give_back(50)
    assert here.take(10, within_s=0)


@pytest.fixture
def transcripts(monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room(10)
    monkeypatch.setattr(room, "TRANSCRIPTS", made)
    monkeypatch.setattr(room, "WAITED_S", 0.05)
    return made


def test_a_piece_of_work_holds_what_it_asked_for_until_it_ends(transcripts: Room) -> None:
    with room.work():
        room.hold(8, of="c")
        assert not transcripts.take(3, within_s=0)
    assert transcripts.take(10, within_s=0)


def test_who_finds_no_room_is_to_come_again_and_holds_nothing(transcripts: Room) -> None:
    assert transcripts.take(5, within_s=0)
    with room.work(), pytest.raises(PostponedError):
        room.hold(6, of="c")
    assert transcripts.take(5, within_s=0)


def test_the_same_read_again_counts_once_and_what_is_read_beside_it_waits_for_nobody(transcripts: Room) -> None:
    with room.work():
        room.hold(6, of="c")
        room.hold(6, of="c")
        assert transcripts.take(4, within_s=0)
        room.hold(5, of="other")
        transcripts.give_back(4)
        assert not transcripts.take(1, within_s=0), "eleven are held"
    assert transcripts.take(10, within_s=0)


def test_more_than_there_is_comes_alone_and_leaves_all_of_it(transcripts: Room) -> None:
    with room.work():
        room.hold(50, of="c")
        room.hold(60, of="c")
        assert not transcripts.take(1, within_s=0)
    assert transcripts.take(10, within_s=0)


def test_threads_of_a_piece_of_work_hold_together_and_outside_of_one_nothing_is_held(transcripts: Room) -> None:
    with room.work():
        room.hold(9, of="c")
        aside = threading.Thread(target=copy_context().run, args=(lambda: room.hold(9, of="d"),))
        aside.start()
        aside.join(10)
        assert not transcripts.take(1, within_s=0)
    room.hold(1_000, of="c")
    assert transcripts.take(10, within_s=0)

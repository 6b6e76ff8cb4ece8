"""Room for files: no more is held at once than there is, and who waits is let in as soon as somebody leaves."""

import threading

from common.chat.file_room import Room


def test_whoever_finds_no_room_goes_without() -> None:
    room = Room(10)
    assert room.take(6, within_s=0)
    assert not room.take(5, within_s=0)
    assert room.take(4, within_s=0)


def test_who_waits_is_let_in_when_somebody_leaves() -> None:
    room, let_in = Room(10), threading.Event()
    assert room.take(10, within_s=0)

    def wait() -> None:
        if room.take(3, within_s=10):
            let_in.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not let_in.wait(0.05)
    room.give_back(10)
    waiting.join(10)
    assert let_in.is_set()
    assert room.take(7, within_s=0)
    assert not room.take(1, within_s=0)


def test_more_than_all_of_it_is_all_of_it() -> None:
    room = Room(10)
    assert room.take(50, within_s=0)
    assert not room.take(1, within_s=0)
    room.give_back(50)
    assert room.take(10, within_s=0)

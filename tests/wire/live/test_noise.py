"""What clients say that is no audio and makes no sense: it costs them their connection at most, and nobody a word."""

import struct
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.stores import Stores
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.device import PCM, Device, frames
from tests.wire.live.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, frame, request

GARBAGE = ["", "hello", "{", "null", "5", '"text"', "[1, 2]", "{}", '{"type": null}', '{"type": ["ping"]}', "\0"]


@pytest.fixture
def raw(stores: Stores, instance: str, uid: str) -> Iterator[RawClient]:
    """A connection that has been let in."""
    with closing(RawClient(instance)) as client:
        client.send(request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid)))
        assert client.answer().startswith(b"HTTP/1.1 101 ")
        while b'"ready"' not in client.until(TEXT):
            pass
        yield client


def _said(number: int) -> bytes:
    return b"".join(frame(BINARY, audio) for audio in frames(number))


def _only(uid: str, *said: int) -> None:
    """The one conversation has these numbers, once its connection is gone."""
    kept.soon(lambda: kept.ids(uid), what="a conversation")
    [conversation_id] = kept.ids(uid)
    kept.left_by_all(uid, conversation_id)
    assert (kept.said(uid, conversation_id), kept.words(uid, conversation_id)) == (list(said), list(said))


class TestText:
    """Messages that nobody understands."""

    def test_garbage_is_passed_over(self, device: Connect, uid: str) -> None:
        app = device()
        for number, text in enumerate(GARBAGE, start=1):
            app.send(text)
            app.say(number)
        app.until_heard(*range(1, len(GARBAGE) + 1))
        app.close()
        _only(uid, *range(1, len(GARBAGE) + 1))

    @pytest.mark.parametrize("depth", [100, 100_000])
    def test_json_that_is_nested_too_deeply_is_garbage_too(self, device: Connect, depth: int) -> None:
        app = device()
        app.send('{"type":' + "[" * depth + "]" * depth + "}")
        app.say(1)
        app.until_heard(1)

    def test_a_flood_of_them_holds_no_audio_up_and_none_is_lost(self, device: Connect, uid: str) -> None:
        app = device()
        for number in range(1, 6):
            for count in range(2000):
                app.send(f'{{"type": "nothing", "count": {count}}}')
            app.say(number)
        app.until_heard(*range(1, 6), within_s=10)
        app.close()
        _only(uid, *range(1, 6))

    def test_one_of_a_mebibyte_is_taken_and_a_larger_one_is_1009(self, device: Connect, uid: str) -> None:
        app = device()
        app.send("x" * 2**20)
        app.say(1)
        app.until_heard(1)
        app.send("x" * (2**20 + 1))
        assert app.closed()[0] == 1009
        _only(uid, 1)

    def test_text_that_is_no_utf_8_is_garbage(self, raw: RawClient, uid: str) -> None:
        raw.send(frame(TEXT, b'{"type": "\xff\xfe"}') + _said(3))
        while b'"3"' not in raw.until(TEXT):
            pass
        raw.send(frame(CLOSE, struct.pack(">H", 1000)))
        assert raw.closed() == (1000, "")
        _only(uid, 3)


class TestFragments:
    """Messages in pieces."""

    def test_audio_in_pieces_is_one_frame(self, raw: RawClient, uid: str) -> None:
        for audio in frames(4):
            raw.send(frame(BINARY, audio[:999], fin=False))
            raw.send(frame(PING, b"between") + frame(CONTINUATION, audio[999:1000], fin=False))
            raw.send(frame(CONTINUATION, audio[1000:]))
            assert raw.until(PONG) == b"between"
        raw.send(frame(CLOSE, struct.pack(">H", 1001)))
        assert raw.closed()[0] == 1001
        _only(uid, 4)

    @pytest.mark.parametrize("size", [0, 1])
    def test_a_message_in_very_many_pieces_costs_little(self, raw: RawClient, uid: str, size: int) -> None:
        raw.send(frame(TEXT, b"x", fin=False))
        raw.send(frame(CONTINUATION, b"x" * size, fin=False) * 100_000)
        raw.send(frame(CONTINUATION) + _said(5) + frame(CLOSE))
        assert raw.closed() == (1000, "")
        _only(uid, 5)

    def test_one_that_is_too_large_is_1009_and_its_rest_is_no_audio(self, raw: RawClient, uid: str) -> None:
        raw.send(_said(6) + frame(BINARY, bytes(60_000), fin=False) + frame(CONTINUATION, bytes(60_000), fin=False))
        raw.send(frame(CONTINUATION, bytes(3200)))
        assert raw.closed()[0] == 1009
        raw.send(frame(CLOSE, struct.pack(">H", 1009)))
        _only(uid, 6)

    def test_a_piece_of_nothing_is_no_audio(self, raw: RawClient, uid: str) -> None:
        raw.send(frame(CONTINUATION, bytes(3200)) + _said(7) + frame(CLOSE))
        assert raw.closed()[0] == 1000
        _only(uid, 7)


class TestEnds:
    """Ways to end a connection."""

    def test_a_close_without_a_code_is_answered_with_a_code_that_exists(self, raw: RawClient, uid: str) -> None:
        raw.send(_said(1) + frame(CLOSE))
        assert raw.closed() == (1000, "")
        assert raw.next() == (-1, b""), "the connection is over"
        _only(uid, 1)

    def test_what_comes_after_a_close_is_no_audio(self, raw: RawClient, uid: str) -> None:
        raw.send(_said(1) + frame(CLOSE, struct.pack(">H", 4321) + b"bye") + _said(2))
        assert raw.closed()[0] == 4321
        _only(uid, 1)

    @pytest.mark.parametrize(
        "wrong",
        [
            frame(0x3, b"what"),
            frame(BINARY, b"\0" * 100, masked=False),
            frame(PING, b"", fin=False),
            frame(CLOSE, b"\0"),
            frame(CLOSE, struct.pack(">H", 1006)),
            frame(CLOSE, struct.pack(">H", 1000) + b"\xff"),
        ],
    )
    def test_what_is_no_websocket_ends_it_with_everything_before_stored(
        self, raw: RawClient, uid: str, wrong: bytes
    ) -> None:
        raw.send(_said(1) + wrong)
        assert raw.closed()[0] in {1002, 1007}
        _only(uid, 1)

    def test_half_a_frame_is_no_audio(self, raw: RawClient, uid: str) -> None:
        raw.send(_said(1) + frame(BINARY, bytes(3200))[:1000])
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        raw.close()
        _only(uid, 1)


class TestPings:
    """A client asks whether we are there."""

    def test_each_is_answered_with_what_it_says(self, raw: RawClient) -> None:
        for number in range(20):
            raw.send(frame(PING, str(number).encode()))
        assert [raw.until(PONG) for _ in range(20)] == [str(number).encode() for number in range(20)]

    def test_unasked_answers_disturb_nobody(self, raw: RawClient, uid: str) -> None:
        raw.send(frame(PONG, b"x") * 100 + _said(9) + frame(CLOSE))
        assert raw.closed()[0] == 1000
        _only(uid, 9)


def test_audio_and_heartbeats_in_turn_are_audio(device: Connect, uid: str) -> None:
    app: Device = device()
    for number in (1, 2, 3):
        for audio in frames(number):
            app.send(audio)
            app.send(b"\0")
            app.send(b"")
    app.until_heard(1, 2, 3)
    app.close()
    _only(uid, 1, 2, 3)

"""Pictures put together from pieces, however these arrive."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.conversations.live import photo_assembly
from common.conversations.live.photo_assembly import MOST_PICTURES, PhotoAssembler, Picture
from common.core import clock
from common.core.errors import InvalidInputError

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


def _chunks(data: bytes = JPEG, *, size: int = 100, temp_id: str = "t1", prefix: str = "") -> list[dict[str, Any]]:
    text = prefix + b64encode(data).decode()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return [{"id": temp_id, "index": n, "total": len(pieces), "data": piece} for n, piece in enumerate(pieces)]


def _assembled(chunks: list[dict[str, Any]]) -> list[Picture]:
    assembler = PhotoAssembler()
    return [picture for chunk in chunks if (picture := assembler.add(chunk)) is not None]


@given(data=st.data(), size=st.integers(40, 4000))
def test_pieces_make_the_picture_in_any_order_and_repeated(data: st.DataObject, size: int) -> None:
    chunks = data.draw(st.permutations(_chunks(size=size)))
    again = [chunks[0], *chunks] if len(chunks) > 1 else chunks
    assert _assembled(again) == [Picture("t1", JPEG, "image/jpeg")]


def test_two_at_once_do_not_mix() -> None:
    other = b"\x89PNG\r\n\x1a\n" + bytes(300)
    one, two = _chunks(), _chunks(other, temp_id="t2")
    mixed = [chunk for pair in zip(two, one, strict=False) for chunk in pair] + one[len(two) :]
    pictures = {picture.temp_id: picture for picture in _assembled(mixed)}
    assert (pictures["t1"].data, pictures["t2"].data) == (JPEG, other)
    assert pictures["t2"].content_type == "image/png"


@pytest.mark.parametrize("prefix", ["data:image/jpeg;base64,", "data:;base64,", "data:image/jpeg;name=a.jpg;base64,"])
def test_the_prefix_of_a_data_address_is_no_part_of_it(prefix: str) -> None:
    assert _assembled(_chunks(prefix=prefix, size=10))[0].data == JPEG


def test_line_breaks_and_missing_padding_are_forgiven() -> None:
    picture = JPEG + b"x"
    text = b64encode(picture).decode().rstrip("=")
    assert len(text) % 4, "this picture would need padding"
    data = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert _assembled([{"type": "image_chunk", "id": "a", "index": 0, "total": 1, "data": data}])[0].data == picture


WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20)


@pytest.mark.parametrize("data", [b"GIF89a" + bytes(20), b"<svg/>", b"", b"RIFF\0\0\0\0WAVEfmt "])
def test_what_is_no_picture_of_a_kind_that_is_taken_is_refused(data: bytes) -> None:
    assert _assembled(_chunks(WEBP))[0].content_type == "image/webp"
    with pytest.raises(InvalidInputError):
        _assembled([{"id": "a", "index": 0, "total": 1, "data": b64encode(data).decode()}])


GOOD: dict[str, Any] = {"id": "a", "index": 0, "total": 2, "data": "AAAA"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 129},
        {"id": 5},
        {"id": None},
        {"index": -1},
        {"index": 2},
        {"index": "0"},
        {"index": True},
        {"total": 0},
        {"total": 10**9},
        {"total": 1.5},
        {"data": 7},
        {"data": "x" * (6 * 2**20)},
    ],
)
def test_what_is_no_piece_is_refused(wrong: dict[str, Any]) -> None:
    assert PhotoAssembler().add(GOOD) is None
    with pytest.raises(InvalidInputError):
        PhotoAssembler().add({**GOOD, **wrong})
    for missing in GOOD:
        with pytest.raises(InvalidInputError):
            PhotoAssembler().add({name: value for name, value in GOOD.items() if name != missing})


def test_pieces_that_contradict_one_another_are_refused() -> None:
    assembler = PhotoAssembler()
    assembler.add(GOOD)
    with pytest.raises(InvalidInputError):
        assembler.add({**GOOD, "total": 3})


def test_text_that_is_not_base64_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        _assembled([{"id": "a", "index": 0, "total": 1, "data": "/9j/****"}])


def test_one_picture_may_not_be_larger_than_is_taken() -> None:
    assembler = PhotoAssembler()
    piece = "A" * 2**20
    for index in range(5):
        assembler.add({"id": "a", "index": index, "total": 9, "data": piece})
    with pytest.raises(InvalidInputError):
        assembler.add({"id": "a", "index": 5, "total": 9, "data": piece})


def test_of_too_many_at_once_the_oldest_is_given_up() -> None:
    assembler = PhotoAssembler()
    pieces = [_chunks(temp_id=f"t{number}", size=2000) for number in range(MOST_PICTURES + 1)]
    for first, *_ in pieces:
        assembler.add(first)
    assert assembler.waiting == MOST_PICTURES
    assert assembler.add(pieces[1][1]) is None or len(pieces[1]) == 2
    assert all(assembler.add(chunk) is None for chunk in pieces[0][1:]), "its first piece is gone"


def test_of_too_many_bytes_at_once_the_oldest_are_given_up() -> None:
    assembler = PhotoAssembler()
    for number in range(40):
        assembler.add({"id": f"t{number}", "index": 0, "total": 9, "data": "A" * 2**20})
    held = sum(known.size for known in assembler._waiting.values())
    assert held <= photo_assembly._MOST_WAITING
    assert "t39" in assembler._waiting


def test_a_picture_whose_next_piece_does_not_come_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    assembler = PhotoAssembler()
    first, *rest = _chunks(size=1000)
    assembler.add(first)
    now = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: now + clock.seconds(photo_assembly.PATIENCE_S) + 0.1)
    assert [assembler.add(chunk) for chunk in rest] == [None] * len(rest)
    assert assembler.add(first) is not None, "sent once more it is whole"

import struct
from io import BytesIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from common.chat import shrinking
from common.chat.shrinking import MOST_PIXELS, shrunk
from common.core.pictures import kind_of_image, size_of_image
from common.core.room import Room
from tests.support.pictures import drawn, noise, turned

RED = (255, 0, 0)


def pixels_of(picture: bytes | None) -> NDArray[np.uint8]:
    assert picture is not None
    with av.open(BytesIO(picture), "r") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8)


@pytest.mark.parametrize("kind", ["jpg", "png", "png16", "rgba"])
@pytest.mark.parametrize(
    ("width", "height", "after"), [(2500, 1000, (2048, 819)), (1000, 2500, (819, 2048)), (90, 70, (90, 70))]
)
def test_a_picture_becomes_a_jpeg_of_2048_pixels_a_side_at_most(
    kind: str, width: int, height: int, after: tuple[int, int]
) -> None:
    smaller = shrunk(drawn(noise(width, height), kind), within_s=0.0)
    assert smaller is not None
    assert (kind_of_image(smaller), size_of_image(smaller)) == ("jpg", after)


@pytest.mark.parametrize(("orientation", "red_at"), [(1, "top"), (3, "bottom"), (6, "right"), (8, "left")])
def test_it_is_upright_however_the_telephone_was_held(orientation: int, red_at: str) -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[:100] = RED
    seen = pixels_of(shrunk(turned(drawn(pixels, "jpg"), orientation), within_s=0.0))
    assert seen.shape[:2] == ((300, 400) if orientation in {1, 3} else (400, 300))
    sides = {"top": seen[:20], "bottom": seen[-20:], "left": seen[:, :20], "right": seen[:, -20:]}
    red = {name: float(np.abs(side.reshape(-1, 3).mean(axis=0) - RED).max()) < 20 for name, side in sides.items()}
    assert [name for name, is_red in red.items() if is_red] == [red_at]


def test_what_cannot_be_read_is_none() -> None:
    whole = drawn(noise(200, 100), "png")
    for data in (b"", b"\x89PNG-bytes", b"\xff\xd8\xff" + b"a" * 1000, whole[:40], b"nothing of the kind"):
        assert shrunk(data, within_s=0.0) is None


def test_what_says_that_it_has_too_many_pixels_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    small = drawn(noise(30, 20), "png")
    trap = small[:16] + struct.pack(">II", 60_000, 60_000) + small[24:]
    monkeypatch.setattr(shrinking, "_small", lambda _: pytest.fail("it was opened"))
    assert size_of_image(trap) == (60_000, 60_000)
    assert shrunk(trap, within_s=0.0) is None


def test_as_many_pixels_are_whole_at_once_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(MOST_PIXELS)
    monkeypatch.setattr(shrinking, "_READING", room)
    data = drawn(noise(30, 20), "png")
    assert room.take(MOST_PIXELS, within_s=0.0)
    assert shrunk(data, within_s=0.0) is None
    room.give_back(MOST_PIXELS)
    assert shrunk(data, within_s=0.0)
    assert shrunk(data[:60], within_s=0.0) is None
    assert room.take(MOST_PIXELS, within_s=0.0), "it was given back, whatever came of it"

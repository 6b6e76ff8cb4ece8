"""How large a picture is, as encoders write it."""

from io import BytesIO

import av
import numpy as np
import pytest

from common.core.pictures import kind_of_image, size_of_image

ENCODERS = {
    "png": ("png", "rgb24", "image2pipe"),
    "jpg": ("mjpeg", "yuvj420p", "image2pipe"),
    "gif": ("gif", "rgb8", "gif"),
}
VP8 = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x30\x01\0\x9d\x01\x2a\x2c\x41\xc8\x40"
VP8L = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + ((300 - 1) | (200 - 1) << 14).to_bytes(4, "little")
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + (300 - 1).to_bytes(3, "little") + (200 - 1).to_bytes(3, "little")


def encoded(kind: str, *, width: int, height: int) -> bytes:
    codec, pixels, container = ENCODERS[kind]
    file = BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        frame = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")
        output.mux(stream.encode(frame.reformat(format=pixels)))
        output.mux(stream.encode())
    return file.getvalue()


@pytest.mark.parametrize("kind", ENCODERS)
def test_what_an_encoder_writes_is_read(kind: str) -> None:
    picture = encoded(kind, width=300, height=200)
    assert kind_of_image(picture) == kind
    assert size_of_image(picture) == (300, 200)


@pytest.mark.parametrize("picture", [VP8, VP8L, VP8X], ids=["lossy", "lossless", "extended"])
def test_each_kind_of_webp_is_read(picture: bytes) -> None:
    assert size_of_image(picture) == (300, 200)


@pytest.mark.parametrize("kind", ENCODERS)
def test_what_breaks_off_or_is_something_else_has_no_size_or_the_one_it_says(kind: str) -> None:
    picture = encoded(kind, width=300, height=200)
    assert all(size_of_image(picture[:length]) in {None, (300, 200)} for length in range(min(len(picture), 700)))
    assert size_of_image(b"no picture at all") is None
    assert size_of_image(b"\xff\xd8\xff\xe0\0\0" + bytes(100)) is None

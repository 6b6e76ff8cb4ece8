"""Pictures that arrive in pieces, put together: bounded in pieces, bytes, number and time."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.core import clock
from common.core.errors import InvalidInputError
from common.core.pictures import CONTENT_TYPES, kind_of_image

MOST_PICTURES = 50
"""Pictures of which some pieces are there; one more, and the oldest is given up."""
MOST_PIECES = 2048
LARGEST_PICTURE = 4 * 2**20
"""Bytes."""
_LARGEST_TEXT = LARGEST_PICTURE * 4 // 3 + 256
_MOST_WAITING = 2 * _LARGEST_TEXT
"""Characters of all pieces; beyond it the oldest pictures are given up."""
PATIENCE_S = 60.0
"""How long the next piece of a picture is waited for."""
_KINDS = {"jpg", "png", "webp"}
_ADDRESS_OF_DATA = re.compile(r"data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*,")


class ImageChunk(BaseModel):
    """One piece of a picture's base64 text, as the client sends it."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str = Field(min_length=1, max_length=128)
    index: int = Field(ge=0, lt=MOST_PIECES)
    total: int = Field(ge=1, le=MOST_PIECES)
    data: str = Field(max_length=_LARGEST_TEXT)


@dataclass(frozen=True)
class Picture:
    """A whole one; `temp_id` is what its client calls it."""

    temp_id: str
    data: bytes
    content_type: str


@dataclass
class _Pieces:
    """What is there of a picture."""

    total: int
    touched_at: float
    pieces: dict[int, str] = field(default_factory=dict)
    size: int = 0

    def put(self, index: int, data: str) -> None:
        self.size += len(data) - len(self.pieces.get(index, ""))
        self.pieces[index] = data
        self.touched_at = clock.monotonic()


class PhotoAssembler:
    """Puts one connection's pictures together, whatever order their pieces come in."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Pieces] = {}

    @property
    def waiting(self) -> int:
        """Pictures that are not whole."""
        return len(self._waiting)

    def add(self, message: dict[str, Any]) -> Picture | None:
        """Take a piece; the picture, once it is whole.

        Raises:
            InvalidInputError: it is no piece, does not fit those before it, or the whole is no picture of a kind that
                is taken. Such a client is not listened to any further (close code 1008).
        """
        chunk = _parsed(message)
        self._forget_old()
        known = self._waiting.get(chunk.id)
        if known is None:
            known = self._waiting[chunk.id] = _Pieces(chunk.total, clock.monotonic())
        if chunk.total != known.total or chunk.index >= chunk.total:
            raise InvalidInputError("An image_chunk that does not fit those before it")
        known.put(chunk.index, chunk.data)
        if known.size > _LARGEST_TEXT:
            raise InvalidInputError(f"An image has {LARGEST_PICTURE // 2**20} MB at most")
        if len(known.pieces) == known.total:
            del self._waiting[chunk.id]
            return _whole(chunk.id, "".join(known.pieces[index] for index in range(known.total)))
        self._make_room(chunk.id)
        return None

    def _forget_old(self) -> None:
        earliest = clock.monotonic() - clock.seconds(PATIENCE_S)
        for temp_id in [temp_id for temp_id, known in self._waiting.items() if known.touched_at < earliest]:
            del self._waiting[temp_id]

    def _make_room(self, newest: str) -> None:
        """Give up those that have waited longest, never the one that grows right now."""
        others = sorted(self._waiting.keys() - {newest}, key=lambda temp_id: self._waiting[temp_id].touched_at)
        size = sum(known.size for known in self._waiting.values())
        for temp_id in others:
            if len(self._waiting) <= MOST_PICTURES and size <= _MOST_WAITING:
                return
            size -= self._waiting.pop(temp_id).size


def _parsed(message: dict[str, Any]) -> ImageChunk:
    try:
        return ImageChunk.model_validate(message)
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
        raise InvalidInputError(f"An unusable image_chunk: {fields}") from None


def _whole(temp_id: str, text: str) -> Picture:
    address = _ADDRESS_OF_DATA.match(text)
    encoded = "".join(text[address.end() if address else 0 :].split())
    try:
        data = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (Base64Error, ValueError):
        raise InvalidInputError("An image that is not base64") from None
    kind = kind_of_image(data)
    if kind not in _KINDS:
        raise InvalidInputError("An image must be a JPEG, PNG or WebP")
    return Picture(temp_id, data, CONTENT_TYPES[kind])

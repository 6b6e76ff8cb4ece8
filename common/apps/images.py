"""Pictures of apps: which are taken, what they are called, where they are seen."""

import hashlib
import re

from common.core.errors import InvalidInputError, NotFoundError, TooLargeError
from common.core.ids import derived_id, digest
from common.core.pictures import CONTENT_TYPES, kind_of_image, size_of_image
from common.database import media
from common.database.media import Store

LARGEST_IMAGE = 5 * 1024 * 1024
"""Bytes."""
LONGEST_SIDE = 4096
"""Pixels: a few kilobytes may say that they are gigabytes, and whoever opens the store would have to unfold them."""
ADDRESS = "/v1/app-images"

_NAME = re.compile(r"[0-9a-f-]{36}\.(png|jpg|gif|webp)")
_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,128}")


def is_image_name(name: str) -> bool:
    """Whether it could be the name of a picture kept here."""
    return _NAME.fullmatch(name) is not None


def keep_image(data: bytes, *, folder: str) -> str:
    """Keep a picture below `apps/` in the media bucket and return its name: the same each time it is kept there.

    Raises:
        TooLargeError: it is larger than is taken.
        InvalidInputError: it is no picture of a kind that is taken.
    """
    if len(data) > LARGEST_IMAGE:
        raise TooLargeError(f"An image has {LARGEST_IMAGE // 1024 // 1024} MB at most")
    kind = kind_of_image(data)
    if kind is None:
        raise InvalidInputError("The image must be a PNG, JPEG, GIF or WebP file")
    if max(size_of_image(data) or (0,)) > LONGEST_SIDE:
        raise TooLargeError(f"An image is {LONGEST_SIDE} pixels wide and high at most")
    name = f"{derived_id('image', folder, hashlib.sha256(data).hexdigest())}.{kind}"
    media.put(_path(folder, name), data, content_type=CONTENT_TYPES[kind])
    return name


def read_image(*, folder: str, name: str) -> tuple[bytes, str]:
    """A picture and its content type.

    Raises:
        NotFoundError: there is none.
    """
    found = None
    if _FOLDER.fullmatch(folder) and is_image_name(name):
        found = media.find(_path(folder, name), store=Store.MEDIA)
    if found is None:
        raise NotFoundError("Image not found")
    return b"".join(found.read(0, found.size)), CONTENT_TYPES[name.rpartition(".")[2]]


def forget_images(*, folder: str) -> None:
    """Delete the pictures in a folder."""
    media.delete_below(_path(folder, ""))


def thumbnails_folder(uid: str) -> str:
    """Where a user's thumbnails lie; it does not tell who that is."""
    return f"thumbnails-{digest(uid)}"


def image_url(image: str, *, app_id: str, base_url: str) -> str:
    """Where an app's picture is seen: here when it is kept here, else wherever `image` says."""
    return address(image, folder=app_id, base_url=base_url) if is_image_name(image) else image


def address(name: str, *, folder: str, base_url: str) -> str:
    """Where a picture that is kept here is seen."""
    return f"{base_url}{ADDRESS}/{folder}/{name}"


def _path(folder: str, name: str) -> str:
    return f"apps/{folder}/{name}"

"""Bucket `media`: the pictures of conversations, at `{uid}/photos/{conversation_id}/{photo_id}`."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from common.core.logs import get_logger
from common.database import media, refusals
from common.database.media import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.models.attachments import ConversationPhoto

_PARALLEL = 8
_SHOWN_WITHIN_S = 4.0
"""Real seconds after which a picture that is to be shown is not tried again, and none is begun after it."""
_ANSWERED_WITHIN_S = 10.0
MOST_SHOWN = 12 * 2**20
"""Bytes of one conversation's pictures that are shown with it; Cloud Run takes answers of 32 MiB at most."""


def put(photo_id: str, data: bytes, *, uid: str, conversation_id: str, content_type: str) -> str:
    """Store a picture, in place of the same one; returns where it lies."""
    path = f"{_folder(uid=uid, conversation_id=conversation_id)}{photo_id}"
    media.put(path, data, content_type=content_type)
    return path


def read(photo: ConversationPhoto) -> bytes | None:
    """The bytes of a picture that does not stand in its document; None where they are gone."""
    return _read(photo)


def _read(photo: ConversationPhoto, **patience: Any) -> bytes | None:
    if photo.storage_id is None:
        return None
    try:
        data: bytes = media.bucket(Store.MEDIA).blob(photo.storage_id).download_as_bytes(**patience)
    except refusals.NotFound:
        return None
    return data


def filled(photos: Sequence[ConversationPhoto]) -> list[ConversationPhoto]:
    """The same with their bytes in them, as clients want them, up to MOST_SHOWN of all of them, the first ones first.

    Those after it, and those whose bytes are gone, stay empty; so do the others while the bucket does not answer: what
    was said can be read all the same.
    """
    shown = list(photos)
    apart = [place for place, photo in enumerate(shown) if photo.storage_id is not None and not photo.base64]
    try:
        _fill(shown, apart)
    except (refusals.GoogleAPIError, OSError) as error:
        get_logger().warning("photos_not_shown", error=type(error).__name__)
    return shown


def _fill(shown: list[ConversationPhoto], places: Sequence[int]) -> None:
    """Put bytes into those at some places, as many as may be shown."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    read_soon = partial(_read, retry=DEFAULT_RETRY.with_timeout(_SHOWN_WITHIN_S), timeout=_ANSWERED_WITHIN_S)
    size = 0
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for at in range(0, len(places), _PARALLEL):
            some = places[at : at + _PARALLEL]
            for place, data in zip(some, pool.map(read_soon, [shown[place] for place in some]), strict=True):
                size += len(data or b"")
                if size > MOST_SHOWN:
                    return
                shown[place] = shown[place].model_copy(update={"base64": b64encode(data or b"").decode()})


def copied(photos: Sequence[ConversationPhoto], *, uid: str, to: str) -> list[ConversationPhoto]:
    """The same as they are in another conversation of the user, which gets copies of their bytes."""

    def copy(photo: ConversationPhoto) -> ConversationPhoto:
        if photo.storage_id is None:
            return photo
        path = f"{_folder(uid=uid, conversation_id=to)}{photo.id}"
        bucket = media.bucket(Store.MEDIA)
        try:
            bucket.copy_blob(bucket.blob(photo.storage_id), bucket, path)
        except refusals.NotFound:
            return photo
        return photo.model_copy(update={"storage_id": path})

    if not photos:
        return []
    with ThreadPoolExecutor(min(_PARALLEL, len(photos))) as pool:
        return list(pool.map(copy, photos))


def delete_all(*, uid: str, conversation_id: str) -> int:
    """Delete every picture of a conversation; how many there were."""
    return media.delete_below(_folder(uid=uid, conversation_id=conversation_id))


def _folder(*, uid: str, conversation_id: str) -> str:
    if "/" in uid or "/" in conversation_id:
        raise ValueError("ids in object names contain no slash")
    return f"{uid}/photos/{conversation_id}/"

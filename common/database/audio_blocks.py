"""Bucket `audio`: the stored audio of conversations, in blocks named by owner, conversation, session and time.

    {uid}/{conversation_id}/{session_id}/{start_ms:010d}-{end_ms:010d}

Times are milliseconds since the conversation's `started_at`. An object's metadata says how its frames are coded and
what the session's recogniser had settled when it was written, and what of that was voiced for long without a word, so
that listing tells both what is stored and what is understood, without another write. Of many stretches apart it says
the newest: the others stand with the blocks before it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from common.core.settings import settings
from common.database import refusals
from common.database.clients import storage_client
from common.models.conversation import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from google.cloud.storage import Blob

_PARALLEL = 8
_TRACES = "~traces"
_MOST_METADATA = 8 * 1024
"""Bytes, names and values together: https://cloud.google.com/storage/quotas#objects."""
_MOST_WORDLESS = 1024
"""Bytes of these."""
_KEPT = "NEARLINE"
"""The storage class of audio that its owner keeps: it is seldom listened to."""


@dataclass(frozen=True)
class AudioBlock:
    """A stored stretch of one session's audio; times in seconds since the conversation's `started_at`."""

    session_id: str
    start: float
    end: float
    codec: str
    sample_rate: int
    covered: tuple[Interval, ...] = ()
    wordless: tuple[Interval, ...] = ()
    stored_at: datetime | None = field(default=None, compare=False)
    name: str = ""
    marks: str = field(default="", compare=False)
    """By what its frames are told when they are gone (common/speech/marks.py)."""


def put(block: AudioBlock, data: bytes, *, uid: str, conversation_id: str) -> None:
    """Store a block; the same block again replaces it."""
    name = object_name(block, uid=uid, conversation_id=conversation_id)
    blob = storage_client().bucket(settings().audio_bucket).blob(name)
    about = {"codec": block.codec, "sample_rate": str(block.sample_rate)}
    about |= {"marks": block.marks} if block.marks else {}
    blob.metadata = _with_settled(block.covered, block.wordless, about)
    blob.upload_from_string(data, content_type="application/octet-stream")


def object_name(block: AudioBlock, *, uid: str, conversation_id: str) -> str:
    """Under which name a block is stored."""
    bounds = f"{round(block.start * 1000):010d}-{round(block.end * 1000):010d}"
    return f"{_prefix(uid=uid, conversation_id=conversation_id)}{block.session_id}/{bounds}"


def find(name: str, *, uid: str, conversation_id: str) -> AudioBlock | None:
    """The block stored under this name, if it still is, and belongs to this conversation."""
    if not name.startswith(_prefix(uid=uid, conversation_id=conversation_id)):
        return None
    blob = storage_client().bucket(settings().audio_bucket).get_blob(name)
    return None if blob is None else _described(blob)


def list_blocks(*, uid: str, conversation_id: str) -> list[AudioBlock]:
    """Every stored block, by session and time."""
    return [_described(blob) for blob in _blobs(uid=uid, conversation_id=conversation_id)]


def as_stored(block: AudioBlock) -> AudioBlock:
    """A listed block in the times of its session, wherever it lies in its conversation by now."""
    start, end = _bounds(block.name)
    return replace(block, start=start, end=end)


def is_any_stored(*, uid: str, conversation_id: str) -> bool:
    """Whether there is audio of a conversation, found out by looking for one block only."""
    prefix = _prefix(uid=uid, conversation_id=conversation_id)
    first = storage_client().list_blobs(settings().audio_bucket, prefix=prefix, max_results=1)
    return any(not _is_trace(blob) for blob in first)


def copy_all(
    *, uid: str, conversation_id: str, to: str, later_s: Callable[[str], float], session: Callable[[str], str]
) -> None:
    """Copy every block to another conversation of the user; the same again changes nothing.

    Args:
        uid: the owner.
        conversation_id: whose blocks.
        to: the other conversation.
        later_s: seconds by which those of a session lie later in it.
        session: what a session is called there.
    """
    bucket = storage_client().bucket(settings().audio_bucket)

    def copy(source: Blob) -> None:
        _, _, session_id, bounds = source.name.split("/")
        by_s = later_s(session_id)
        start, end = (int(bound) + round(by_s * 1000) for bound in bounds.split("-"))
        copied = bucket.blob(f"{_prefix(uid=uid, conversation_id=to)}{session(session_id)}/{start:010d}-{end:010d}")
        metadata = source.metadata or {}
        covered, wordless = (
            [Interval(start=each.start + by_s, end=each.end + by_s) for each in _stretches(metadata, name)]
            for name in ("covered", "wordless")
        )
        copied.metadata = _with_settled(covered, wordless, metadata)
        copied.content_type = source.content_type
        copied.storage_class = source.storage_class
        copied.rewrite(source)

    _with_each(copy, uid=uid, conversation_id=conversation_id)


def read(block: AudioBlock) -> bytes:
    """The stored bytes of a listed block.

    Raises:
        google.api_core.exceptions.NotFound: it was deleted meanwhile.
    """
    data: bytes = storage_client().bucket(settings().audio_bucket).blob(block.name).download_as_bytes()
    return data


def delete_all(*, uid: str, conversation_id: str) -> int:
    """Delete every block of a conversation; how many there were."""
    bucket = storage_client().bucket(settings().audio_bucket)
    blobs = list(storage_client().list_blobs(bucket, prefix=_prefix(uid=uid, conversation_id=conversation_id)))
    bucket.delete_blobs(blobs, on_error=lambda _: None)  # gone already is what we want
    return len(blobs)


def delete(blocks: Sequence[AudioBlock]) -> None:
    """Delete listed blocks, those of them that are still there; the provider charges nothing for it."""
    bucket = storage_client().bucket(settings().audio_bucket)

    def remove(block: AudioBlock) -> None:
        with suppress(refusals.NotFound):
            bucket.blob(block.name).delete()

    with ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(remove, blocks))


def keep_all(*, uid: str, conversation_id: str) -> None:
    """Take the blocks out of reach of the bucket's lifecycle rule, which is for the standard storage class."""

    def keep(blob: Blob) -> None:
        if blob.storage_class != _KEPT:
            with suppress(refusals.NotFound, refusals.PreconditionFailed):  # deleted, or replaced, meanwhile
                blob.update_storage_class(_KEPT, if_generation_match=blob.generation)

    _with_each(keep, uid=uid, conversation_id=conversation_id)


def _with_each(work: Callable[[Blob], None], *, uid: str, conversation_id: str) -> None:
    """Do something to every block of a conversation, of many to several at once."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(work, _blobs(uid=uid, conversation_id=conversation_id)))


def traces_name(*, uid: str, conversation_id: str) -> str:
    """Where that is which is left of deleted blocks (`audio_traces`): after all blocks, and no block."""
    return f"{_prefix(uid=uid, conversation_id=conversation_id)}{_TRACES}"


def _blobs(*, uid: str, conversation_id: str) -> Iterator[Blob]:
    """The blocks' objects, in the order of their names."""
    prefix = _prefix(uid=uid, conversation_id=conversation_id)
    found = storage_client().list_blobs(settings().audio_bucket, prefix=prefix)
    return (blob for blob in found if not _is_trace(blob))


def _is_trace(blob: Blob) -> bool:
    return bool(blob.name.endswith(f"/{_TRACES}"))


def _bounds(name: str) -> tuple[float, float]:
    start, end = name.rpartition("/")[2].split("-")
    return int(start) / 1000, int(end) / 1000


def _described(blob: Blob) -> AudioBlock:
    _, _, session_id, _ = blob.name.split("/")
    start, end = _bounds(blob.name)
    metadata = blob.metadata or {}
    return AudioBlock(
        session_id=session_id,
        start=start,
        end=end,
        codec=metadata["codec"],
        sample_rate=int(metadata["sample_rate"]),
        covered=_stretches(metadata, "covered"),
        wordless=_stretches(metadata, "wordless"),
        stored_at=blob.time_created,
        name=blob.name,
        marks=metadata.get("marks") or "",
    )


def _prefix(*, uid: str, conversation_id: str) -> str:
    if "/" in uid or "/" in conversation_id:
        raise ValueError("ids in object names contain no slash")
    return f"{uid}/{conversation_id}/"


def _with_settled(
    covered: Sequence[Interval], wordless: Sequence[Interval], metadata: Mapping[str, str]
) -> dict[str, str]:
    """The metadata, with as much of what is wordless, and then of what is covered, as there is room for beside it."""
    about = {name: value for name, value in metadata.items() if name != "wordless"}
    if wordless:
        about["wordless"] = _newest(wordless, room=_MOST_WORDLESS)
    about["covered"] = ""
    return {**about, "covered": _newest(covered, room=_MOST_METADATA - sum(map(_size, about.items())))}


def _size(about: tuple[str, str]) -> int:
    return sum(len(each.encode()) for each in about)


def _newest(stretches: Sequence[Interval], *, room: int) -> str:
    texts: list[str] = []
    for span in reversed(stretches):
        text = f"{span.start:.3f}-{span.end:.3f}"
        room -= len(text) + 1
        if room < 0:
            break
        texts.append(text)
    return ",".join(reversed(texts))


def _stretches(metadata: Mapping[str, str], name: str) -> tuple[Interval, ...]:
    bounds = (part.split("-") for part in (metadata.get(name) or "").split(",") if part)
    return tuple(Interval(start=float(start), end=float(end)) for start, end in bounds)

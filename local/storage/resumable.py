"""Resumable uploads: sessions that outlive connections and restarts."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from common.core import clock, ids
from local.state import State
from local.storage.blobs import IncomingBlob
from local.storage.errors import StorageError, invalid
from local.storage.store import ObjectStore, micros
from local.storage.uploads import check_possible, finish, given_resource, json_object

_SCHEMA = """CREATE TABLE IF NOT EXISTS storage_uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, given TEXT NOT NULL, query TEXT NOT NULL, created INTEGER NOT NULL,
    result TEXT)"""
_KEPT_S = 7 * 24 * 3600.0
_CHUNK_UNIT = 256 * 1024
_CONTENT_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


@dataclass(frozen=True)
class _Range:
    """What a request says it carries; `first` is None for a question, `total` None while it is not known."""

    first: int | None
    last: int | None
    total: int | None


def _content_range(request: Request) -> _Range:
    value = request.headers.get("content-range")
    if value is None:
        length = request.headers.get("content-length")
        return _Range(0, None, int(length) if length else None)
    match = _CONTENT_RANGE.fullmatch(value.strip())
    if not match:
        raise invalid(f"Failed to parse Content-Range header: {value!r}")
    total = None if match["total"] == "*" else int(match["total"])
    if match["first"] is None:
        return _Range(None, None, total)
    first, last = int(match["first"]), int(match["last"])
    if last < first or (total is not None and last >= total):
        raise invalid(f"Invalid Content-Range header: {value!r}")
    return _Range(first, last, total)


class ResumableUploads:
    """Sessions of one store: the rows say what is to become of the bytes, which grow in the blob folder."""

    def __init__(self, state: State, store: ObjectStore) -> None:
        self._state = state
        self._store = store
        self._open: dict[str, IncomingBlob] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        state.connection.execute(_SCHEMA)

    def prune(self) -> set[str]:
        """Forget sessions that are over a week old; returns those that may still go on."""
        oldest = round((clock.now() - clock.duration(_KEPT_S)).timestamp() * 1e6)
        with self._state.transaction() as db:
            db.execute("DELETE FROM storage_uploads WHERE created < ?", (oldest,))
        rows = self._state.connection.execute("SELECT id FROM storage_uploads WHERE result IS NULL")
        return {row["id"] for row in rows}

    def close(self) -> None:
        """Release the files; the sessions can go on later."""
        for incoming in self._open.values():
            incoming.close()
        self._open.clear()

    async def begin(self, request: Request, bucket: str, base: str) -> Response:
        """Open a session; its address is in the `Location` header."""
        query = dict(request.query_params)
        metadata = json_object(await request.body())
        given = given_resource(metadata, query, request.headers.get("x-upload-content-type"))
        check_possible(self._store, bucket, given, query)
        upload_id = ids.new_id()
        with self._state.transaction() as db:
            db.execute(
                "INSERT INTO storage_uploads (id, bucket, given, query, created) VALUES (?, ?, ?, ?, ?)",
                (upload_id, bucket, json.dumps(given), json.dumps(query), micros()),
            )
        location = f"{base}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload_id}"
        return Response(headers={"Location": location, "X-GUploader-UploadID": upload_id})

    def cancel(self, upload_id: str) -> Response:
        """End a session and forget its bytes."""
        self._session(upload_id)
        with self._state.transaction() as db:
            db.execute("DELETE FROM storage_uploads WHERE id = ?", (upload_id,))
        self._incoming(upload_id).discard()
        del self._open[upload_id]
        return Response(status_code=499)

    async def proceed(self, request: Request, upload_id: str) -> Response:
        """Take a chunk or answer how far the upload is; 308 until the object is complete."""
        async with self._locks[upload_id]:
            row = self._session(upload_id)
            if row["result"]:
                return JSONResponse(json.loads(row["result"]))
            asked = _content_range(request)
            incoming = self._incoming(upload_id)
            if asked.first is not None:
                await _take(incoming, request.stream(), asked)
            complete = asked.total == incoming.size if asked.total is not None else asked.last is None
            if asked.total is not None and incoming.size > asked.total:
                raise invalid(f"{incoming.size} bytes were uploaded, more than the {asked.total} announced.")
            if not complete or (asked.first is None and asked.total is None):
                return _incomplete(incoming.size)
            return JSONResponse(self._complete(row, incoming, dict(request.headers)))

    def _session(self, upload_id: str) -> Any:
        row = self._state.connection.execute("SELECT * FROM storage_uploads WHERE id = ?", (upload_id,)).fetchone()
        if row is None:
            raise StorageError(404, "notFound", "No such upload session.")
        return row

    def _incoming(self, upload_id: str) -> IncomingBlob:
        if upload_id not in self._open:
            self._open[upload_id] = self._store.blobs.resume(upload_id)
        return self._open[upload_id]

    def _complete(self, row: Any, incoming: IncomingBlob, headers: dict[str, str]) -> dict[str, Any]:
        """Make the object live and keep what was answered, in case the answer is lost."""
        del self._open[row["id"]]
        try:
            with self._state.transaction() as db:
                made = finish(
                    self._store,
                    incoming,
                    bucket=row["bucket"],
                    given=json.loads(row["given"]),
                    query=json.loads(row["query"]),
                    headers=headers,
                )
                resource = made.resource(self._store.base)
                db.execute("UPDATE storage_uploads SET result = ? WHERE id = ?", (json.dumps(resource), row["id"]))
        except BaseException:  # the bytes are gone: the client is told that there is no session, and starts anew
            with self._state.transaction() as db:
                db.execute("DELETE FROM storage_uploads WHERE id = ?", (row["id"],))
            raise
        self._store.collect()
        return resource


async def _take(incoming: IncomingBlob, pieces: AsyncIterator[bytes], asked: _Range) -> None:
    """Append what of a chunk is not there yet; of one that is not the last, only whole units of 256 KiB count."""
    first = asked.first or 0
    if first > incoming.size:
        raise invalid(
            f"Invalid request. According to the Content-Range header, the upload offset is {first} byte(s), "
            f"which exceeds already uploaded size of {incoming.size} byte(s)."
        )
    end = None
    if asked.last is not None and (asked.total is None or asked.last + 1 < asked.total):
        length = asked.last + 1 - first
        if length < _CHUNK_UNIT:
            raise invalid(
                f"Invalid request. The number of bytes uploaded is required to be equal or greater than {_CHUNK_UNIT}, "
                "except for the final request (it's recommended to be the exact multiple of "
                f"{_CHUNK_UNIT}). The received request contained {length} bytes, which does not meet this requirement."
            )
        end = first + length // _CHUNK_UNIT * _CHUNK_UNIT
    position = first
    async for piece in pieces:
        new = piece[max(0, incoming.size - position) :]
        if end is not None:
            new = new[: max(0, end - incoming.size)]
        position += len(piece)
        incoming.write(new)


def _incomplete(size: int) -> Response:
    headers = {"Range": f"bytes=0-{size - 1}"} if size else {}
    return Response(status_code=308, headers=headers)

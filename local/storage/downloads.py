"""Reading an object's bytes: whole, in part, or unpacked."""

import re
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from local.storage.blobs import READ_SIZE, BlobFiles
from local.storage.errors import StorageError
from local.storage.resource import StoredObject

_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def media_response(live: StoredObject, blobs: BlobFiles, request: Request) -> Response:
    """The content of an object as a request's `Range` and `Accept-Encoding` ask for it."""
    headers = _headers(live)
    packed = live.metadata.get("contentEncoding") == "gzip"
    if packed and "gzip" not in request.headers.get("accept-encoding", ""):
        del headers["Content-Encoding"]
        headers["Warning"] = "214 UploadServer gunzipped"
        return StreamingResponse(_unpacked(_pieces(blobs.path(live.blob).open("rb"), live.size)), headers=headers)
    part = _range(request.headers.get("range"), live.size)
    start, end = part or (0, live.size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{live.size}"
    file = blobs.path(live.blob).open("rb")
    file.seek(start)
    return StreamingResponse(_pieces(file, end - start), 206 if part else 200, headers)


def _headers(live: StoredObject) -> dict[str, str]:
    hashes = [f"crc32c={live.crc32c}", *([f"md5={live.md5}"] if live.md5 else [])]
    headers = {
        "Content-Type": live.metadata.get("contentType", "application/octet-stream"),
        "Cache-Control": live.metadata.get("cacheControl", "no-cache, no-store, max-age=0, must-revalidate"),
        "ETag": live.etag,
        "Last-Modified": format_datetime(datetime.fromtimestamp(live.updated / 1e6, UTC), usegmt=True),
        "Accept-Ranges": "bytes",
        "X-Goog-Generation": str(live.generation),
        "X-Goog-Metageneration": str(live.metageneration),
        "X-Goog-Hash": ",".join(hashes),
        "X-Goog-Storage-Class": live.metadata.get("storageClass", "STANDARD"),
        "X-Goog-Stored-Content-Encoding": live.metadata.get("contentEncoding", "identity"),
        "X-Goog-Stored-Content-Length": str(live.size),
    }
    for field in ("contentEncoding", "contentDisposition", "contentLanguage"):
        if live.metadata.get(field):
            headers["Content-" + field.removeprefix("content")] = live.metadata[field]
    return {name: _header_text(value) for name, value in headers.items()}


def _header_text(value: str) -> str:
    """Metadata may be any text, a header may not."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value).encode().decode("latin-1")


async def _pieces(file: BinaryIO, size: int) -> AsyncIterator[bytes]:
    """The file was opened before the answer began: overwritten meanwhile, the object is still read to its end."""
    with file:
        while size > 0 and (chunk := file.read(min(READ_SIZE, size))):
            size -= len(chunk)
            yield chunk


async def _unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    async for chunk in chunks:
        yield unpacker.decompress(chunk)
    yield unpacker.flush()


def _range(header: str | None, size: int) -> tuple[int, int] | None:
    """Start and end of the part asked for; None for the whole, also where the header makes no sense (RFC 9110)."""
    match = _RANGE.fullmatch((header or "").strip())
    if not match:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start == end:
        message = f"The requested range cannot be satisfied: {size} bytes"
        raise StorageError(416, "requestedRangeNotSatisfiable", message, {"Content-Range": f"bytes */{size}"})
    return start, end

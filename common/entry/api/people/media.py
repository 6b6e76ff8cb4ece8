"""`/v1/media`: stored files for whoever has an address that we signed; whole or in ranges (RFC 9110 section 14)."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from common.core.errors import NotFoundError
from common.database import media, signed_urls
from common.database.media import Store
from common.entry.api.schemas import responses

router = APIRouter(prefix="/v1/media", tags=["media"])

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_LATEST = 10**11
_BYTES: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/{store}/{path:path}",
    response_class=StreamingResponse,
    responses={
        **responses(403, 404, 416),
        200: {"description": "The file", **_BYTES},
        206: {"description": "The part that was asked for", **_BYTES},
    },
)
def get(
    store: Store,
    path: Annotated[str, Path(max_length=1024)],
    expires: Annotated[int, Query(ge=0, le=_LATEST, description="When the address ends, seconds since 1970")],
    signature: Annotated[str, Query(max_length=128, description="Ours")],
    wanted: Annotated[str | None, Header(alias="Range", max_length=200)] = None,
) -> Response:
    """A stored file, or the range of it that is asked for."""
    signed_urls.verify(path, store=store, expires=expires, signature=signature)
    found = media.find(path, store=store)
    if found is None:
        raise NotFoundError("File not found")
    start, end = requested_range(wanted, size=found.size)
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private"}
    partial = wanted is not None and (start, end) != (0, found.size)
    if start >= end and found.size:
        headers["Content-Range"] = f"bytes */{found.size}"
        return JSONResponse({"detail": "The range lies outside the file"}, status_code=416, headers=headers)
    headers["Content-Length"] = str(end - start)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    return StreamingResponse(
        found.read(start, end), status_code=206 if partial else 200, media_type=found.content_type, headers=headers
    )


def requested_range(header: str | None, *, size: int) -> tuple[int, int]:
    """The bytes [start, end) that a `Range` asks for; what is not understood, or several ranges, is the whole.

    A range that holds no byte of the file is told by a start that is not before the end.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or not any(match.groups()):
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return 0, size
    return int(first), min(size, int(last) + 1) if last else size

"""`/v1/media`: stored files for whoever has an address that we signed; whole or in ranges (RFC 9110 section 14)."""

from typing import Annotated, Any

from fastapi import Header, Path, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from common.core.errors import NotFoundError
from common.database import media, signed_urls
from common.database.media import Store
from common.entry.api.ranges import requested_part
from common.entry.api.routing import Router
from common.entry.api.schemas import responses

router = Router(prefix="/v1/media", tags=["media"])

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
    part = requested_part(wanted, size=found.size)
    headers = {"Cache-Control": "private", **part.headers}
    if part.outside:
        return JSONResponse({"detail": "The range lies outside the file"}, status_code=part.status, headers=headers)
    headers["Content-Length"] = str(part.end - part.start)
    return StreamingResponse(
        found.read(part.start, part.end), status_code=part.status, media_type=found.content_type, headers=headers
    )

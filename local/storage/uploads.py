"""Uploads in one request: the bytes alone (media), or with their metadata before them (multipart)."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request

from local.storage.blobs import IncomingBlob
from local.storage.errors import StorageError, invalid
from local.storage.multipart import MultipartReader, boundary_of
from local.storage.preconditions import Preconditions
from local.storage.resource import StoredObject, check_name, initial_metadata
from local.storage.store import ObjectStore

_MAX_METADATA_BYTES = 1 << 20


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object, empty for an empty body; raises 400 for anything else."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise StorageError(400, "parseError", "Parse Error") from error
    if not isinstance(parsed, dict):
        raise StorageError(400, "parseError", "Parse Error")
    return parsed


def given_resource(metadata: dict[str, Any], query: Mapping[str, str], content_type: str | None) -> dict[str, Any]:
    """The resource a caller describes by a JSON part, parameters and headers, the name checked."""
    given = {**metadata, "name": check_name(query.get("name") or str(metadata.get("name") or ""))}
    given["contentType"] = given.get("contentType") or content_type or "application/octet-stream"
    if query.get("contentEncoding"):
        given["contentEncoding"] = query["contentEncoding"]
    return given


def check_possible(store: ObjectStore, bucket: str, given: dict[str, Any], query: Mapping[str, str]) -> None:
    """Refuse an upload before its bytes are read: no bucket, bad metadata, a precondition that does not hold."""
    store.check_bucket(bucket)
    initial_metadata(given)
    Preconditions.of(query).check(store.find(bucket, given["name"]))


def check_hashes(incoming: IncomingBlob, given: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Compare the bytes with the hashes in the resource, `X-Goog-Hash` and `Content-MD5`; raises 400."""
    expected: list[tuple[str, str | None]] = [
        ("md5", given.get("md5Hash")),
        ("crc32c", given.get("crc32c")),
        ("md5", headers.get("content-md5")),
    ]
    for pair in headers.get("x-goog-hash", "").split(","):
        kind, _, value = pair.strip().partition("=")
        expected.append((kind, value))
    calculated = {"md5": incoming.md5, "crc32c": incoming.crc32c}
    for kind, wanted in expected:
        if wanted and calculated.get(kind, wanted) != wanted:
            label = "MD5 hash" if kind == "md5" else "CRC32C"
            raise invalid(f'Provided {label} "{wanted}" doesn\'t match calculated {label} "{calculated[kind]}".')


def finish(
    store: ObjectStore,
    incoming: IncomingBlob,
    *,
    bucket: str,
    given: dict[str, Any],
    query: Mapping[str, str],
    headers: Mapping[str, str],
) -> StoredObject:
    """Check the bytes that came in and make them a live object."""
    with incoming:
        check_hashes(incoming, given, headers)
    return store.finalize(
        incoming,
        bucket=bucket,
        name=given["name"],
        metadata=initial_metadata(given),
        conditions=Preconditions.of(query),
    )


async def upload_media(store: ObjectStore, request: Request, bucket: str) -> StoredObject:
    """The request's body is the object."""
    query = request.query_params
    given = given_resource({}, query, request.headers.get("content-type"))
    check_possible(store, bucket, given, query)
    with store.blobs.create() as incoming:
        await receive(incoming, request.stream())
    return finish(store, incoming, bucket=bucket, given=given, query=query, headers=request.headers)


async def upload_multipart(store: ObjectStore, request: Request, bucket: str) -> StoredObject:
    """The request's body is the resource as JSON, then the object."""
    query = request.query_params
    reader = MultipartReader(request.stream(), boundary_of(request.headers.get("content-type", "")))
    await reader.next_part()
    metadata = b""
    async for piece in reader.content():
        metadata += piece
        if len(metadata) > _MAX_METADATA_BYTES:
            raise invalid("The metadata part is too large.")
    headers = await reader.next_part()
    given = given_resource(json_object(metadata), query, headers.get("content-type"))
    check_possible(store, bucket, given, query)
    with store.blobs.create() as incoming:
        await receive(incoming, reader.content())
    return finish(store, incoming, bucket=bucket, given=given, query=query, headers=request.headers)


async def receive(incoming: IncomingBlob, pieces: AsyncIterator[bytes]) -> None:
    """Append the pieces as they come."""
    async for piece in pieces:
        incoming.write(piece)

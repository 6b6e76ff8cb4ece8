"""The JSON API as an ASGI application: routes requests by their undecoded path, as object names may hold anything."""

from typing import Any
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from common.core import logs
from local.operations import Operations
from local.storage.batch import batch_response
from local.storage.buckets import BucketStore, bucket_resource
from local.storage.downloads import media_response
from local.storage.errors import StorageError, invalid
from local.storage.objects import (
    change_object,
    compose_object,
    copy_object,
    delete_object,
    list_objects,
    move_object,
    read_object,
)
from local.storage.preconditions import Preconditions, integer
from local.storage.resumable import ResumableUploads
from local.storage.store import ObjectStore
from local.storage.uploads import json_object, upload_media, upload_multipart
from local.storage.usage import billed_class

_MAX_BUCKETS = 1000


class StorageApi:
    """Answers every request; what it cannot answer becomes an error in Google's form."""

    def __init__(
        self, buckets: BucketStore, objects: ObjectStore, resumable: ResumableUploads, operations: Operations
    ) -> None:
        self._operations = operations
        self._buckets = buckets
        self._objects = objects
        self._resumable = resumable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
            if response.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
                # A client that is still sending would take an early answer for a broken connection.
                async for _ in _rest(request):
                    pass
            await response(scope, receive, send)
        except ClientDisconnect:
            return

    async def _answer(self, request: Request) -> Response:
        segments = _segments(request)
        try:
            if segments[:3] == ["batch", "storage", "v1"] and request.method == "POST":
                return await batch_response(request, self._answer)
            if billed := billed_class(request.method, segments, request.query_params):
                self._operations.count(f"storage.{billed}")
            if segments[:4] == ["upload", "storage", "v1", "b"] and segments[5:] == ["o"]:
                return await self._upload(request, segments[4])
            if segments[:4] == ["download", "storage", "v1", "b"] and segments[5:6] == ["o"] and _reads(request):
                return self._read(request, segments[4], "/".join(segments[6:]), media=True)
            return await self._resource(request, segments)
        except StorageError as error:
            return error.response(media=request.query_params.get("alt") == "media" and request.method == "GET")
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of the protocol: it becomes a 500
            logs.get_logger().error(
                "storage_request_failed", method=request.method, error=type(error).__name__, at=logs.where(error)
            )
            return StorageError(500, "backendError", "Internal error of the local server").response(media=False)

    async def _upload(self, request: Request, bucket: str) -> Response:
        kind, upload_id = request.query_params.get("uploadType"), request.query_params.get("upload_id")
        if upload_id and request.method in {"PUT", "POST"}:
            return await self._resumable.proceed(request, upload_id)
        if upload_id and request.method == "DELETE":
            return self._resumable.cancel(upload_id)
        if request.method != "POST":
            raise _unknown(request)
        if kind == "resumable":
            return await self._resumable.begin(request, bucket, _base(request))
        if kind == "multipart":
            return self._json(request, await upload_multipart(self._objects, request, bucket))
        if kind == "media":
            return self._json(request, await upload_media(self._objects, request, bucket))
        raise invalid(f"Unknown uploadType: {kind!r}")

    async def _resource(self, request: Request, segments: list[str]) -> Response:
        if segments[:3] != ["storage", "v1", "b"]:
            raise _unknown(request)
        path = segments[3:]
        if not path:
            return await self._bucket_collection(request)
        if len(path) == 1:
            return await self._bucket(request, path[0])
        if path[1] != "o":
            raise _unknown(request)
        bucket = path[0]
        if len(path) == 2:  # noqa: PLR2004 - b/BUCKET/o
            if request.method != "GET":
                raise _unknown(request)
            return JSONResponse(list_objects(self._objects, bucket, request.query_params, _base(request)))
        if request.method == "POST":
            return await self._action(request, bucket, path[2:])
        return await self._object(request, bucket, "/".join(path[2:]))

    async def _bucket_collection(self, request: Request) -> Response:
        query, base = request.query_params, _base(request)
        if request.method == "POST":
            given = json_object(await request.body())
            return JSONResponse(bucket_resource(self._buckets.insert(query.get("project") or "", given), base))
        if request.method != "GET":
            raise _unknown(request)
        limit = min(integer(query, "maxResults") or _MAX_BUCKETS, _MAX_BUCKETS)
        found = self._buckets.list_after(
            query.get("project") or "",
            prefix=query.get("prefix") or "",
            after=query.get("pageToken") or "",
            limit=limit + 1,
        )
        answer: dict[str, Any] = {"kind": "storage#buckets"}
        answer["items"] = [bucket_resource(row, base) for row in found[:limit]]
        if len(found) > limit:
            answer["nextPageToken"] = found[limit - 1]["name"]
        return JSONResponse(answer)

    async def _bucket(self, request: Request, name: str) -> Response:
        reading = request.method == "GET"
        row = self._buckets.get(name, Preconditions.of(request.query_params), reading=reading)
        if request.method == "DELETE":
            self._buckets.delete(row)
            return Response(status_code=204)
        if request.method in {"PATCH", "PUT"}:
            given = json_object(await request.body())
            row = self._buckets.change(row, given, patch=request.method == "PATCH")
        elif not reading:
            raise _unknown(request)
        return JSONResponse(bucket_resource(row, _base(request)))

    async def _object(self, request: Request, bucket: str, name: str) -> Response:
        query = request.query_params
        if _reads(request):
            return self._read(request, bucket, name, media=query.get("alt") == "media")
        if request.method == "DELETE":
            delete_object(self._objects, bucket, name, query)
            return Response(status_code=204)
        if request.method in {"PATCH", "PUT"}:
            given, patch = json_object(await request.body()), request.method == "PATCH"
            return self._json(request, change_object(self._objects, bucket, name, query, given, patch=patch))
        raise _unknown(request)

    async def _action(self, request: Request, bucket: str, path: list[str]) -> Response:
        query, given = request.query_params, json_object(await request.body())
        match path:
            case [*name, "compose"] if name:
                return self._json(request, await compose_object(self._objects, bucket, "/".join(name), query, given))
            case [name, "copyTo", "b", target_bucket, "o", *target]:
                source, destination = (bucket, name), (target_bucket, "/".join(target))
                return self._json(request, copy_object(self._objects, source, destination, query, given))
            case [name, "rewriteTo", "b", target_bucket, "o", *target]:
                source, destination = (bucket, name), (target_bucket, "/".join(target))
                made = copy_object(self._objects, source, destination, query, given)
                size = str(made.size)
                answer = {"kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size}
                return JSONResponse({**answer, "done": True, "resource": made.resource(_base(request))})
            case [name, "moveTo", "o", *target]:
                return self._json(request, move_object(self._objects, bucket, name, "/".join(target), query))
        raise _unknown(request)

    def _read(self, request: Request, bucket: str, name: str, *, media: bool) -> Response:
        live = read_object(self._objects, bucket, name, request.query_params, request.headers)
        return media_response(live, self._objects.blobs, request) if media else self._json(request, live)

    def _json(self, request: Request, live: Any) -> Response:
        return JSONResponse(live.resource(_base(request)), headers={"ETag": live.etag})


def _segments(request: Request) -> list[str]:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return [unquote(segment) for segment in raw.decode("utf-8", "replace").lstrip("/").split("/")]


def _reads(request: Request) -> bool:
    return request.method in {"GET", "HEAD"}


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1')}"


def _unknown(request: Request) -> StorageError:
    return StorageError(501, "notImplemented", f"{request.method} {request.scope['path']} is not supported here.")


async def _rest(request: Request) -> Any:
    """What the client still has to send of its request."""
    try:
        async for piece in request.stream():
            yield piece
    except RuntimeError:
        return  # it was read to its end before

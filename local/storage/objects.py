"""What is done with objects that exist: read, list, change, copy, compose, move, delete."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local.storage.blobs import read_chunks
from local.storage.errors import condition_not_met, invalid, no_object, not_modified
from local.storage.listing import list_page
from local.storage.preconditions import Preconditions, integer
from local.storage.resource import StoredObject, changed_metadata, check_name, initial_metadata
from local.storage.store import ObjectStore

_MAX_SOURCES = 32
Query = Mapping[str, str]


def read_object(
    store: ObjectStore, bucket: str, name: str, query: Query, headers: Mapping[str, str] | None = None
) -> StoredObject:
    """The live object, if the request's conditions and entity tags let it be read."""
    live = store.get(bucket, name, integer(query, "generation"))
    Preconditions.of(query).check(live, reading=True)
    tags = {kind: _tags((headers or {}).get(kind, "")) for kind in ("if-match", "if-none-match")}
    if tags["if-match"] and not tags["if-match"] & {live.etag, "*"}:
        raise condition_not_met()
    if tags["if-none-match"] & {live.etag, "*"}:
        raise not_modified()
    return live


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",") if tag.strip()}


def list_objects(store: ObjectStore, bucket: str, query: Query, base: str) -> dict[str, Any]:
    """One page of a bucket."""
    store.check_bucket(bucket)
    page = list_page(query, lambda start, end: store.scan(bucket, start, end))
    answer: dict[str, Any] = {"kind": "storage#objects"}
    if page.items:
        answer["items"] = [item.resource(base) for item in page.items]
    if page.prefixes:
        answer["prefixes"] = page.prefixes
    if page.next_token:
        answer["nextPageToken"] = page.next_token
    return answer


def change_object(
    store: ObjectStore, bucket: str, name: str, query: Query, given: dict[str, Any], *, patch: bool
) -> StoredObject:
    """Merge metadata into an object (null deletes), or replace it."""
    live = store.get(bucket, name, integer(query, "generation"))
    Preconditions.of(query).check(live)
    if patch:
        return store.change(live, changed_metadata(live.metadata, given))
    fixed: dict[str, Any] = {key: live.metadata[key] for key in ("customTime", "storageClass") if key in live.metadata}
    return store.change(live, changed_metadata(fixed, given))


def delete_object(store: ObjectStore, bucket: str, name: str, query: Query) -> None:
    """Delete an object."""
    live = store.get(bucket, name, integer(query, "generation"))
    Preconditions.of(query).check(live)
    store.delete(live)


def copy_object(
    store: ObjectStore, source: tuple[str, str], target: tuple[str, str], query: Query, given: dict[str, Any]
) -> StoredObject:
    """Make `target` (bucket, name) an object with the source's bytes, and with its metadata unless other is given."""
    original = store.get(*source, integer(query, "sourceGeneration"))
    Preconditions.of(query, "ifSource").check(original)
    changes = initial_metadata(given)
    if changes:
        changes.setdefault("contentType", original.metadata.get("contentType", "application/octet-stream"))
    bucket, name = target
    copied = replace(original, bucket=bucket, name=check_name(name), metadata=changes or original.metadata)
    return store.put(copied, Preconditions.of(query))


def move_object(store: ObjectStore, bucket: str, source: str, target: str, query: Query) -> StoredObject:
    """Rename an object."""
    original = store.get(bucket, source)
    Preconditions.of(query, "ifSource").check(original)
    return store.move(original, check_name(target), Preconditions.of(query))


async def compose_object(
    store: ObjectStore, bucket: str, name: str, query: Query, given: dict[str, Any]
) -> StoredObject:
    """Make an object of up to 32 others, one behind the other."""
    wanted = given.get("sourceObjects") or []
    if not 1 <= len(wanted) <= _MAX_SOURCES:
        raise invalid(f"The number of source components provided ({len(wanted)}) must be between 1 and {_MAX_SOURCES}.")
    conditions = Preconditions.of(query)
    conditions.check(store.find(bucket, check_name(name)))
    sources = [_compose_source(store, bucket, source) for source in wanted]
    metadata = initial_metadata(given.get("destination") or {})
    metadata.setdefault("contentType", sources[0].metadata.get("contentType", "application/octet-stream"))
    with store.blobs.create() as incoming:
        for source in sources:
            for chunk in read_chunks(store.blobs.path(source.blob), 0, source.size):
                incoming.write(chunk)
                await asyncio.sleep(0)  # others are served between the pieces of something long
    return store.finalize(
        incoming,
        bucket=bucket,
        name=name,
        metadata=metadata,
        conditions=conditions,
        component_count=sum(source.component_count or 1 for source in sources),
    )


def _compose_source(store: ObjectStore, bucket: str, source: dict[str, Any]) -> StoredObject:
    generation = source.get("generation")
    name = str(source.get("name") or "")
    found = store.get(bucket, name, None if generation is None else int(generation))
    expected = (source.get("objectPreconditions") or {}).get("ifGenerationMatch")
    if expected is not None and int(expected) != found.generation:
        raise condition_not_met() if int(expected) else no_object(bucket, name)
    return found

"""The tables of Cloud Storage and the transactions in which objects come to life and go."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from common.core import clock
from local.state import State
from local.storage.blobs import BlobFiles, IncomingBlob
from local.storage.errors import no_bucket, no_object
from local.storage.preconditions import Preconditions
from local.storage.resource import StoredObject

Hook = Callable[[dict[str, Any]], None]
"""Called with an object resource inside the transaction that changes it."""

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS storage_buckets (
    name TEXT PRIMARY KEY, project TEXT NOT NULL, metageneration INTEGER NOT NULL DEFAULT 1,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, metadata TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS storage_objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    blob TEXT NOT NULL, size INTEGER NOT NULL, md5 TEXT, crc32c TEXT NOT NULL, component_count INTEGER,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, metadata TEXT NOT NULL, PRIMARY KEY (bucket, name))""",
    "CREATE INDEX IF NOT EXISTS storage_blobs ON storage_objects (blob)",
)


def micros() -> int:
    """Now, in microseconds of the epoch."""
    return round(clock.now().timestamp() * 1e6)


class ObjectStore:
    """Buckets and live objects.

    Args:
        state: where the metadata lives.
        blobs: where the bytes live.
        on_finalize: hook for objects that come to life, overwriting or not.
        on_delete: hook for objects that go, overwritten ones included.
    """

    def __init__(
        self, state: State, blobs: BlobFiles, *, on_finalize: Hook | None = None, on_delete: Hook | None = None
    ) -> None:
        self.base = "http://127.0.0.1"
        self.blobs = blobs
        self._state = state
        self._on_finalize = on_finalize
        self._on_delete = on_delete
        self._loose_blobs: list[str] = []
        for statement in _SCHEMA:
            state.connection.execute(statement)
        self._last_generation = state.connection.execute("SELECT max(generation) FROM storage_objects").fetchone()[0]

    def check_bucket(self, bucket: str) -> None:
        """Raise 404 unless the bucket exists."""
        if not self._state.connection.execute("SELECT 1 FROM storage_buckets WHERE name = ?", (bucket,)).fetchone():
            raise no_bucket()

    def find(self, bucket: str, name: str) -> StoredObject | None:
        """The live object of that name."""
        row = self._state.connection.execute(
            "SELECT * FROM storage_objects WHERE bucket = ? AND name = ?", (bucket, name)
        ).fetchone()
        return StoredObject.from_row(row) if row else None

    def get(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        """The live object of that name; raises 404 if there is none, or another generation is asked for."""
        self.check_bucket(bucket)
        live = self.find(bucket, name)
        if live is None or generation not in (None, live.generation):
            raise no_object(bucket, name)
        return live

    def scan(self, bucket: str, start: str, end: str) -> Iterator[StoredObject]:
        """Objects with `start <= name < end`, compared as UTF-8, in that order."""
        rows = self._state.connection.execute(
            "SELECT * FROM storage_objects WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name",
            (bucket, start, end),
        )
        return map(StoredObject.from_row, rows)

    def finalize(
        self,
        incoming: IncomingBlob,
        *,
        bucket: str,
        name: str,
        metadata: dict[str, Any],
        conditions: Preconditions,
        component_count: int | None = None,
    ) -> StoredObject:
        """Make the bytes that came in the live object of that name; the blob is discarded if it cannot be."""
        with incoming:
            incoming.keep()
            return self.put(
                StoredObject(
                    bucket=bucket,
                    name=name,
                    generation=0,
                    metageneration=1,
                    blob=incoming.id,
                    size=incoming.size,
                    md5=None if component_count else incoming.md5,
                    crc32c=incoming.crc32c,
                    component_count=component_count,
                    created=0,
                    updated=0,
                    metadata=metadata,
                ),
                conditions,
            )

    def put(self, new: StoredObject, conditions: Preconditions) -> StoredObject:
        """Make `new` live with a generation of its own; the bytes it names may belong to another object too."""
        with self._state.transaction() as db:
            self.check_bucket(new.bucket)
            old = self.find(new.bucket, new.name)
            conditions.check(old)
            generation = self._last_generation = max(micros(), (self._last_generation or 0) + 1)
            new = replace(new, generation=generation, metageneration=1, created=generation, updated=generation)
            if old:
                self._forget(old)
            fields = {**vars(new), "metadata": json.dumps(new.metadata)}
            db.execute(
                "INSERT INTO storage_objects (bucket, name, generation, metageneration, blob, size, md5, crc32c, "
                "component_count, created, updated, metadata) VALUES (:bucket, :name, :generation, :metageneration, "
                ":blob, :size, :md5, :crc32c, :component_count, :created, :updated, :metadata)",
                fields,
            )
            if self._on_finalize:
                self._on_finalize(new.resource(self.base))
        self.collect()
        return new

    def change(self, live: StoredObject, metadata: dict[str, Any]) -> StoredObject:
        """Replace the metadata of a live object."""
        new = replace(live, metadata=metadata, metageneration=live.metageneration + 1, updated=micros())
        with self._state.transaction() as db:
            db.execute(
                "UPDATE storage_objects SET metadata = ?, metageneration = ?, updated = ? "
                "WHERE bucket = ? AND name = ?",
                (json.dumps(metadata), new.metageneration, new.updated, new.bucket, new.name),
            )
        return new

    def delete(self, live: StoredObject) -> None:
        """Delete a live object."""
        with self._state.transaction():
            self._forget(live)
        self.collect()

    def move(self, source: StoredObject, name: str, conditions: Preconditions) -> StoredObject:
        """Give a live object another name in its bucket."""
        with self._state.transaction():
            moved = self.put(replace(source, name=name), conditions)
            if source.name != name:
                self._forget(source)
        self.collect()
        return moved

    def remove_orphans(self, incoming: set[str]) -> None:
        """Delete files no object has; `incoming` are the uploads that may still go on."""
        kept = {row["blob"] for row in self._state.connection.execute("SELECT blob FROM storage_objects")}
        self.blobs.remove_orphans(kept=kept, incoming=incoming)

    def _forget(self, live: StoredObject) -> None:
        with self._state.transaction() as db:
            db.execute("DELETE FROM storage_objects WHERE bucket = ? AND name = ?", (live.bucket, live.name))
            self._loose_blobs.append(live.blob)
            if self._on_delete:
                self._on_delete(live.resource(self.base))

    def collect(self) -> None:
        """Delete files that lost their last object, once the transaction in which that happened is committed."""
        if self._state.connection.in_transaction:
            return
        query = "SELECT 1 FROM storage_objects WHERE blob = ?"
        for blob in self._loose_blobs:
            if not self._state.connection.execute(query, (blob,)).fetchone():
                self.blobs.remove(blob)
        self._loose_blobs.clear()

"""Buckets: whatever is set on them is kept and shown, and changes nothing."""

import base64
import json
import re
import sqlite3
from typing import Any

from local.state import State
from local.storage.errors import StorageError, invalid, no_bucket
from local.storage.preconditions import Preconditions
from local.storage.resource import timestamp
from local.storage.store import micros

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_OUTPUT_ONLY = {"kind", "id", "selfLink", "name", "timeCreated", "updated", "metageneration", "etag", "projectNumber"}


class BucketStore:
    """Buckets by name; their table is made by `ObjectStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def insert(self, project: str, given: dict[str, Any]) -> sqlite3.Row:
        """Create a bucket; raises 409 if it exists."""
        name = given.get("name") or ""
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith("goog"):
            raise invalid(f"Invalid bucket name: '{name}'")
        now = micros()
        settings = {"location": "US", "locationType": "multi-region", "storageClass": "STANDARD", **given}
        with self._state.transaction() as db:
            if db.execute("SELECT 1 FROM storage_buckets WHERE name = ?", (name,)).fetchone():
                message = "Your previous request to create the named bucket succeeded and you already own it."
                raise StorageError(409, "conflict", message)
            db.execute(
                "INSERT INTO storage_buckets (name, project, created, updated, metadata) VALUES (?, ?, ?, ?, ?)",
                (name, project, now, now, _settings(settings)),
            )
        return self.get(name)

    def ensure(self, project: str, given: dict[str, Any]) -> None:
        """Create a bucket unless it exists."""
        if not self._state.connection.execute(
            "SELECT 1 FROM storage_buckets WHERE name = ?", (given["name"],)
        ).fetchone():
            self.insert(project, given)

    def get(self, name: str, conditions: Preconditions | None = None, *, reading: bool = False) -> sqlite3.Row:
        """The row of a bucket; raises 404, or 412 or 304 where a condition does not hold."""
        query = "SELECT * FROM storage_buckets WHERE name = ?"
        row: sqlite3.Row | None = self._state.connection.execute(query, (name,)).fetchone()
        if row is None:
            raise no_bucket()
        if conditions:
            conditions.check_values(0, row["metageneration"], reading=reading)
        return row

    def list_after(self, project: str, *, prefix: str, after: str, limit: int) -> list[sqlite3.Row]:
        """Buckets of a project in the order of their names."""
        return self._state.connection.execute(
            "SELECT * FROM storage_buckets WHERE ? IN ('', project) AND substr(name, 1, ?) = ? AND name > ? "
            "ORDER BY name LIMIT ?",
            (project, len(prefix), prefix, after, limit),
        ).fetchall()

    def change(self, row: sqlite3.Row, given: dict[str, Any], *, patch: bool) -> sqlite3.Row:
        """Merge fields into a bucket (null deletes one), or replace all of them."""
        old = json.loads(row["metadata"])
        fixed = {key: old[key] for key in ("location", "locationType", "storageClass") if key in old}
        merged = {**(old if patch else fixed), **given}
        new = {key: value for key, value in merged.items() if value is not None}
        with self._state.transaction() as db:
            db.execute(
                "UPDATE storage_buckets SET metadata = ?, metageneration = metageneration + 1, updated = ? "
                "WHERE name = ?",
                (_settings(new), micros(), row["name"]),
            )
        return self.get(row["name"])

    def delete(self, row: sqlite3.Row) -> None:
        """Delete an empty bucket; raises 409 for another."""
        with self._state.transaction() as db:
            if db.execute("SELECT 1 FROM storage_objects WHERE bucket = ? LIMIT 1", (row["name"],)).fetchone():
                raise StorageError(409, "conflict", "The bucket you tried to delete is not empty.")
            db.execute("DELETE FROM storage_buckets WHERE name = ?", (row["name"],))


def _settings(given: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in given.items() if key not in _OUTPUT_ONLY})


def bucket_resource(row: sqlite3.Row, base: str) -> dict[str, Any]:
    """The JSON resource of a bucket."""
    return {
        "kind": "storage#bucket",
        "id": row["name"],
        "selfLink": f"{base}/storage/v1/b/{row['name']}",
        "projectNumber": "1",
        "name": row["name"],
        "timeCreated": timestamp(row["created"]),
        "updated": timestamp(row["updated"]),
        "metageneration": str(row["metageneration"]),
        "etag": base64.b64encode(str(row["metageneration"]).encode()).decode(),
        **json.loads(row["metadata"]),
    }

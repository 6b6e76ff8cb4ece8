"""An object as a row, and as the JSON resource that the API and the events show."""

import base64
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from local.storage.errors import StorageError, invalid

WRITABLE = (
    *("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "contentType", "customTime"),
    *("eventBasedHold", "metadata", "storageClass", "temporaryHold"),
)
"""The fields a caller may set."""
_MAX_NAME_BYTES = 1024
_MAX_CUSTOM_BYTES = 8 * 1024


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """A live object; times are microseconds of the epoch, `metadata` holds what the caller may set."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    blob: str
    size: int
    md5: str | None
    crc32c: str
    component_count: int | None
    created: int
    updated: int
    metadata: dict[str, Any]

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "StoredObject":
        """The object in a row of `storage_objects`."""
        fields = dict(row)
        return cls(**{**fields, "metadata": json.loads(fields["metadata"])})

    @property
    def etag(self) -> str:
        """Changes with the content and with the metadata."""
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()

    def resource(self, base: str) -> dict[str, Any]:
        """The object resource with 64-bit integers as strings; `base` is the address of the server."""
        path = f"b/{self.bucket}/o/{quote(self.name, safe='')}"
        resource: dict[str, Any] = {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base}/storage/v1/{path}",
            "mediaLink": f"{base}/download/storage/v1/{path}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "storageClass": "STANDARD",
            "size": str(self.size),
            "crc32c": self.crc32c,
            "etag": self.etag,
            "timeCreated": timestamp(self.created),
            "updated": timestamp(self.updated),
            "timeStorageClassUpdated": timestamp(self.created),
            **self.metadata,
        }
        if self.md5 is not None:
            resource["md5Hash"] = self.md5
        if self.component_count is not None:
            resource["componentCount"] = self.component_count
        return resource


def timestamp(micros: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(micros / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_name(name: str) -> str:
    """The name of a new object; raises 400 for what Google refuses."""
    if not name:
        raise StorageError(400, "required", "Required")
    if len(name.encode()) > _MAX_NAME_BYTES:
        raise invalid("The specified object name is too long: at most 1024 bytes of UTF-8 are allowed.")
    if name in {".", ".."} or "\r" in name or "\n" in name or name.startswith(".well-known/acme-challenge/"):
        raise invalid(f"Invalid object name: {name!r}")
    return name


def initial_metadata(given: dict[str, Any]) -> dict[str, Any]:
    """What a caller may set, out of the resource given for a new object."""
    return changed_metadata({}, given)


def changed_metadata(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The writable fields after a patch: null deletes a field, and a key of the custom `metadata`."""
    new = {**old, **{key: value for key, value in changes.items() if key in WRITABLE and key != "metadata"}}
    if "metadata" in changes:
        new["metadata"] = {**old.get("metadata", {}), **changes["metadata"]} if changes["metadata"] else None
    if new.get("metadata"):
        new["metadata"] = {str(key): str(value) for key, value in new["metadata"].items() if value is not None}
        if sum(len(key.encode()) + len(value.encode()) for key, value in new["metadata"].items()) > _MAX_CUSTOM_BYTES:
            raise invalid("The custom metadata is too large: at most 8 KiB of names and values are allowed.")
    if new.get("customTime"):
        new["customTime"] = _custom_time(new["customTime"])
    if old.get("customTime") and (new.get("customTime") or "") < old["customTime"]:
        raise invalid("The customTime field cannot be removed or set to an earlier time.")
    return {key: value for key, value in new.items() if value is not None and value != {}}


def _custom_time(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
        return timestamp(round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1e6))
    except (TypeError, ValueError) as error:
        raise invalid(f"Invalid value for customTime: {value!r}") from error

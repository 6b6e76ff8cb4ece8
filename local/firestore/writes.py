"""The writes of one commit: preconditions, masks and transforms, applied in order to what is stored."""

from collections.abc import Iterable

from google.protobuf.unknown_fields import UnknownFieldSet

from local.firestore.errors import already_exists, failed_precondition, invalid_argument, not_found
from local.firestore.fields import Fields, drop_field, get_field, parse_path, put_field
from local.firestore.messages import Document, Value, Write, WriteResult
from local.firestore.names import document_path
from local.firestore.store import Change, Store
from local.firestore.times import to_microseconds, to_timestamp
from local.firestore.transforms import transform_field
from local.firestore.validation import check_fields, check_size

_VERIFY_FIELD = 5


def operation_of(write: Write) -> tuple[str, str]:
    """What a write does and the name of the document it does it to.

    `verify` is missing from the published Python messages, so it arrives as an unknown field.
    """
    kind = write.WhichOneof("operation")
    if kind == "update":
        return kind, write.update.name
    if kind == "delete":
        return kind, write.delete
    if kind == "transform":
        return kind, write.transform.document
    for unknown in UnknownFieldSet(write):  # type: ignore[attr-defined] # the stub lacks it
        if unknown.field_number == _VERIFY_FIELD:
            return "verify", unknown.data.decode()
    raise invalid_argument("Write has no operation.")


def written_paths(database: str, writes: Iterable[Write]) -> list[str]:
    """The paths of the documents that writes are about, each once."""
    return list(dict.fromkeys(document_path(operation_of(write)[1], database) for write in writes))


class Overlay:
    """The state a commit leaves behind, before it is stored: reads through to the store, keeps what was written."""

    def __init__(self, store: Store, database: str, time_us: int) -> None:
        self._store = store
        self._database = database
        self._time_us = time_us
        self._documents: dict[str, tuple[Document | None, Document | None]] = {}

    def changes(self) -> list[Change]:
        """What differs from the store, one change per document."""
        return [
            Change(self._database, path, old, new, self._time_us)
            for path, (old, new) in self._documents.items()
            if old is not new
        ]

    def apply(self, write: Write) -> WriteResult:
        """Apply one write.

        Raises:
            RefusedError: as the precondition or the content demands.
        """
        kind, name = operation_of(write)
        path = document_path(name, self._database)
        old, current = self._documents.get(path) or self._load(path)
        self._check_precondition(write, kind, name, old, current)
        if kind == "verify":
            return WriteResult()
        if kind == "delete":
            self._documents[path] = (old, None)
            return WriteResult()
        document, result = self._edit(write, kind, name, current)
        self._documents[path] = (old, document)
        result.update_time.CopyFrom(document.update_time)
        return result

    def _load(self, path: str) -> tuple[Document | None, Document | None]:
        record = self._store.get(self._database, path)
        stored = None if record is None else record.document
        return stored, stored

    def _check_precondition(
        self, write: Write, kind: str, name: str, old: Document | None, current: Document | None
    ) -> None:
        condition = write.current_document.WhichOneof("condition_type")
        if condition == "exists":
            exists = write.current_document.exists
            if exists and current is None and old is not None:
                raise invalid_argument(f"Can't update a document that was deleted in the same commit: {name}")
            if exists and current is None:
                raise not_found(f"No document to update: {name}")
            if not exists and current is not None:
                raise already_exists(f"Document already exists: {name}")
        elif condition == "update_time":
            required = to_microseconds(write.current_document.update_time)
            if required > self._time_us:
                raise invalid_argument("The requested base version is in the future.")
            if current is None and kind == "delete":
                raise failed_precondition(f"the document does not exist: {name}")
            if current is None:
                raise not_found(f"No document to update: {name}")
            stored = to_microseconds(current.update_time)
            if stored != required:
                raise failed_precondition(
                    f"the stored version ({stored}) does not match the required base version ({required})"
                )

    def _edit(self, write: Write, kind: str, name: str, current: Document | None) -> tuple[Document, WriteResult]:
        document = Document(name=name)
        if kind == "update":
            check_fields(write.update.fields)
            if write.HasField("update_mask"):
                if current is not None:
                    document.CopyFrom(current)
                _merge(document, write)
            else:
                document.MergeFrom(write.update)
            transforms = write.update_transforms
        else:
            if current is not None:
                document.CopyFrom(current)
            transforms = write.transform.field_transforms
        result = WriteResult()
        for transform in transforms:
            result.transform_results.append(transform_field(document, transform, self._time_us))
        if current is not None and _same_fields(document.fields, current.fields):
            return current, result  # an identical write changes nothing, not even the update time
        if transforms or write.HasField("update_mask"):
            check_fields(document.fields)
        check_size(document)
        document.create_time.CopyFrom(to_timestamp(self._time_us) if current is None else current.create_time)
        document.update_time.CopyFrom(to_timestamp(self._time_us))
        return document, result


def _same_fields(left: Fields, right: Fields) -> bool:
    # Not ==, for which NaN differs from itself and -0.0 does not differ from 0.0.
    return len(left) == len(right) and all(
        name in right and _exact(value) == _exact(right[name]) for name, value in left.items()
    )


def _exact(value: Value) -> bytes:
    return value.SerializeToString(deterministic=True)


def _merge(document: Document, write: Write) -> None:
    for path in write.update_mask.field_paths:
        segments = parse_path(path)
        value = get_field(write.update.fields, segments)
        if value is None:
            drop_field(document.fields, segments)
        else:
            put_field(document.fields, segments, value)

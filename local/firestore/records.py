"""A stored document together with what was computed from it, and the cache that keeps both."""

from collections import OrderedDict

from local.firestore.fields import NAME, get_field, parse_path
from local.firestore.messages import Document
from local.firestore.times import to_microseconds
from local.firestore.values import encode, encode_name


class Record:
    """One version of a document. Nobody changes `document`: it is shared by all who read it."""

    __slots__ = ("_keys", "document", "path", "size")

    def __init__(self, path: str, document: Document, size: int) -> None:
        self.path = path
        self.document = document
        self.size = size
        self._keys: dict[str, bytes | None] = {}

    @property
    def updated_us(self) -> int:
        """When this version was written."""
        return to_microseconds(self.document.update_time)

    def key(self, field_path: str) -> bytes | None:
        """The order-preserving key of a field, or of the name; None where the document lacks the field."""
        try:
            return self._keys[field_path]
        except KeyError:
            key = self._keys[field_path] = self._encode(field_path)
            return key

    def element_keys(self, field_path: str) -> frozenset[bytes]:
        """The keys of an array's elements; empty for anything that is no array."""
        value = get_field(self.document.fields, parse_path(field_path))
        if value is None or value.WhichOneof("value_type") != "array_value":
            return frozenset()
        return frozenset(encode(element) for element in value.array_value.values)

    def _encode(self, field_path: str) -> bytes | None:
        if field_path == NAME:
            return encode_name(self.document.name)
        value = get_field(self.document.fields, parse_path(field_path))
        return None if value is None else encode(value)


class RecordCache:
    """The current versions read or written last, by database and path, up to a number of encoded bytes."""

    def __init__(self, capacity_bytes: int = 128 * 1024 * 1024) -> None:
        self._records: OrderedDict[tuple[str, str], Record] = OrderedDict()
        self._room = capacity_bytes

    def get(self, database: str, path: str) -> Record | None:
        """The current version, if it is here."""
        return self._records.get((database, path))

    def put(self, database: str, record: Record) -> None:
        """Remember a current version; the oldest entries make room."""
        self.drop(database, record.path)
        self._records[database, record.path] = record
        self._room -= record.size
        while self._room < 0:
            _, evicted = self._records.popitem(last=False)
            self._room += evicted.size

    def drop(self, database: str, path: str) -> None:
        """Forget a document that changed."""
        dropped = self._records.pop((database, path), None)
        if dropped is not None:
            self._room += dropped.size

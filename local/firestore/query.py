"""A structured query: what it asks for, in which order, and whether a document belongs to its result."""

from dataclasses import dataclass

from local.firestore.errors import invalid_argument
from local.firestore.fields import NAME, masked, parse_path
from local.firestore.filters import INEQUALITIES, check_negations, conditions_of, disjunctive_form, parse_filter
from local.firestore.messages import Document, StructuredQuery
from local.firestore.names import check_id, split_name
from local.firestore.records import Record
from local.firestore.store import Scope
from local.firestore.values import AFTER_ALL, encode, invert

_DESCENDING = 2


@dataclass(frozen=True)
class Order:
    """One sort field."""

    field: str
    descending: bool = False

    def component(self, key: bytes) -> bytes:
        """A value's part of the sort key."""
        return invert(key) if self.descending else key


class Query:
    """A validated query.

    Its result is sorted by `sort_key`, bytes in which the parts of all orders are concatenated, those of descending
    orders inverted. Cursors are bounds on these bytes.

    Raises:
        RefusedError: INVALID_ARGUMENT where Firestore refuses the query.
    """

    def __init__(self, parent: str, message: StructuredQuery) -> None:
        self.message = message
        self.database, self.under = split_name(parent)
        selectors = message.from_
        if len(selectors) > 1:
            raise invalid_argument("A query can have only one collection selector.")
        self.collection_id: str = selectors[0].collection_id if selectors else ""
        self.all_descendants: bool = selectors[0].all_descendants if selectors else True
        if self.collection_id:
            check_id(self.collection_id)
        self.filter = parse_filter(message.where)
        check_negations(self.filter)
        self.conjunctions = disjunctive_form(self.filter)
        self.orders = self._orders()
        if not self.collection_id and self.all_descendants:
            self._check_kindless()
        self.offset: int = message.offset
        self.limit: int | None = message.limit.value if message.HasField("limit") else None
        if self.offset < 0 or (self.limit is not None and self.limit < 0):
            raise invalid_argument("offset and limit must not be negative.")
        self._bound_by_cursors()

    def _orders(self) -> list[Order]:
        orders = [Order(order.field.field_path, order.direction == _DESCENDING) for order in self.message.order_by]
        for order in orders:
            parse_path(order.field)
        named = [order.field for order in orders]
        if len(set(named)) < len(named):
            raise invalid_argument("order by clause cannot contain duplicate fields")
        descending = orders[-1].descending if orders else False
        compared = {c.field for c in conditions_of(self.filter) if c.operator in INEQUALITIES}
        implied = sorted(compared - set(named) - {NAME}, key=parse_path)
        if NAME not in named:
            implied.append(NAME)
        return orders + [Order(field, descending) for field in implied]

    def _check_kindless(self) -> None:
        filtered = {condition.field for condition in conditions_of(self.filter)}
        if self.orders != [Order(NAME)] or filtered - {NAME}:
            raise invalid_argument("kind is required for all orders except __key__ ascending")

    def _bound_by_cursors(self) -> None:
        self.lower = b""
        self.upper = AFTER_ALL
        if self.message.HasField("start_at"):
            cursor = self.message.start_at
            self.lower = self._position(cursor) + (b"" if cursor.before else AFTER_ALL)
        if self.message.HasField("end_at"):
            cursor = self.message.end_at
            self.upper = self._position(cursor) + (b"" if cursor.before else AFTER_ALL)

    def _position(self, cursor: StructuredQuery) -> bytes:
        if len(cursor.values) > len(self.orders):
            raise invalid_argument("Cursor has too many values.")
        parts = []
        for order, value in zip(self.orders, cursor.values, strict=False):
            if order.field == NAME and value.WhichOneof("value_type") != "reference_value":
                raise invalid_argument("Cursor position for __name__ must be a reference.")
            parts.append(order.component(encode(value)))
        return b"".join(parts)

    @property
    def scope(self) -> Scope:
        """Where the documents of the result can be."""
        if self.all_descendants:
            return Scope(self.database, collection_id=self.collection_id or None, below=self.under)
        if self.collection_id:
            return Scope(self.database, collection=self._child_prefix() + self.collection_id)
        return Scope(self.database, below=self.under)

    def _child_prefix(self) -> str:
        return f"{self.under}/" if self.under else ""

    def covers(self, path: str) -> bool:
        """Whether a document of the database could be in the result, whatever it contains."""
        if not self.scope.contains(path):
            return False
        if self.all_descendants or self.collection_id:
            return True
        return path.removeprefix(self._child_prefix()).count("/") == 1  # directly below, in whatever collection

    def sort_key(self, record: Record) -> bytes | None:
        """The document's place in the result; None where it lacks a sort field."""
        parts = []
        for order in self.orders:
            key = record.key(order.field)
            if key is None:
                return None
            parts.append(order.component(key))
        return b"".join(parts)

    def admits(self, record: Record) -> bytes | None:
        """The sort key of a document that is in the result before offset and limit, None for all others."""
        if not self.covers(record.path) or not self.filter.matches(record):
            return None
        key = self.sort_key(record)
        return key if key is not None and self.lower <= key < self.upper else None

    @property
    def is_windowed(self) -> bool:
        """Whether a document's presence in the result depends on other documents."""
        return self.limit is not None or self.offset > 0 or self.message.HasField("find_nearest")

    def project(self, document: Document) -> Document:
        """The document with the selected fields only."""
        if not self.message.HasField("select"):
            return document
        return masked(document, (field.field_path for field in self.message.select.fields))

"""What every collection can do: read, list in pages, create, change in a transaction, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from common.core import tracing
from common.core.errors import ConflictError, NotFoundError, ProviderRefusedError
from common.core.ids import is_document_id
from common.core.logs import get_logger
from common.database import refusals
from common.database.clients import firestore_client
from common.database.firestore import is_stored, transactional
from common.database.sealing import protected
from common.database.snapshots import fields_of
from common.models.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from google.cloud.firestore import CollectionReference, DocumentReference, DocumentSnapshot, Query, Transaction

LIST_LIMIT = 500
"""Documents read at once, whatever is asked for."""
WRITE_LIMIT = 450
"""Writes in one batch; Firestore takes 500."""

D = TypeVar("D", bound=Document)

Beside = Mapping[str, Document]
"""Other documents, by their paths."""


class Documents(Generic[D]):
    """One collection whose documents are all `model`s with a field `id` that is the document's id.

    Args:
        path: the collection, in segments.
        model: what is stored.
        noun: what it is called in an answer to a client, capitalised.
        triggers: whether a write of a document triggers a function. Then it carries the trace of whoever wrote it
            last, beside the model's fields: an event about a document says nothing else of that.
    """

    def __init__(self, *path: str, model: type[D], noun: str, triggers: bool = False) -> None:
        self._path = path
        self._model = model
        self._noun = noun
        self._triggers = triggers

    @property
    def collection(self) -> CollectionReference:
        """Where queries begin."""
        return firestore_client().collection(*self._path)

    def reference(self, document_id: str) -> DocumentReference:
        """One document's place.

        Raises:
            NotFoundError: no document can have this id.
        """
        if not is_document_id(document_id):
            raise self.missing()
        return self.collection.document(document_id)

    def missing(self) -> NotFoundError:
        """What to raise where there is none."""
        return NotFoundError(f"{self._noun} not found")

    def find(self, document_id: str) -> D | None:
        """The document, or None."""
        return self._decode(self.reference(document_id).get()) if is_document_id(document_id) else None

    def get(self, document_id: str) -> D:
        """The document.

        Raises:
            NotFoundError: there is none.
        """
        found = self.find(document_id)
        if found is None:
            raise self.missing()
        return found

    def exists(self, document_id: str) -> bool:
        """Whether there is one, be it readable or not."""
        return is_document_id(document_id) and bool(self.reference(document_id).get([]).exists)

    def find_many(self, document_ids: Sequence[str]) -> list[D]:
        """Those of `document_ids` that exist, in that order, in one read."""
        references = [self.collection.document(each) for each in dict.fromkeys(document_ids) if is_document_id(each)]
        if not references:
            return []
        found = {snapshot.id: self._decode(snapshot) for snapshot in firestore_client().get_all(references)}
        documents = (found.get(document_id) for document_id in document_ids)
        return [document for document in documents if document is not None]

    def stream(self, query: Query) -> list[D]:
        """What a query finds, and can be read."""
        return self.decoded(query.stream())

    def decoded(self, snapshots: Iterable[DocumentSnapshot[Any]]) -> list[D]:
        """Those that exist and can be read: one that cannot must not hide the others."""
        documents = (self._decode(snapshot) for snapshot in snapshots)
        return [document for document in documents if document is not None]

    def count(self, query: Query | CollectionReference) -> int:
        """How many documents a query finds, without reading them."""
        aggregation: Any = query.count()
        [[result]] = aggregation.get()
        return int(result.value)

    def create(self, document: D) -> D:
        """Store a new one.

        Raises:
            ConflictError: there is one with this id.
        """
        place, fields = self._reference_of(document), self._stored(document)
        try:
            place.create(fields)
        except refusals.AlreadyExists as error:
            if not is_stored(place, fields):
                raise ConflictError(f"{self._noun} exists already") from error
        return document

    def create_many(self, documents: Sequence[D]) -> None:
        """Store new ones, all or none; WRITE_LIMIT at most.

        Raises:
            ConflictError: there is one with the id of one of them.
        """
        batch = firestore_client().batch()
        places = [(self._reference_of(document), self._stored(document)) for document in documents]
        for place, fields in places:
            batch.create(place, fields)
        try:
            batch.commit()
        except refusals.AlreadyExists as error:
            if not all(is_stored(place, fields) for place, fields in places):
                raise ConflictError(f"{self._noun} exists already") from error

    def put(self, *documents: D) -> None:
        """Store them, in place of what had their ids; atomically per WRITE_LIMIT."""
        client = firestore_client()
        for at in range(0, len(documents), WRITE_LIMIT):
            batch = client.batch()
            for document in documents[at : at + WRITE_LIMIT]:
                batch.set(self._reference_of(document), self._stored(document))
            batch.commit()

    def change(
        self, document_id: str, decide: Callable[[D], D | None], *, beside: Callable[[D, D], Beside] | None = None
    ) -> D:
        """Apply a pure decision to the current document, in one transaction.

        Args:
            document_id: which.
            decide: gets the document as it is now and returns it as it shall be, or None to leave it; may run more
                than once and must not have effects. What it raises is raised.
            beside: names what else is written with it, from the document as it was and as it will be.

        Returns:
            The document as it is afterwards.

        Raises:
            NotFoundError: there is none.
        """
        target = self.reference(document_id)

        @transactional
        def apply(transaction: Transaction) -> D | None:
            before = self._decode(target.get(transaction=transaction))
            after = decide(before) if before is not None else None
            if before is None or after is None:
                return before
            old = before.to_firestore()
            changed = {name: value for name, value in after.to_firestore().items() if value != old.get(name)}
            if changed:
                transaction.update(target, self.storable(changed, target))
                for place, document in (beside(before, after) if beside else {}).items():
                    stored = protected(document.to_firestore(), place, whole=True)
                    transaction.set(firestore_client().document(place), stored)
            return after

        changed: D | None = apply(firestore_client().transaction())
        if changed is None:
            raise self.missing()
        return changed

    def write_in(self, transaction: Transaction, document_id: str, document: D | None) -> None:
        """Have a transaction store a document in place of what has this id, or delete that where it is None."""
        target = self.reference(document_id)
        if document is not None:
            transaction.set(target, self.storable(document.to_firestore(), target, whole=True))
        else:
            transaction.delete(target)

    def storable(self, fields: Mapping[str, Any], place: DocumentReference, *, whole: bool = False) -> dict[str, Any]:
        """Fields as they may be stored, in `whole` or as a change: sealed where the user wants that, and traced."""
        carried = tracing.carried() if self._triggers else {}
        return protected(dict(fields), place.path, whole=whole) | carried

    def delete(self, document_id: str) -> None:
        """Delete one.

        Raises:
            NotFoundError: there is none.
        """
        try:
            self.reference(document_id).delete(option=firestore_client().write_option(exists=True))
        except refusals.NotFound as error:
            raise self.missing() from error

    def delete_many(self, document_ids: Iterable[str]) -> int:
        """Delete those that exist and those that do not; how many ids there were."""
        references = [self.collection.document(each) for each in document_ids if is_document_id(each)]
        client = firestore_client()
        for at in range(0, len(references), WRITE_LIMIT):
            batch = client.batch()
            for reference in references[at : at + WRITE_LIMIT]:
                batch.delete(reference)
            batch.commit()
        return len(references)

    def delete_found(self, query: Query | CollectionReference) -> list[str]:
        """Delete everything a query finds; the ids of what was deleted."""
        ids = [snapshot.id for snapshot in query.select([]).stream()]
        self.delete_many(ids)
        return ids

    def _stored(self, document: D) -> dict[str, Any]:
        return self.storable(document.to_firestore(), self._reference_of(document), whole=True)

    def _reference_of(self, document: D) -> DocumentReference:
        document_id: str = document.id  # type: ignore[attr-defined]  # every model in a collection has one
        return self.reference(document_id)

    def _decode(self, snapshot: DocumentSnapshot[Any]) -> D | None:
        """None where there is none, or one of another kind: collections have changed their meaning over the years."""
        if not snapshot.exists:
            return None
        try:
            return self._model.model_validate({"id": snapshot.id, **fields_of(snapshot)})
        except ValidationError as error:
            get_logger().error("document_unreadable", kind=self._noun, problems=error.error_count())
            return None
        except ProviderRefusedError:
            get_logger().error("document_sealed", kind=self._noun)
            return None

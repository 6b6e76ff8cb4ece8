"""Listing documents and collections page by page."""

from local.firestore.errors import invalid_argument
from local.firestore.fields import masked
from local.firestore.messages import (
    Document,
    ListCollectionIdsRequest,
    ListCollectionIdsResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
)
from local.firestore.names import split_name
from local.firestore.records import Record
from local.firestore.store import Scope, Store
from local.firestore.values import encode_name

_DEFAULT_PAGE = 300


def list_documents(store: Store, request: ListDocumentsRequest, at_us: int | None) -> ListDocumentsResponse:
    """The documents of a collection in order of their names; on request also those that only have descendants.

    Raises:
        RefusedError: INVALID_ARGUMENT for a negative page size or where `show_missing` is combined with an order.
    """
    if request.page_size < 0:
        raise invalid_argument("page_size must not be negative.")
    database, parent = split_name(request.parent)
    collection = f"{parent}/{request.collection_id}" if parent else request.collection_id
    records: dict[str, Record | None] = {
        record.path: record for record in store.scan(Scope(database, collection=collection), at_us)
    }
    if request.show_missing:
        depth = collection.count("/") + 2
        for path in store.paths(Scope(database, below=collection), at_us):
            records.setdefault("/".join(path.split("/")[:depth]), None)
    places = sorted((encode_name(path), path) for path in records)
    if request.page_token:
        last = encode_name(request.page_token)
        places = [place for place in places if place[0] > last]
    size = request.page_size or _DEFAULT_PAGE
    response = ListDocumentsResponse()
    for _, path in places[:size]:
        record = records[path]
        if record is None:
            response.documents.append(Document(name=f"{database}/documents/{path}"))
        elif request.HasField("mask"):
            response.documents.append(masked(record.document, request.mask.field_paths))
        else:
            response.documents.append(record.document)
    if len(places) > size:
        response.next_page_token = places[size - 1][1]
    return response


def list_collection_ids(
    store: Store, request: ListCollectionIdsRequest, at_us: int | None
) -> ListCollectionIdsResponse:
    """The ids of the collections directly below a document or the root, sorted."""
    database, parent = split_name(request.parent)
    depth = parent.count("/") + 1 if parent else 0
    ids = sorted({path.split("/")[depth] for path in store.paths(Scope(database, below=parent), at_us)}, key=str.encode)
    if request.page_token:
        ids = [collection_id for collection_id in ids if collection_id.encode() > request.page_token.encode()]
    size = request.page_size or _DEFAULT_PAGE
    response = ListCollectionIdsResponse(collection_ids=ids[:size])
    if len(ids) > size:
        response.next_page_token = ids[size - 1]
    return response

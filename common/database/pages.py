"""Pages by offset on the wire, by cursor inside: whoever reads on is served from where the last page ended.

Firestore reads, and bills, every document that an offset skips. So the end of each page is noted in Redis for a
while; the request for the page after it starts there, and misses and repeats nothing when documents came or went in
between. Without the note the offset does the same, only slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.ids import digest
from common.database import cache

if TYPE_CHECKING:
    from google.cloud.firestore import CollectionReference, DocumentSnapshot, Query

_KEPT_S = 300


def read_page(
    query: Query, *, within: CollectionReference, limit: int, offset: int, of: str, peek: bool = False
) -> list[DocumentSnapshot[Any]]:
    """One page of an ordered query.

    Args:
        query: with its order.
        within: the collection it is about.
        limit: documents at most.
        offset: documents before the page.
        of: names the query and the user it is for, whatever the page; two different queries never share it.
        peek: read one document more, to see whether there is one.

    Returns:
        The snapshots of the page, in the query's order; with `peek` also the one after it.
    """
    last_id = cache.get(_key(of, offset)) if offset else None
    last = within.document(last_id).get() if last_id else None
    rest = query.start_after(last) if last is not None and last.exists else query.offset(offset)
    page = list(rest.limit(limit + peek).stream())
    if len(page) >= limit:
        cache.put(_key(of, offset + limit), page[limit - 1].id, seconds=_KEPT_S)
    return page


def _key(of: str, offset: int) -> str:
    return f"page:{digest(of)}:{offset}"

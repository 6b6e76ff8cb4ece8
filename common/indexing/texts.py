"""Documents that are found by one text: a memory by its content, an action item by its description."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from common.core.errors import UnreadableError
from common.core.ids import digest
from common.database import vectors
from common.database.documents import Documents
from common.database.index_leases import NOTHING
from common.database.vectors import Match, Namespace
from common.indexing.asking import Asking, ask
from common.indexing.follow import follow
from common.indexing.lexical import weigh
from common.indexing.terms import guess_language, terms_of
from common.llm.providers import embedder
from common.models.base import Document

_FORM = "3"
"""Of what is written: another one makes every document be written again when it changes next, or by `reindex`."""

D = TypeVar("D", bound=Document)


def follow_text(
    document_id: str,
    *,
    uid: str,
    store: Documents[D],
    namespace: Namespace,
    text: Callable[[D], str | None],
    created_at: Callable[[D], datetime],
) -> None:
    """Bring the one vector of a document up to date.

    Args:
        document_id: which.
        uid: the owner.
        store: where the document is.
        namespace: where its vector is.
        text: what it is found by; None when it shall not be found.
        created_at: when it was made.

    Raises:
        LeaseHeldError: another worker is at it; come again.
        UnreadableError: it is there and cannot be read, which is no reason to forget it.
    """

    def load() -> D | None:
        document = store.find(document_id)
        if document is None and store.exists(document_id):
            raise UnreadableError("It is there, and cannot be read by the keys and the version that are known here")
        return document

    def revision(document: D | None) -> str:
        words = text(document) if document is not None else None
        return NOTHING if words is None else digest(_FORM, embedder().name, words)

    def write(document: D) -> None:
        words = text(document) or ""
        [values] = embedder().embed([words], purpose="document")
        vectors.put(
            values,
            uid=uid,
            namespace=namespace,
            document_id=document_id,
            created_at=created_at(document),
            terms=weigh([(terms_of(words, language=guess_language(words)), 1.0)]),
        )

    follow(
        uid=uid,
        subject=subject_of(namespace, document_id),
        load=load,
        revision=revision,
        write=write,
        remove=lambda: vectors.delete(uid=uid, namespace=namespace, document_id=document_id),
    )


def subject_of(namespace: Namespace, document_id: str) -> str:
    """What the lease on a document's vector is called."""
    return f"{namespace.value}:{document_id}"


def find_nearest(query: str, *, uid: str, namespace: Namespace) -> list[Match]:
    """The documents that have most to do with `query` as far as the index knows, best first.

    Raises:
        ProviderError: the query could not be embedded.
    """
    [found] = ask(query, [Asking(namespace, {})], uid=uid)
    return found

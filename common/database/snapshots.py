"""What stands in a document that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.database import sealing

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentSnapshot


def fields_of(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    """The fields of a document, none where there is no document, and none of them sealed; not to be changed.

    The library's `to_dict` copies them deeply, in case somebody else holds the snapshot. Nobody does, and the copying
    took longer than reading a list did (`python -m bench.api`).

    Raises:
        ProviderError: the key to what is sealed cannot be had now.
        ProviderRefusedError: what is sealed cannot be read, now or later.
    """
    fields: dict[str, Any] | None = snapshot._data  # noqa: SLF001 - there is no public way to what it holds
    if not fields or not sealing.holds_sealed(fields):
        return fields or {}
    return sealing.opened(fields, snapshot.reference.path)

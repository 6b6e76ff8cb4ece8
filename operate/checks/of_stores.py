"""Every store, asked whether it is there and is what the settings take it for."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import dead_letters, probes
from common.database.clients import (
    open_for_searching,
    pinecone_index,
    pinecone_sparse_index,
    publisher_client,
    storage_client,
    tasks_client,
)
from local.manifest import ROOT, load
from operate.checks import mending
from operate.checks.finding import Finding, fine, note, wrong
from operate.place import is_local

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPIRING = {"audio", "uploads"}
"""Buckets whose contents are to be gone after a time."""


def open_clients() -> None:
    """Build what several checks use: two threads that each build one would leave one open."""
    for build in (open_for_searching, publisher_client, storage_client, tasks_client):
        with suppress(Exception):  # the check of what it is for fails of the same, and says so
            build()


def checks() -> dict[str, Callable[[], Finding]]:
    """One per store, by what is said of it if it does not answer; they may be asked side by side."""
    manifest, known = load(), settings()
    found: dict[str, Callable[[], Finding]] = {"Firestore": _firestore, "Firestore's indexes": _indexes}
    for bucket in manifest.buckets:
        found[f"bucket {bucket}"] = partial(_bucket, bucket, getattr(known, f"{bucket}_bucket"))
    for topic in manifest.topics:
        found[f"topic {topic}"] = partial(_there, f"topic {topic}", partial(probes.topic, topic))
    found["dead letters"] = partial(_there, "dead letters", probes.dead_letters)
    for queue in (known.tasks_queue, known.transcription_queue, known.evenings_queue, known.webhooks_queue):
        found[f"queue {queue}"] = partial(_there, f"queue {queue}", partial(probes.queue, queue))
    found["Pinecone, dense"] = _dense
    found["Pinecone, sparse"] = _sparse
    found["Redis"] = _redis
    if known.kms_key or known.data_key_secret:
        found["sealing"] = _sealing
    return found


def mend(what: str) -> str:
    """What helps where something does not answer at all."""
    if what.startswith("Pinecone"):
        return mending.vector_index(what.rpartition(" ")[2])
    if what == "dead letters" and is_local():
        return f"start the local cloud anew: it makes the subscription `{dead_letters.SUBSCRIPTION}`"
    return mending.platform()


def _there(what: str, ask: Callable[[], None]) -> Finding:
    ask()
    return fine(what)


def _firestore() -> Finding:
    probes.firestore()
    return fine("Firestore", settings().google_cloud_project)


def _indexes() -> Finding:
    wanted = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))
    missing = probes.missing_indexes(wanted)
    if missing:
        return wrong("Firestore's indexes", f"missing or still being built: {'; '.join(missing)}", mending.platform())
    return fine("Firestore's indexes", f"{len(wanted['indexes'])} of several fields")


def _bucket(name: str, full_name: str) -> Finding:
    rules = probes.bucket(full_name)
    what = f"bucket {name}"
    if name not in _EXPIRING or rules:
        return fine(what, full_name)
    if is_local():
        return fine(what, f"{full_name}; here nothing is deleted by its age")
    return wrong(what, f"{full_name}: nothing is deleted by its age", mending.platform())


def _unset() -> list[str]:
    """What is not set of what leads to Pinecone; here its key is anything."""
    known = settings()
    keyed = is_local() or known.pinecone_api_key
    return [name for name, value in (("PINECONE_HOST", known.pinecone_host), ("PINECONE_API_KEY", keyed)) if not value]


def _dense() -> Finding:
    if unset := _unset():
        return _unled("dense", unset)
    return _vectors("dense", pinecone_index(), "cosine", dimension=settings().embedding_dimension)


def _sparse() -> Finding:
    if settings().pinecone_sparse_host and (unset := _unset()):
        return _unled("sparse", unset)
    index = pinecone_sparse_index()
    if index is None:
        return note("Pinecone, sparse", "PINECONE_SPARSE_HOST is not set: what is found is found by its meaning alone")
    return _vectors("sparse", index, "dotproduct", dimension=None)


def _unled(kind: str, unset: list[str]) -> Finding:
    return wrong(f"Pinecone, {kind}", f"{' and '.join(unset)}: not set in this shell", mending.shell())


def _vectors(kind: str, index: Any, metric: str, *, dimension: int | None) -> Finding:
    found_kind, found_metric, found_dimension = probes.vectors(index)
    found = f"{found_kind}, {found_metric}, {found_dimension or 'any'} numbers"
    fits = found_kind == kind and found_metric == metric and (dimension is None or found_dimension == dimension)
    if fits:
        return fine(f"Pinecone, {kind}", found)
    wanted = f"{kind}, {metric}, {dimension or 'any'} numbers"
    return wrong(f"Pinecone, {kind}", f"is {found}; wanted: {wanted}", mending.vector_index(kind))


def _redis() -> Finding:
    if not settings().redis_url:
        return note(
            "Redis",
            "none: slower, limits per minute and rationing by each instance for itself",
            "redis_gb = 1 in terraform/my.tfvars",
        )
    try:
        probes.redis()
    except ProviderError as error:
        if is_local():
            raise
        return note("Redis", f"{error}: it is in the functions' own network, which may not be yours")
    return fine("Redis")


def _sealing() -> Finding:
    return fine("sealing", f"users' keys are wrapped by {probes.data_keys()}")

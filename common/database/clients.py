"""The clients of Google, Pinecone and Redis: built on first use, one per process.

Each library is imported where its client is built, so that a function pays at cold start only for what it uses.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from common.core.settings import settings
from common.core.tls import trusted_here

if TYPE_CHECKING:
    from google.cloud import firestore, tasks_v2
    from google.cloud.pubsub_v1 import PublisherClient
    from google.cloud.storage import Client as StorageClient
    from redis import Redis

_STORAGE_CONNECTIONS = 64
"""As many as threads may call it at once."""
_PINECONE_TIMEOUT_S = 10.0
"""Of whatever says nothing of its own."""


@cache
def firestore_client() -> firestore.Client:
    """Firestore; `FIRESTORE_EMULATOR_HOST` leads elsewhere than Google.

    Its channel is gRPC's usual one. Where the thread that asks also reads (`SingleThreadedUnaryStream`) lists take less
    work, but a stream that is not read to its end is kept for ever, and no `get` of a document reads to the end.
    """
    from google.cloud import firestore

    return firestore.Client(project=settings().google_cloud_project)


@cache
def storage_client() -> StorageClient:
    """Cloud Storage; `STORAGE_EMULATOR_HOST` leads elsewhere than Google."""
    from google.cloud.storage import Client as StorageClient
    from requests.adapters import HTTPAdapter

    # Else a thread of the library's asks for every bucket once more, in case somebody wants its region in a trace.
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    client = StorageClient(project=settings().google_cloud_project)
    # The library keeps ten connections and says goodbye to the others; it has no public way to keep more.
    for scheme in ("https://", "http://"):
        client._http.mount(scheme, HTTPAdapter(pool_maxsize=_STORAGE_CONNECTIONS))  # noqa: SLF001
    return client


@cache
def publisher_client() -> PublisherClient:
    """Pub/Sub's publisher; `PUBSUB_EMULATOR_HOST` leads elsewhere than Google."""
    from google.cloud.pubsub_v1 import PublisherClient

    return PublisherClient()


@cache
def tasks_client() -> tasks_v2.CloudTasksClient:
    """Cloud Tasks; the setting `tasks_endpoint` leads elsewhere than Google."""
    from google.cloud import tasks_v2

    endpoint = settings().tasks_endpoint
    if not endpoint:
        return tasks_v2.CloudTasksClient()
    import grpc
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

    return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(endpoint)))


@cache
def pinecone_index() -> Any:
    """The dense vector index, by its host: no control-plane call."""
    return _pinecone(settings().pinecone_host)


@cache
def pinecone_sparse_index() -> Any:
    """The index of weighted terms; None where there is none."""
    host = settings().pinecone_sparse_host
    return _pinecone(host) if host else None


def open_for_searching() -> None:
    """Build what a search asks several of at once: two threads that each build one would leave one open for ever."""
    firestore_client()
    pinecone_index()
    pinecone_sparse_index()


def _pinecone(host: str) -> Any:
    from pinecone import Index, RetryConfig

    key = settings().pinecone_api_key
    # What it hands on to httpx as it is may be a context too: else each index reads all certificates for itself.
    context: Any = trusted_here()
    index: Any = Index(
        host=host,
        api_key=key.get_secret_value() if key else "local",
        timeout=_PINECONE_TIMEOUT_S,
        ssl_verify=context,
    )
    # What is tried again, and for how long, is decided by who asks (vector_calls); of an index the library has no
    # public way to say so.
    index._http._client._transport._config = RetryConfig(max_retries=0)  # noqa: SLF001
    return index


@cache
def redis_client() -> Redis | None:
    """The cache, or None where none is configured."""
    if not settings().redis_url:
        return None
    from redis import Redis

    return Redis.from_url(settings().redis_url, decode_responses=True, socket_timeout=1.0, socket_connect_timeout=1.0)

"""A look inside a running cloud, through Google's and Pinecone's own clients."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import DeadlineExceeded
from google.cloud import firestore
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.storage import Client as StorageClient
from pinecone import Pinecone

from local.environment import BUCKETS, PROJECT
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIVE = ("in_progress", "processing")


class Inside:
    """Documents, objects, messages and vectors of the cloud that these variables lead to."""

    def __init__(self, variables: dict[str, str]) -> None:
        with _environment(variables):
            self.firestore = firestore.Client(project=PROJECT)
            self.storage = StorageClient(project=PROJECT)
            self.publisher = PublisherClient()
            self.subscriber = SubscriberClient()
        self.vectors = Pinecone(api_key="local").Index(host=variables["PINECONE_HOST"])

    def close(self) -> None:
        """Close every connection."""
        self.firestore.close()  # type: ignore[no-untyped-call]  # the library's
        self.storage.close()
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()
        self.vectors.close()

    def conversations(self, uid: str) -> dict[str, dict[str, Any]]:
        """Every conversation of a user, as stored."""
        found = self.firestore.collection("users", uid, "conversations").stream()
        return {snapshot.id: snapshot.to_dict() or {} for snapshot in found}

    def conversation(self, uid: str, conversation_id: str) -> dict[str, Any] | None:
        """One conversation as stored."""
        snapshot = self.firestore.document("users", uid, "conversations", conversation_id).get()
        return snapshot.to_dict() if snapshot.exists else None

    def unfinished(self) -> list[str]:
        """Conversations of anybody that are in progress or processing."""
        found = self.firestore.collection_group("conversations").stream()
        return [snapshot.id for snapshot in found if (snapshot.to_dict() or {}).get("status") in _ALIVE]

    def vector_ids(self, namespace: str, prefix: str) -> list[str]:
        """Ids of the vectors that begin with `prefix`."""
        pages = self.vectors.list(prefix=prefix, namespace=namespace)
        items: list[Any] = [item for page in pages for item in getattr(page, "vectors", page)]
        return sorted(str(getattr(item, "id", item)) for item in items)

    def stored_seconds(self, uid: str, conversation_id: str) -> float:
        """Seconds of audio in the bucket."""
        blobs = self.storage.list_blobs(BUCKETS["audio"], prefix=f"{uid}/{conversation_id}/")
        bounds = [blob.name.rsplit("/", 1)[1].split("-") for blob in blobs if not blob.name.endswith("/~traces")]
        return sum(int(end) - int(start) for start, end in bounds) / 1000

    def upload(self, uid: str, name: str, data: bytes) -> None:
        """Put a recording into the uploads bucket."""
        self.storage.bucket(BUCKETS["uploads"]).blob(f"{uid}/{name}").upload_from_string(data)

    def listen_to(self, topic: str) -> Topic:
        """Collect what is published from now on."""
        return Topic(self, topic)


class Topic:
    """What was published on a topic since this was made."""

    def __init__(self, inside: Inside, topic: str) -> None:
        self._subscriber = inside.subscriber
        self._path = f"projects/{PROJECT}/subscriptions/test-{topic}"
        self.messages: list[dict[str, Any]] = []
        self.event_ids: Counter[str] = Counter()
        self._subscriber.create_subscription(
            request={"name": self._path, "topic": f"projects/{PROJECT}/topics/{topic}", "ack_deadline_seconds": 60}
        )

    def pull(self) -> Topic:
        """Take over what has come."""
        while True:
            try:
                answer = self._subscriber.pull(
                    request={"subscription": self._path, "max_messages": 100}, timeout=1.0, retry=None
                )
            except DeadlineExceeded:
                return self
            if not answer.received_messages:
                return self
            for received in answer.received_messages:
                self.messages.append(json.loads(received.message.data))
                self.event_ids[received.message.attributes["event_id"]] += 1
            acks = [received.ack_id for received in answer.received_messages]
            self._subscriber.acknowledge(request={"subscription": self._path, "ack_ids": acks})

    def await_one(self, event_id: str, *, within_s: float) -> None:
        """Wait until an event was published."""
        eventually(lambda: event_id in self.pull().event_ids, within_s=within_s, what=event_id)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

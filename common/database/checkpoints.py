"""LangGraph's checkpoints of one user, in Firestore; `chat_threads` says where. Imported only where a graph is run.

States are stored whole, without LangGraph's beta of delta channels, which none of our graphs has.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
    writes_sort_key,
)

from common.core.ids import digest
from common.database import chat_threads, refusals
from common.database.chat_threads import CHECKPOINTS, PIECES, WRITES, data_of, delete_part, put_part
from common.database.firestore import DESCENDING, field_filter
from common.database.sealing import protected
from common.database.snapshots import fields_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from google.cloud.firestore import CollectionReference, DocumentReference, DocumentSnapshot, Query
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, PendingWrite

    PendingWrites = list[PendingWrite]

_END = "~"
"""Sorts behind every id of a checkpoint."""


class FirestoreSaver(BaseCheckpointSaver[int]):
    """Checkpoints of one user; nobody else's can be reached through it."""

    def __init__(self, *, uid: str) -> None:
        super().__init__()
        self._uid = uid

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint named, or the latest of its thread and namespace."""
        thread_id, namespace = _thread(config), _namespace(config)
        checkpoints = self._collection(thread_id, CHECKPOINTS)
        if checkpoint_id := get_checkpoint_id(config):
            snapshot = checkpoints.document(_key(namespace, checkpoint_id)).get()
            return self._tuple(thread_id, snapshot) if snapshot.exists else None
        found = [self._tuple(thread_id, each) for each in _newest_first(checkpoints, namespace).limit(1).stream()]
        return found[0] if found else None

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the base class's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Checkpoints, the newest of each namespace first."""
        earlier_than = get_checkpoint_id(before) if before else None
        wanted = get_checkpoint_id(config) if config else None
        left = limit
        for thread_id, snapshot in self._snapshots(config):
            checkpoint_id = fields_of(snapshot)["checkpoint_id"]
            if (wanted and checkpoint_id != wanted) or (earlier_than and checkpoint_id >= earlier_than):
                continue
            if left is not None and left <= 0:
                return
            found = self._tuple(thread_id, snapshot)
            if found is None or not _fits(found.metadata, filter):
                continue
            left = None if left is None else left - 1
            yield found

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002 - states are stored whole
    ) -> RunnableConfig:
        """Store a checkpoint."""
        thread_id, namespace, checkpoint_id = _thread(config), _namespace(config), checkpoint["id"]
        described = get_checkpoint_metadata(config, metadata)
        kind, data = self.serde.dumps_typed(checkpoint)
        metadata_kind, metadata_data = self.serde.dumps_typed(described)
        key = _key(namespace, checkpoint_id)
        fields = {
            "key": key,
            "namespace": namespace,
            "checkpoint_id": checkpoint_id,
            "parent_id": get_checkpoint_id(config),
            "run_id": str(described.get("run_id") or ""),
            "type": kind,
            "metadata_type": metadata_kind,
            "metadata": metadata_data,
        }
        put_part(self._collection(thread_id, CHECKPOINTS).document(key), fields, data)
        return _config(thread_id, namespace, checkpoint_id)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store what a task wrote; what it wrote before stays, but for failures and interrupts.

        Each says how many there are: of a task that was cut short between two of them nothing counts.
        """
        checkpoint = _key(_namespace(config), str(get_checkpoint_id(config)))
        places = self._collection(_thread(config), WRITES)
        indexes = [WRITES_IDX_MAP.get(channel, position) for position, (channel, _) in enumerate(writes)]
        together = sum(index >= 0 for index in indexes)
        for index, (channel, value) in zip(indexes, writes, strict=True):
            kind, data = self.serde.dumps_typed(value)
            fields = {
                "checkpoint": checkpoint,
                "task_id": task_id,
                "task_path": task_path,
                "index": index,
                "channel": channel,
                "type": kind,
                "together": together,
            }
            try:
                put_part(places.document(digest(checkpoint, task_id, str(index))), fields, data, create=index >= 0)
            except refusals.AlreadyExists:
                continue

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread."""
        chat_threads.delete(thread_id, uid=self._uid)

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Forget what certain runs stored."""
        for thread in chat_threads.threads(uid=self._uid).list_documents():
            for run_id in run_ids:
                of_run = thread.collection(CHECKPOINTS).where(filter=field_filter("run_id", "==", str(run_id)))
                for found in of_run.select([]).stream():
                    self._delete(found.reference)

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy everything of a thread into another one; pieces first, for what is there is whole."""
        source, target = (chat_threads.reference(each, uid=self._uid) for each in (source_thread_id, target_thread_id))
        if (mark := source.get()).exists:
            target.set(fields_of(mark))
        for name in (PIECES, WRITES, CHECKPOINTS):
            for found in source.collection(name).stream():
                place = target.collection(name).document(found.id)
                place.set(protected(fields_of(found), place.path, whole=True))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Forget all but the latest checkpoint of each namespace, or, with `delete`, those too."""
        for thread_id in thread_ids:
            if strategy == "delete":
                self.delete_thread(thread_id)
                continue
            seen: set[str] = set()
            for found in self._collection(thread_id, CHECKPOINTS).order_by("key", direction=DESCENDING).stream():
                namespace = fields_of(found)["namespace"]
                if namespace in seen:
                    self._delete(found.reference)
                seen.add(namespace)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As `get_tuple`."""
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - the base class's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """As `list`."""
        found = await asyncio.to_thread(lambda: [*self.list(config, filter=filter, before=before, limit=limit)])
        for each in found:
            yield each

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As `put`."""
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As `put_writes`."""
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """As `delete_thread`."""
        await asyncio.to_thread(self.delete_thread, thread_id)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """As `delete_for_runs`."""
        await asyncio.to_thread(self.delete_for_runs, run_ids)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """As `copy_thread`."""
        await asyncio.to_thread(self.copy_thread, source_thread_id, target_thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """As `prune`."""
        await asyncio.to_thread(lambda: self.prune(thread_ids, strategy=strategy))

    def _collection(self, thread_id: str, name: str) -> CollectionReference:
        found: CollectionReference = chat_threads.reference(thread_id, uid=self._uid).collection(name)
        return found

    def _snapshots(self, config: RunnableConfig | None) -> Iterator[tuple[str, DocumentSnapshot[Any]]]:
        """The checkpoints asked about, newest first within their namespaces."""
        if config is None:
            thread_ids = [each.id for each in chat_threads.threads(uid=self._uid).list_documents()]
        else:
            thread_ids = [_thread(config)]
        for thread_id in thread_ids:
            checkpoints = self._collection(thread_id, CHECKPOINTS)
            one = config is not None and "checkpoint_ns" in config["configurable"]
            query = (
                _newest_first(checkpoints, _namespace(config))
                if one and config is not None
                else checkpoints.order_by("key", direction=DESCENDING)
            )
            for snapshot in query.stream():
                yield thread_id, snapshot

    def _tuple(self, thread_id: str, snapshot: DocumentSnapshot[Any]) -> CheckpointTuple | None:
        fields = fields_of(snapshot)
        data = data_of(snapshot.reference, fields)
        if data is None:
            return None
        parent = fields["parent_id"]
        return CheckpointTuple(
            config=_config(thread_id, fields["namespace"], fields["checkpoint_id"]),
            checkpoint=self.serde.loads_typed((fields["type"], data)),
            metadata=self.serde.loads_typed((fields["metadata_type"], fields["metadata"])),
            parent_config=_config(thread_id, fields["namespace"], parent) if parent else None,
            pending_writes=self._writes(thread_id, fields["key"]),
        )

    def _writes(self, thread_id: str, checkpoint: str) -> PendingWrites:
        query = self._collection(thread_id, WRITES).where(filter=field_filter("checkpoint", "==", checkpoint))
        found = [(each.reference, fields_of(each)) for each in query.stream()]
        found.sort(key=lambda each: writes_sort_key(each[1]["task_path"], each[1]["task_id"], each[1]["index"]))
        count = Counter(fields["task_id"] for _, fields in found if fields["index"] >= 0)
        return [
            (fields["task_id"], fields["channel"], self.serde.loads_typed((fields["type"], data)))
            for place, fields in found
            if (fields["index"] < 0 or count[fields["task_id"]] >= fields.get("together", 0))
            and (data := data_of(place, fields)) is not None
        ]

    def _delete(self, checkpoint: DocumentReference) -> None:
        delete_part(checkpoint)
        writes = checkpoint.parent.parent.collection(WRITES)
        for found in writes.where(filter=field_filter("checkpoint", "==", checkpoint.id)).select([]).stream():
            delete_part(found.reference)


def _newest_first(checkpoints: CollectionReference, namespace: str) -> Query:
    begins = field_filter("key", ">=", _key(namespace, "")), field_filter("key", "<", _key(namespace, _END))
    return checkpoints.where(filter=begins[0]).where(filter=begins[1]).order_by("key", direction=DESCENDING)


def _key(namespace: str, checkpoint_id: str) -> str:
    """Sorts by namespace, then by age; a namespace may be any text, a document's id may not."""
    return f"{digest(namespace)[:16]}.{checkpoint_id}"


def _fits(metadata: CheckpointMetadata, wanted: dict[str, Any] | None) -> bool:
    return all(metadata.get(name) == value for name, value in (wanted or {}).items())


def _thread(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])


def _namespace(config: RunnableConfig) -> str:
    return str(config["configurable"].get("checkpoint_ns") or "")


def _config(thread_id: str, namespace: str, checkpoint_id: str) -> RunnableConfig:
    names = {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": checkpoint_id}
    return {"configurable": names}

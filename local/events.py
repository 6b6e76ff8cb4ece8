"""Eventarc: every change becomes the CloudEvent that production would deliver, to every function that asked for it.

The events are put into a DeliveryQueue inside the transaction that made the change: no change without its event. One
that is too large for Eventarc is lost, as it is there: documents that are followed have to be kept small.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.events.cloud.firestore import DocumentEventData

from common.core import ids
from common.core.logs import get_logger
from local.delivery import DeliveryQueue
from local.firestore.store import Change
from local.manifest import Manifest
from local.operations import Operations
from local.pubsub.publisher import LEAST_BILLED
from local.pubsub.push import wrapped_body

_DATA_SCHEMA = (
    "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
)
LARGEST_EVENT = 512 * 1024
"""Bytes: https://cloud.google.com/eventarc/docs/quotas."""
_PLAIN_FIELD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


class EventRouter:
    """Matches changes with the manifest's triggers.

    Args:
        manifest: who wants what.
        queue: where deliveries go; their target is the function's name.
        region: where all of this pretends to be.
        bucket_names: the full name of each bucket of the manifest.
        operations: where bytes are counted: events travel through Pub/Sub and are billed as its messages, once in
            and once out.
    """

    def __init__(
        self,
        manifest: Manifest,
        queue: DeliveryQueue,
        *,
        region: str,
        bucket_names: dict[str, str],
        operations: Operations | None = None,
    ) -> None:
        self._operations = operations or Operations()
        self._queue = queue
        self._region = region
        self._on_document = [
            (name, function.trigger.firestore.event, path_pattern(function.trigger.firestore.document))
            for name, function in manifest.functions.items()
            if function.trigger.firestore
        ]
        self._on_object = {
            bucket_names[function.trigger.storage.bucket]: name
            for name, function in manifest.functions.items()
            if function.trigger.storage
        }
        self._on_message = [
            (name, function.trigger.pubsub.topic)
            for name, function in manifest.functions.items()
            if function.trigger.pubsub
        ]

    def documents_changed(self, changes: Sequence[Change]) -> None:
        """Firestore's commit hook; called inside the commit's transaction."""
        for change in changes:
            kind = "created" if change.old is None else "deleted" if change.new is None else "updated"
            for name, wanted, pattern in self._on_document:
                if wanted in {kind, "written"} and pattern.fullmatch(change.path):
                    headers, body = document_event(change, event=wanted, region=self._region)
                    self._send(name, headers, body, billed=2)

    def object_finalized(self, resource: dict[str, Any]) -> None:
        """Cloud Storage's hook; called inside the transaction that makes the object live."""
        name = self._on_object.get(resource["bucket"])
        if name is not None:
            headers, body = object_event(resource)
            self._send(name, headers, body, billed=2)

    def message_published(self, topic: str, message: Any) -> None:
        """Pub/Sub's hook; called inside the transaction that stores the message."""
        for name, wanted in self._on_message:
            if topic.endswith(f"/topics/{wanted}"):
                headers, body = message_event(topic, message, function=name)
                self._send(name, headers, body, billed=1)

    def _send(self, name: str, headers: dict[str, str], body: bytes, *, billed: int) -> None:
        if len(body) > LARGEST_EVENT:
            get_logger().error("event_too_large", function=name, size=len(body), about=headers.get("ce-subject"))
            return
        self._operations.count("pubsub.bytes", billed * max(LEAST_BILLED, len(body)))
        self._queue.put(target=name, headers=headers, body=body)


def path_pattern(document: str) -> re.Pattern[str]:
    """A trigger's document pattern as a regular expression: `{x}` is one segment, `{x=**}` any number."""
    parts = []
    for segment in document.split("/"):
        wildcard = re.fullmatch(r"\{(\w+)(=\*\*)?\}", segment)
        if wildcard is None:
            parts.append(re.escape(segment))
        else:
            parts.append(f"(?P<{wildcard[1]}>{'.+' if wildcard[2] else '[^/]+'})")
    return re.compile("/".join(parts))


def document_event(change: Change, *, event: str, region: str) -> tuple[dict[str, str], bytes]:
    """A Firestore change as a binary-mode CloudEvent: headers and protobuf body."""
    _, project, _, database = change.database.split("/")
    data = DocumentEventData.pb()()
    # The event's document has the same field numbers as the database's.
    if change.new is not None:
        data.value.MergeFromString(change.new.SerializeToString())
    if change.old is not None:
        data.old_value.MergeFromString(change.old.SerializeToString())
    if change.old is not None and change.new is not None:
        data.update_mask.field_paths.extend(_changed_fields(change.old.fields, change.new.fields))
    moment = datetime.fromtimestamp(change.time_us / 1e6, UTC)
    headers = {
        **_common_headers(f"google.cloud.firestore.document.v1.{event}", moment),
        "Content-Type": "application/protobuf",
        "ce-source": f"//firestore.googleapis.com/{change.database}",
        "ce-subject": f"documents/{_header_safe(change.path)}",
        "ce-datacontenttype": "application/protobuf",
        "ce-dataschema": _DATA_SCHEMA,
        "ce-location": region,
        "ce-project": project,
        "ce-database": database,
        "ce-namespace": "(default)",
        "ce-document": _header_safe(change.path),
    }
    return headers, data.SerializeToString()


def object_event(resource: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """A finalized object as a binary-mode CloudEvent: headers and JSON body."""
    headers = {
        **_common_headers("google.cloud.storage.object.v1.finalized", datetime.fromisoformat(resource["timeCreated"])),
        "Content-Type": "application/json",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{resource['bucket']}",
        "ce-subject": f"objects/{_header_safe(resource['name'])}",
        "ce-bucket": resource["bucket"],
    }
    return headers, json.dumps(resource).encode()


def message_event(topic: str, message: Any, *, function: str) -> tuple[dict[str, str], bytes]:
    """A Pub/Sub message as a binary-mode CloudEvent: headers and JSON body."""
    published = message.publish_time.ToDatetime(tzinfo=UTC)
    headers = {
        **_common_headers("google.cloud.pubsub.topic.v1.messagePublished", published, event_id=message.message_id),
        "Content-Type": "application/json",
        "ce-source": f"//pubsub.googleapis.com/{topic}",
    }
    project = topic.split("/topics/", maxsplit=1)[0]
    body = wrapped_body(message, f"{project}/subscriptions/eventarc-{function.replace('_', '-')}")
    return headers, json.dumps(body).encode()


def _common_headers(event_type: str, moment: datetime, *, event_id: str | None = None) -> dict[str, str]:
    return {
        "ce-specversion": "1.0",
        "ce-id": event_id or ids.new_id(),
        "ce-type": event_type,
        "ce-time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def _changed_fields(old: Any, new: Any) -> list[str]:
    changed = {name for name in set(old) | set(new) if name not in old or name not in new or old[name] != new[name]}
    return sorted(name if _PLAIN_FIELD.fullmatch(name) else f"`{name}`" for name in changed)


def _header_safe(value: str) -> str:
    """CloudEvents' HTTP binding: what is no printable ASCII, and `"` and `%`, is percent-encoded."""
    return "".join(
        character if " " < character <= "~" and character not in '"%' else _percent(character) for character in value
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())

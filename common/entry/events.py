"""From CloudEvents and request bodies to what use cases take. The event's copy of a document is only a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from common.core import tracing
from common.core.errors import InvalidInputError
from common.models.base import utc_moment
from common.models.upload import Upload

if TYPE_CHECKING:
    from datetime import datetime

    from cloudevents.http import CloudEvent
    from pydantic import BaseModel

    from common.core.tracing import Trace

E = TypeVar("E", bound="BaseModel")
_DOCUMENT_PATH_PARTS = 4  # users/{uid}/{collection}/{document_id}


@dataclass(frozen=True)
class Delivery:
    """Which event this is and when it happened."""

    event_id: str
    occurred_at: datetime


@dataclass(frozen=True)
class ConversationState:
    """The two fields that gates look at."""

    status: str
    run: int


@dataclass(frozen=True)
class ProcessingEntered:
    """A run of a conversation has begun."""

    uid: str
    conversation_id: str
    run: int


@dataclass(frozen=True)
class ConversationChanged:
    """A conversation's document was created, updated or deleted."""

    uid: str
    conversation_id: str
    before: ConversationState | None
    after: ConversationState | None
    trace: Trace | None = None

    @property
    def entered_processing(self) -> ProcessingEntered | None:
        """The entry into `processing` that this change is: the status says so and `run` is another than before."""
        if self.after is None or self.after.status != "processing":
            return None
        if self.before is not None and self.before.run == self.after.run:
            return None
        return ProcessingEntered(uid=self.uid, conversation_id=self.conversation_id, run=self.after.run)


@dataclass(frozen=True)
class DocumentChanged:
    """A document of a user was created, updated or deleted; what it says now is for the follower to read."""

    uid: str
    document_id: str
    trace: Trace | None = None


def delivery_of(event: CloudEvent) -> Delivery:
    """The event's identity.

    Raises:
        InvalidInputError: its time cannot be read.
    """
    from datetime import datetime

    try:
        occurred_at = utc_moment(datetime.fromisoformat(event["time"]))
    except (KeyError, ValueError) as error:
        raise InvalidInputError("an event without a readable time") from error
    return Delivery(event_id=event["id"], occurred_at=occurred_at)


def conversation_changed(event: CloudEvent) -> ConversationChanged:
    """Decode a Firestore event on `users/{uid}/conversations/{conversation_id}`.

    Raises:
        InvalidInputError: it is about another document, or no Firestore event.
    """
    change, data = _changed(event, collection="conversations")
    return ConversationChanged(
        uid=change.uid,
        conversation_id=change.document_id,
        before=_state(data.old_value) if data.HasField("old_value") else None,
        after=_state(data.value) if data.HasField("value") else None,
        trace=change.trace,
    )


def document_changed(event: CloudEvent, *, collection: str) -> DocumentChanged:
    """Decode a Firestore event on `users/{uid}/{collection}/{document_id}`.

    Raises:
        InvalidInputError: it is about another document, or no Firestore event.
    """
    return _changed(event, collection=collection)[0]


def finished_upload(event: CloudEvent) -> Upload:
    """Decode a Cloud Storage event.

    Raises:
        InvalidInputError: it does not describe an object.
    """
    from pydantic import ValidationError

    try:
        return Upload.model_validate(event.data)
    except ValidationError as error:
        raise InvalidInputError("an event that does not describe an object") from error


def published(event: CloudEvent, message: type[E]) -> E:
    """Decode a Pub/Sub event whose message is `message`.

    Raises:
        InvalidInputError: it carries something else.
    """
    import base64

    try:
        body = base64.b64decode(event.data["message"]["data"], validate=True)
        # A newer version may say more, while it is deployed or after it was taken back.
        return message.model_validate_json(body, extra="ignore")
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("an event with an unreadable message") from error


def trace_of_message(event: CloudEvent) -> Trace | None:
    """The trace that a Pub/Sub event whose message could be decoded belongs to."""
    attributes = event.data["message"].get("attributes") or {}
    told = attributes.get(tracing.HEADER) if isinstance(attributes, dict) else None
    return tracing.read(told if isinstance(told, str) else None)


def _changed(event: CloudEvent, *, collection: str) -> tuple[DocumentChanged, Any]:
    """Which document it is about, and the event's copies of it."""
    from google.events.cloud.firestore import DocumentEventData
    from google.protobuf.message import DecodeError

    announced = _document(str(event.get_attributes().get("document", "")), collection)
    # The SDK decodes a body that happens to be JSON, and an empty one to None.
    if not isinstance(event.data, bytes):
        raise InvalidInputError("an event without protobuf data")
    data = DocumentEventData.pb()()
    try:
        data.ParseFromString(event.data)
    except DecodeError as error:
        raise InvalidInputError("an event that is no Firestore event") from error
    # A header holds printable ASCII only; the document itself says what its name really is.
    _, _, path = (data.value.name or data.old_value.name).partition("/documents/")
    uid, document_id = _document(path, collection) if path else announced
    document = data.value if data.HasField("value") else data.old_value
    trace = tracing.read(document.fields[tracing.HEADER].string_value)
    return DocumentChanged(uid=uid, document_id=document_id, trace=trace), data


def _document(path: str, collection: str) -> tuple[str, str]:
    """Owner and id in the path of a user's document."""
    parts = path.split("/")
    if len(parts) != _DOCUMENT_PATH_PARTS or parts[0] != "users" or parts[2] != collection:
        raise InvalidInputError("an event about another kind of document")
    return parts[1], parts[3]


def _state(document: Any) -> ConversationState:
    fields = document.fields
    return ConversationState(status=fields["status"].string_value, run=int(fields["run"].integer_value))

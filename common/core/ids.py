"""Ids: random for what a person starts, derived for what a step creates, so that doing it again changes nothing."""

import hashlib
import uuid

_NAMESPACE = uuid.UUID("6f9e4c6e-4a0b-5a53-9f4e-0d5a2c1b7e10")
_LONGEST_DOCUMENT_ID = 1500  # bytes


def new_id() -> str:
    """A random id (UUID4)."""
    return str(uuid.uuid4())


def derived_id(*parts: str | float) -> str:
    """A UUID5 that depends on nothing but `parts`, in their order."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts)))


def is_document_id(text: str) -> bool:
    """Whether Firestore takes it as the id of a document (https://cloud.google.com/firestore/quotas#limits)."""
    reserved = text in {".", ".."} or (text.startswith("__") and text.endswith("__"))
    return 0 < len(text.encode(errors="replace")) <= _LONGEST_DOCUMENT_ID and "/" not in text and not reserved


def digest(*parts: str) -> str:
    """Sixteen hex digits that stand for `parts`: revisions, task names, the user in a log line."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

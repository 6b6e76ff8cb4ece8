"""The two forms of a stored transcript: compressed inline while it is small, else in chunks beside the document.

A trigger's event carries the old and the new document and must stay below 512 KB, so a conversation document never
holds more than `INLINE_LIMIT` bytes of transcript. Nobody but this module and `conversations` knows the forms.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from common.models.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.cloud.firestore import DocumentReference, Transaction

    from common.models.segment import TranscriptSegment

INLINE_LIMIT = 64 * 1024
CHUNK_SEGMENTS = 1000
CHUNKS = "transcript"


def decode(fields: dict[str, Any], chunks: Iterable[bytes] = ()) -> Conversation:
    """The conversation in a document's fields, with the transcript from wherever it is."""
    packed = fields.get("transcript_segments")
    if isinstance(packed, bytes):
        parts = list(chunks) if fields.get("transcript_chunks") else [packed]
        segments = [segment for part in parts if part for segment in json.loads(zlib.decompress(part))]
        fields = {**fields, "transcript_segments": segments}
    return Conversation.model_validate(fields)


def encode(conversation: Conversation) -> tuple[dict[str, Any], list[bytes]]:
    """The fields of the document and the chunks beside it (none when the transcript fits inline)."""
    fields = conversation.to_firestore()
    segments = fields.pop("transcript_segments")
    whole = _pack(segments)
    inline = len(whole) <= INLINE_LIMIT
    chunks = (
        [] if inline else [_pack(segments[at : at + CHUNK_SEGMENTS]) for at in range(0, len(segments), CHUNK_SEGMENTS)]
    )
    fields |= {
        "transcript_segments": whole if inline else b"",
        "transcript_segments_compressed": True,
        "transcript_chunks": len(chunks),
    }
    return fields, chunks


def read_chunks(reference: DocumentReference, count: int, transaction: Transaction | None = None) -> list[bytes]:
    """The chunks of a long transcript, in order."""
    if not count:
        return []
    documents = {
        snapshot.id: snapshot.get("data") for snapshot in reference.collection(CHUNKS).stream(transaction=transaction)
    }
    return [documents[chunk_id(number)] for number in range(count) if chunk_id(number) in documents]


def chunk_id(number: int) -> str:
    """Document id of a chunk."""
    return f"{number:05d}"


def _pack(segments: list[Any] | list[TranscriptSegment]) -> bytes:
    return zlib.compress(json.dumps(segments, ensure_ascii=False, separators=(",", ":")).encode())

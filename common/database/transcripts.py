"""The two forms of a stored transcript: compressed inline while it is small, else in chunks beside the document.

A trigger's event carries the old and the new document and must stay below 512 KB, so a conversation document never
holds more than `INLINE_LIMIT` bytes of transcript, and what is besides has its limit too (`document_sizes`). Nobody but
this module and `conversations` knows the forms.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from common.core.ids import digest
from common.database import document_sizes
from common.database.clients import firestore_client
from common.database.sealing import protected
from common.database.snapshots import fields_of
from common.models.conversation import Conversation
from common.models.person import NAMED, OWNER
from common.models.segment import TranscriptSegment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.cloud.firestore import DocumentReference, Transaction, WriteBatch

INLINE_LIMIT = 64 * 1024
CHUNK_SEGMENTS = 1000
CHUNK_BYTES = 600_000
"""Before compression; a document holds 1 MiB, and some texts do not compress."""
CHUNKS = "transcript"
WORDS, SECONDS = "spoken_words", "spoken_seconds"
"""Fields that say how much was said."""
SPEAKERS = "speaker_ids"
"""The field that says who speaks."""
MOST_SPEAKERS = 200


def decode(fields: dict[str, Any], chunks: Iterable[bytes] = ()) -> Conversation:
    """The conversation in a document's fields, with the transcript from wherever it is."""
    packed = fields.get("transcript_segments")
    if isinstance(packed, bytes):
        parts = list(chunks) if fields.get("transcript_chunks") else [packed]
        fields = {**fields, "transcript_segments": _unpacked(parts)}
    return Conversation.model_validate(fields)


def encode(conversation: Conversation) -> tuple[dict[str, Any], list[bytes]]:
    """The fields of the document and the chunks beside it (none when the transcript fits inline).

    Raises:
        TooLargeError: there is too much besides the transcript.
    """
    fields, chunks = _encode(conversation)
    document_sizes.check(fields)
    return fields, chunks


def _encode(conversation: Conversation) -> tuple[dict[str, Any], list[bytes]]:
    fields = conversation.to_firestore()
    segments = fields.pop("transcript_segments")
    whole = _pack(segments)
    inline = len(whole) <= INLINE_LIMIT
    chunks = [] if inline else [_pack(part) for part in _parts(segments)]
    fields |= {
        "transcript_segments": whole if inline else b"",
        "transcript_segments_compressed": True,
        "transcript_chunks": len(chunks),
        "transcript_revision": revision(chunks) if chunks else None,
        SPEAKERS: speakers(conversation) if conversation.speaker_ids is None else conversation.speaker_ids,
        **_amount(segments),
    }
    return fields, chunks


def encode_change(before: Conversation, after: Conversation) -> tuple[dict[str, Any], list[bytes] | None]:
    """The fields that differ, and the new chunks if the transcript does; None where it is the same list.

    Raises:
        TooLargeError: there is more besides the transcript than there was, and too much.
    """
    if after.transcript_segments is before.transcript_segments:
        fields, old_fields = (each.to_firestore(without="transcript_segments") for each in (after, before))
        changed_chunks = None
    else:
        (fields, chunks), (old_fields, old_chunks) = _encode(after), _encode(before)
        old_fields[SPEAKERS] = before.speaker_ids  # an older version has stored none
        changed_chunks = chunks if chunks != old_chunks else None
    document_sizes.check(fields, old_fields)
    return {name: value for name, value in fields.items() if value != old_fields.get(name)}, changed_chunks


def speakers(conversation: Conversation) -> list[str]:
    """Who speaks in a conversation that has its whole transcript; see `Conversation.speaker_ids`."""
    return [*sorted(known_speakers(conversation))[:MOST_SPEAKERS], *([NAMED] if conversation.named_speakers else [])]


def known_speakers(conversation: Conversation) -> set[str]:
    """The ids of the people who speak in it, OWNER for the owner."""
    found = {OWNER for segment in conversation.transcript_segments if segment.is_user}
    return found | {segment.person_id for segment in conversation.transcript_segments if segment.person_id}


def write_chunks(to: WriteBatch, reference: DocumentReference, chunks: Iterable[bytes]) -> None:
    """Add the writing of a long transcript's chunks to a batch or transaction."""
    for number, data in enumerate(chunks):
        place = reference.collection(CHUNKS).document(chunk_id(number))
        to.set(place, protected({"data": data}, place.path))


def read_chunks(reference: DocumentReference, count: int, transaction: Transaction | None = None) -> list[bytes]:
    """The chunks of a long transcript, in order."""
    if not count:
        return []
    documents = {
        snapshot.id: fields_of(snapshot)["data"]
        for snapshot in reference.collection(CHUNKS).stream(transaction=transaction)
    }
    return [documents[chunk_id(number)] for number in range(count) if chunk_id(number) in documents]


def most_segments(conversation: Conversation) -> int:
    """How many segments a conversation has, one whose transcript stands in chunks at most."""
    return conversation.transcript_chunks * CHUNK_SEGMENTS or len(conversation.transcript_segments)


def revision(chunks: Iterable[bytes]) -> str:
    """Names what is in these chunks."""
    return digest(*(chunk.hex() for chunk in chunks))


def chunk_id(number: int) -> str:
    """Document id of a chunk."""
    return f"{number:05d}"


def read_chunks_of_many(wanted: Mapping[str, tuple[DocumentReference, int]]) -> dict[str, list[bytes]]:
    """The chunks of several long transcripts in one read: for each name, those of a document, and how many it has."""
    references = {
        name: [document.collection(CHUNKS).document(chunk_id(number)) for number in range(count)]
        for name, (document, count) in wanted.items()
    }
    everything = [each for group in references.values() for each in group]
    data = {
        snapshot.reference.path: fields_of(snapshot)["data"]
        for snapshot in (firestore_client().get_all(everything) if everything else ())
        if snapshot.exists
    }
    return {name: [data[each.path] for each in group if each.path in data] for name, group in references.items()}


def unpack(chunks: Iterable[bytes]) -> list[TranscriptSegment]:
    """The segments in chunks."""
    return [TranscriptSegment.model_validate(segment) for segment in _unpacked(chunks)]


def _unpacked(chunks: Iterable[bytes]) -> list[Any]:
    return [segment for chunk in chunks if chunk for segment in json.loads(zlib.decompress(chunk))]


def _amount(segments: list[Any]) -> dict[str, float]:
    """How much was said, beside the transcript, so that it can be summed up without reading one."""
    return {
        WORDS: sum(len(segment["text"].split()) for segment in segments),
        SECONDS: round(sum(max(0.0, segment["end"] - segment["start"]) for segment in segments), 3),
    }


def _parts(segments: list[Any]) -> Iterator[list[Any]]:
    """The segments in as many parts as there shall be chunks."""
    part: list[Any] = []
    size = 0
    for segment in segments:
        length = len(_json(segment))
        if part and (len(part) == CHUNK_SEGMENTS or size + length > CHUNK_BYTES):
            yield part
            part, size = [], 0
        part.append(segment)
        size += length
    if part:
        yield part


def _pack(segments: list[Any]) -> bytes:
    return zlib.compress(_json(segments))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

"""Who speaks in a stretch of stored audio: numbered and named like what the conversation knows already."""

from collections.abc import Sequence
from typing import Protocol

from common.conversations.introductions import introduced
from common.conversations.labels import AUTO
from common.conversations.speaker_book import SpeakerBook
from common.conversations.speakers import Speaker
from common.conversations.voice_memory import VoiceMemory
from common.core.errors import ConflictError, ProviderError, ProviderRefusedError
from common.core.logs import get_logger
from common.models.segment import TranscriptSegment
from common.people import known
from common.speech.matching import MOST_CLIPS, nearest
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voice_providers import voice_embedder
from common.speech.voices import LONGEST_CLIP_S, Vector, VoiceEmbedder, centre

_TRIES = 3


class Pcm(Protocol):
    """Audio of which parts are looked at: its bytes, or what reads them when they are wanted."""

    def __getitem__(self, part: slice, /) -> bytes:
        """The bytes of a part."""


def label_recorded(
    segments: Sequence[TranscriptSegment],
    pcm: Pcm,
    *,
    start: float,
    uid: str,
    conversation_id: str,
    language: str | None,
    auto_assign: bool,
) -> list[TranscriptSegment]:
    """The segments of a stretch with the numbers and names of their speakers.

    Args:
        segments: numbered by the provider, from 0.
        pcm: the stretch.
        start: where it begins, in seconds of the conversation.
        uid: the owner.
        conversation_id: whose segments.
        language: spoken language, a BCP-47 tag or `multi`.
        auto_assign: whether people who are recognised, by voice or because they say their names, are named; numbers
            are put right either way. Nobody new is made.

    An embedder that fails costs names, never words.
    """
    embedder = voice_embedder()
    clips = _listen(segments, pcm, start=start, embedder=embedder)
    for tried in range(1, _TRIES + 1):
        memory = VoiceMemory(uid=uid, model=embedder.name)
        book = SpeakerBook(embedder.rules)
        memory.recall(book, conversation_id=conversation_id)
        for segment in segments:
            key = (0, segment.speaker_id or 0)
            book.voice(key)
            if segment.id in clips:
                book.hear(key, *clips[segment.id])
        if auto_assign:
            _name(book, embedder, segments, uid=uid, language=language)
        try:
            _remember(book, memory, conversation_id=conversation_id)
        except ConflictError:  # two stretches at once: look again at what the other has found
            if tried < _TRIES:
                continue
        break
    return [book.label(segment, stream=0) for segment in segments]


def _listen(
    segments: Sequence[TranscriptSegment], pcm: Pcm, *, start: float, embedder: VoiceEmbedder
) -> dict[str, tuple[float, Vector]]:
    """The longest clips of each speaker: their seconds and voices, by segment."""
    clips: dict[str, tuple[float, Vector]] = {}
    counts: dict[int, int] = {}
    for segment in sorted(segments, key=lambda each: each.start - each.end):
        speaker, seconds = segment.speaker_id or 0, min(segment.end - segment.start, LONGEST_CLIP_S)
        if seconds < embedder.rules.shortest_s or counts.get(speaker, 0) >= MOST_CLIPS:
            continue
        moments = (segment.start - start, segment.end - start)
        first, last = (max(0, round(moment * BYTES_PER_SECOND / 2) * 2) for moment in moments)
        try:
            clips[segment.id] = seconds, embedder.embed(centre(pcm[first:last]))
        except ProviderRefusedError:
            continue
        except ProviderError as error:
            get_logger().warning("voice_not_embedded", embedder=embedder.name, error=type(error).__name__)
            break
        counts[speaker] = counts.get(speaker, 0) + 1
    return clips


def _name(
    book: SpeakerBook,
    embedder: VoiceEmbedder,
    segments: Sequence[TranscriptSegment],
    *,
    uid: str,
    language: str | None,
) -> None:
    people = known.load(uid=uid, model=embedder.name)
    for voice in book.voices():
        vector = voice.evidence.vector
        if voice.who is not None or vector is None or not voice.evidence.enough:
            continue
        match = nearest(vector, people.voices, embedder.rules)
        if match is not None and match.sure:
            voice.named(Speaker.of(match.known.id), AUTO)
    for segment in segments:
        voice = book.voice((0, segment.speaker_id or 0))
        introduction = introduced(segment.text, language=language) if voice.who is None else None
        person = people.named(introduction.name) if introduction is not None else None
        if person is not None:
            voice.named(Speaker.of(person.id), AUTO)


def _remember(book: SpeakerBook, memory: VoiceMemory, *, conversation_id: str) -> None:
    for voice in book.voices():
        if (heard := memory.news(voice, conversation_id=conversation_id)) is not None:
            memory.keep_new(heard, conversation_id=conversation_id)

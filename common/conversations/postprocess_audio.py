"""The audio of a conversation as it is sent to be heard again: what was said, with a second around it, in one file."""

import io
from collections.abc import Iterator, Sequence
from itertools import pairwise

from common.conversations import coverage
from common.conversations.playback import read_pcm
from common.conversations.playlist import Recording, list_recordings, pcm_bytes
from common.core import clock
from common.core.errors import NotFoundError, ProviderRefusedError
from common.core.settings import settings
from common.database import hearings, media, signed_urls
from common.database.media import Store
from common.models.conversation import Conversation, Interval
from common.models.second_hearing import SentAudio, SentPiece
from common.speech.files import decode_file
from common.speech.mp3 import CONTENT_TYPE, encode_mp3
from common.speech.stretches import voiced_runs
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

SHORTEST_S = 10.0
MARGIN_S = 1.0
"""Kept on either side of a voice."""
_LONG_PAUSE_S = 5.0
"""Shorter pauses are kept: they belong to how something is said."""
_OVERLAP_S = 0.5
_WINDOW = 30 * BYTES_PER_SECOND
_MOST_PIECES = 2000


class UnsuitableError(Exception):
    """This conversation is not heard again; says why."""


class StoredPcm:
    """A conversation's PCM from its beginning, read from its recordings where a part is looked at."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._recordings = recordings

    def __getitem__(self, part: slice, /) -> bytes:
        first, last = int(part.start), int(part.stop)
        for recording in self._recordings:
            begin = pcm_bytes(recording.start)
            if begin <= first < begin + recording.size:
                return b"".join(read_pcm(recording, first - begin, min(last - begin, recording.size)))
        return b""


def sent_audio(conversation: Conversation, *, uid: str, attempt: int) -> SentAudio:
    """The file, made and stored unless that is done.

    Raises:
        UnsuitableError: there is too little, too much, or several microphones were on at once.
    """
    kept = hearings.audio_of(uid=uid, conversation_id=conversation.id)
    there = kept.find(SentAudio.id_of(attempt))
    if there is not None and media.find(there.path, store=Store.MEDIA) is not None:
        return there
    recordings = list_recordings(conversation, uid=uid)
    chosen = [(recording, piece) for recording in recordings for piece in voiced_pieces(recording)]
    seconds = sum(piece.end - piece.start for _, piece in chosen)
    _check(recordings, seconds, count=len(chosen))
    path = hearings.audio_path(uid=uid, conversation_id=conversation.id, attempt=attempt)
    parts = (pcm for recording, piece in chosen for pcm in _read(recording, piece))
    media.put(path, encode_mp3(parts), content_type=CONTENT_TYPE, passing=True)
    pieces: list[SentPiece] = []
    offset = 0.0
    for _, piece in chosen:
        pieces.append(SentPiece(start=round(piece.start, 3), end=round(piece.end, 3), offset=round(offset, 3)))
        offset += piece.end - piece.start
    audio = SentAudio(id=SentAudio.id_of(attempt), path=path, seconds=round(seconds, 3), pieces=pieces)
    kept.put(audio)
    return audio


def stored_part(audio: SentAudio, begin: float, seconds: float) -> bytes:
    """PCM of the file from a second of it on, so many seconds at most.

    Raises:
        NotFoundError: it is not there any more.
    """
    file = media.find(audio.path, store=Store.MEDIA)
    if file is None:
        raise NotFoundError("File not found")
    first, last = (int(moment * SAMPLE_RATE) * 2 for moment in (begin, begin + seconds))
    part, at = bytearray(), 0
    for pcm in decode_file(io.BytesIO(b"".join(file.read(0, file.size)))):
        part += pcm[max(0, first - at) : max(0, last - at)]
        at += len(pcm)
        if at >= last:
            break
    return bytes(part)


def address_of(audio: SentAudio) -> str:
    """Where a service can fetch it from, for as long as its answer is waited for.

    Raises:
        ProviderRefusedError: the settings do not say where we can be reached.
    """
    known = settings()
    if known.url_signing_key is not None and not known.public_url:
        raise ProviderRefusedError("PUBLIC_URL is not set: nobody could fetch the recording")
    # Whoever fetches it lives in real time.
    valid_s = known.post_processing_patience_s * clock.scale()
    return signed_urls.sign(audio.path, store=Store.MEDIA, base_url=known.public_url, valid_s=valid_s)


def voiced_pieces(recording: Recording) -> list[Interval]:
    """Where in a recording somebody may speak, with MARGIN_S around it, in seconds of the conversation."""
    runs: list[Interval] = []
    ends = recording.start + recording.duration
    at = recording.start
    for window in _windows(recording):
        runs += [
            Interval(
                start=max(recording.start, at + first - MARGIN_S),
                end=min(ends, at + last + MARGIN_S),
            )
            for first, last in voiced_runs(window)
        ]
        at += len(window) / BYTES_PER_SECOND
    joined: list[Interval] = []
    for run in coverage.union(runs):
        if joined and run.start - joined[-1].end < _LONG_PAUSE_S:
            joined[-1] = Interval(start=joined[-1].start, end=run.end)
        else:
            joined.append(run)
    return joined


def _check(recordings: Sequence[Recording], seconds: float, *, count: int) -> None:
    at_once = (after.start < before.start + before.duration - _OVERLAP_S for before, after in pairwise(recordings))
    if any(at_once):
        raise UnsuitableError("several microphones were on at once")
    if seconds < SHORTEST_S:
        raise UnsuitableError(f"less than {SHORTEST_S:.0f} seconds of speech are stored")
    if seconds > settings().post_processing_longest_s or count > _MOST_PIECES:
        raise UnsuitableError("too much speech for a second hearing")


def _windows(recording: Recording) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in read_pcm(recording, 0, recording.size):
        waiting += piece
        while len(waiting) >= _WINDOW:
            yield bytes(waiting[:_WINDOW])
            del waiting[:_WINDOW]
    if waiting:
        yield bytes(waiting)


def _read(recording: Recording, piece: Interval) -> Iterator[bytes]:
    first, last = (pcm_bytes(moment - recording.start) for moment in (piece.start, piece.end))
    return read_pcm(recording, first, min(last, recording.size))

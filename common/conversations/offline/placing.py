"""Putting a stretch of a file where it belongs: first it is noted where, then its frames are stored there.

The note makes doing it again after a crash store the same blocks. All of a device's audio in a conversation is one
session, so that what follows one another is understood as one.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO

from common.conversations import coverage, recording
from common.conversations.offline.fitting import fit, overlap
from common.conversations.offline.joining import find, is_busy, join
from common.conversations.offline.recognising import Timed, recognise
from common.core.clock import Deadline
from common.core.ids import digest
from common.database import audio_blocks, audio_traces, conversations
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Conversation, Interval
from common.models.offline import OfflineFile, Stretch
from common.speech.blocks import encode_block
from common.speech.codecs import frame_decoder
from common.speech.framed import FrameReader
from common.speech.marks import marks_of
from common.speech.whole_samples import whole_frames

BLOCK_S = 60.0
_LARGEST_BLOCK = 4 * 1024 * 1024
"""Bytes; a minute of anything that anybody records is less, but a damaged file may claim anything."""
_PARALLEL = 6
_LEAST_S = 1e-3


def note_place(file: OfflineFile, stretch: Stretch, stream: BinaryIO, *, uid: str) -> Stretch:
    """Decide where a stretch goes.

    Raises:
        RetryableError: not now.
    """
    begin = _rounded(file, stretch.start)
    end = _rounded(file, stretch.end)
    found = find(file, begin=begin, end=end, uid=uid)
    if found is not None and is_busy(found, begin):
        at, length = _at(begin, found), stretch.end - stretch.start
        later_s = recognise(
            lambda: _timed(file, stretch, stream, begin=at), *_audio(found, uid=uid), begin=at, length=length
        ).later_s
        if at + later_s >= -coverage.NEGLIGIBLE_S:  # nothing of it comes before what is captured: its clock is behind
            moved = file.started_at + timedelta(seconds=max(later_s, -at, _LEAST_S))
            return note_place(file.model_copy(update={"started_at": moved}), stretch, stream, uid=uid)
    joined = join(file, found, begin=begin, end=end, uid=uid)
    if joined.conversation is None:
        return stretch.model_copy(update={"conversation_id": joined.conversation_id, "placed": True})
    conversation = joined.conversation
    began = conversation.began
    at = _at(begin, conversation)
    length = stretch.end - stretch.start
    of_device = f"offline-{digest(file.device)}"
    blocks, gone = _audio(conversation, uid=uid)
    taken = [
        Interval(start=each.start, end=each.end)
        for each in (*blocks, *gone)
        if each.session_id.partition(".")[0] == of_device
    ]
    seen = recognise(lambda: _timed(file, stretch, stream, begin=at), blocks, gone, begin=at, length=length)
    if at + seen.later_s < -coverage.NEGLIGIBLE_S:  # it really began before its conversation: that begins earlier
        moved = file.started_at + timedelta(seconds=seen.later_s)
        return note_place(file.model_copy(update={"started_at": moved}), stretch, stream, uid=uid)
    placed = fit(at, length, taken, seen=seen.seen, later_s=seen.later_s)
    # Named after where the conversation begins: should that be found to be earlier, what comes then counts from there.
    session_id = f"{of_device}.{digest(began.isoformat())}"
    if placed.apart:
        session_id += f".{digest(file.id, str(stretch.first_byte))}"
    return stretch.model_copy(
        update={
            "conversation_id": conversation.id,
            "session_id": session_id,
            "begin": placed.begin,
            "kept": [moment for each in placed.kept for moment in (each.start, each.end)],
            "created": joined.created and not overlap(at, length, taken),
        }
    )


def store(file: OfflineFile, stretch: Stretch, stream: BinaryIO, *, uid: str, deadline: Deadline) -> Stretch:
    """Store the frames of a stretch where it was noted.

    Returns:
        The stretch, placed; without a conversation if that has gone, and as it was where the time did not suffice.
    """
    conversation_id = stretch.conversation_id or ""
    there = {
        (block.session_id, round(block.start * 1000), round(block.end * 1000))
        for block in audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id)
    }
    in_time = True
    with ThreadPoolExecutor(_PARALLEL) as pool:
        running: set[Future[None]] = set()
        for block, frames in _blocks(file, stretch, stream):
            if (block.session_id, round(block.start * 1000), round(block.end * 1000)) in there:
                continue
            if not in_time:
                break
            while len(running) >= _PARALLEL:
                running = _proceed(running)
            data = encode_block(frames)
            marked = replace(block, marks=marks_of(frames, length_s=block.end - block.start))
            running.add(pool.submit(audio_blocks.put, marked, data, uid=uid, conversation_id=conversation_id))
            in_time = not deadline.passed
        else:
            in_time = True
        while running:
            running = _proceed(running)
    if conversations.find_many(uid=uid, conversation_ids=[conversation_id]):
        return stretch.model_copy(update={"placed": True}) if in_time else stretch
    audio_blocks.delete_all(uid=uid, conversation_id=conversation_id)
    return stretch.model_copy(update={"conversation_id": None, "session_id": "", "kept": [], "created": False})


def _at(moment: datetime, conversation: Conversation) -> float:
    return round((moment - conversation.began).total_seconds(), 3)


def _audio(conversation: Conversation, *, uid: str) -> tuple[tuple[AudioBlock, ...], tuple[AudioBlock, ...]]:
    """What is stored of a conversation, and what was deleted and left its marks."""
    stored = audio_blocks.list_blocks(uid=uid, conversation_id=conversation.id)
    gone = audio_traces.find(uid=uid, conversation_id=conversation.id)
    return recording.placed(stored, conversation), recording.placed(gone, conversation)


def _proceed(running: set[Future[None]]) -> set[Future[None]]:
    """Those that still run once one is done; raises what it raised."""
    done, rest = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
    return rest


def _rounded(file: OfflineFile, second: float) -> datetime:
    return file.started_at + timedelta(milliseconds=round(second * 1000))


def _timed(file: OfflineFile, stretch: Stretch, stream: BinaryIO, *, begin: float) -> Iterator[Timed]:
    """The frames of a stretch that begins at `begin` seconds of the conversation."""
    decoder = frame_decoder(file.codec, file.sample_rate)
    at = begin
    for frame in whole_frames(file.codec, FrameReader(stream, at=stretch.first_byte, until=stretch.end_byte)):
        end = at + decoder.frame_seconds(frame.data)
        if end > at:
            yield at, end, frame.data
        at = end


def _blocks(file: OfflineFile, stretch: Stretch, stream: BinaryIO) -> Iterator[tuple[AudioBlock, list[bytes]]]:
    """What is kept of a stretch, by the minute."""
    kept = [Interval(start=start, end=end) for start, end in _pairs(stretch.kept)]
    quiet = [
        Interval(start=stretch.begin + start / 1000 - stretch.start, end=stretch.begin + end / 1000 - stretch.start)
        for start, end in _pairs(stretch.quiet)
    ]
    waiting: list[bytes] = []
    start = end = 0.0
    size = 0
    for frame_start, frame_end, frame in _timed(file, stretch, stream, begin=stretch.begin):
        wanted = coverage.contains(kept, (frame_start + frame_end) / 2)
        if waiting and (not wanted or frame_end - start > BLOCK_S or size > _LARGEST_BLOCK):
            yield _block(file, stretch, start, end, quiet), waiting
            waiting, size = [], 0
        if wanted:
            start, end = (start if waiting else frame_start), frame_end
            waiting.append(frame)
            size += len(frame)
    if waiting:
        yield _block(file, stretch, start, end, quiet), waiting


def _block(file: OfflineFile, stretch: Stretch, start: float, end: float, quiet: Sequence[Interval]) -> AudioBlock:
    return AudioBlock(
        session_id=stretch.session_id,
        start=round(start, 3),
        end=round(end, 3),
        codec=file.codec,
        sample_rate=file.sample_rate,
        covered=tuple(overlap(start, end - start, quiet)),
    )


def _pairs(moments: Sequence[float]) -> Iterator[tuple[float, float]]:
    return zip(moments[::2], moments[1::2], strict=True)

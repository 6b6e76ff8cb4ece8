"""Stored audio made playable: any part of a recording as PCM.

A recording is laid out by the times of its blocks, not by what they decode to, so that its length is known before a
block is read and any part of it can be made alone: hours of audio in the memory of two blocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.conversations.playlist import Recording, pcm_bytes
from common.core.errors import InvalidInputError
from common.core.logs import get_logger
from common.database import audio_blocks, refusals
from common.database.audio_blocks import AudioBlock
from common.speech.blocks import decode_block
from common.speech.codecs import FrameDecoder, frame_decoder

_SILENCE = bytes(64 * 1024)
_ROUNDING_S = 2e-3
"""Times of blocks are in whole milliseconds."""


@dataclass(frozen=True)
class _Place:
    """A block, and the bytes [begin, end) of the recording that it takes."""

    block: AudioBlock
    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin


def read_pcm(recording: Recording, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of a recording's PCM; what lies between blocks, or is gone, is silence."""
    position = start
    places = _layout(recording)
    first = next((number for number, place in enumerate(places) if place.end > start), len(places))
    run_up = int(first > 0 and first < len(places) and _leads_on(places[first - 1].block, places[first].block))
    decoded = _decode(places[first - run_up :])
    if run_up:
        next(decoded)  # what comes before, which a decoder needs to sound right
    for place in places[first:]:
        if place.begin >= end:
            break
        yield from _silence(place.begin - position)
        position = max(position, place.begin)
        pcm = next(decoded)[position - place.begin : end - place.begin]
        yield pcm
        position += len(pcm)
    yield from _silence(end - position)


def _decode(places: Sequence[_Place]) -> Iterator[bytes]:
    """The PCM of each block, as long as its place; those that lead on to one another are decoded as one stream."""
    stream = _Stream()
    fed = 0
    for number, place in enumerate(places):
        following = places[number + 1] if number + 1 < len(places) else None
        if fed <= number:
            fed += 1
            stream.feed(place.block)
        if following is None or not stream.whole or not _leads_on(place.block, following.block):
            yield stream.end(place.size)
            stream = _Stream()
            continue
        if stream.waiting < place.size:
            fed += 1
            stream.feed(following.block)
        yield stream.take(place.size)


class _Stream:
    """Blocks that follow one another, through one decoder: codecs and resamplers go on from what came before."""

    def __init__(self) -> None:
        self._decoder: FrameDecoder | None = None
        self._pcm = bytearray()
        self.whole = True
        """Whether the block that was fed last lasts as long as its times say: only then the next one goes on there."""

    @property
    def waiting(self) -> int:
        """Bytes of PCM that are decoded and not taken."""
        return len(self._pcm)

    def feed(self, block: AudioBlock) -> None:
        """Decode a block; one that cannot be had, or decoded, gives nothing."""
        self.whole = False
        try:
            decoder = self._decoder = self._decoder or frame_decoder(block.codec, block.sample_rate)
            frames = decode_block(audio_blocks.read(block))
            self._pcm += decoder.decode_many(frames)
        except (refusals.NotFound, InvalidInputError) as error:
            get_logger().warning("audio_block_unplayable", error=type(error).__name__)
            return
        seconds = sum(decoder.frame_seconds(frame) for frame in frames if frame)
        self.whole = abs(seconds - (block.end - block.start)) <= _ROUNDING_S

    def take(self, size: int) -> bytes:
        """The next bytes; silence where there are fewer."""
        pcm = bytes(self._pcm[:size])
        del self._pcm[:size]
        return pcm.ljust(size, b"\0")

    def end(self, size: int) -> bytes:
        """The last bytes, with what the decoder has held back."""
        if self._decoder is not None:
            self._pcm += self._decoder.flush()
        return self.take(size)


def _leads_on(block: AudioBlock, following: AudioBlock) -> bool:
    """Whether the frames of a block follow those of another, made by the same encoder."""
    of_one = (block.session_id, block.codec, block.sample_rate) == (
        following.session_id,
        following.codec,
        following.sample_rate,
    )
    return of_one and abs(following.start - block.end) <= _ROUNDING_S


def _layout(recording: Recording) -> list[_Place]:
    """Where the bytes of each block begin and end; the next one's begin there at the latest."""
    begins = [pcm_bytes(block.start - recording.start) for block in recording.blocks]
    return [
        _Place(block, begin, min(pcm_bytes(block.end - recording.start), next_begin))
        for block, (begin, next_begin) in zip(recording.blocks, pairwise([*begins, recording.size]), strict=True)
    ]


def _silence(size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _SILENCE[:size]
        yield piece
        size -= len(piece)

"""Spoken messages: recordings in any usual container, or a wearable's frames, to text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from common.core.errors import BadRequestError, InvalidInputError, TooLargeError
from common.database import users
from common.speech.blocks import decode_block
from common.speech.codecs import frame_decoder
from common.speech.files import decode_file
from common.speech.providers import batch_transcriber
from common.speech.tags import MULTI
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from common.speech.whole_samples import whole_samples
from common.users.vocabulary import unusual_words

LONGEST_S = 300
"""Seconds of a message, all its recordings together; the recogniser takes no more than 360 at once."""
_PATIENCE_S = 200.0
"""Real seconds that recognition may take; an answer has what is left of the service's 300."""
_AT_ONCE = 500
"""Frames that are decoded together."""

_NAMED_CODEC = re.compile(r"(pcm8|pcm16|opus_fs320|opus)(?:_(\d{4,6}))?(?=[_.])")


@dataclass(frozen=True)
class Recording:
    """A file as it was sent. The name of a `.bin` says how its frames are coded: `…_opus_16000_1_fs160_….bin`."""

    name: str
    content: BinaryIO


def transcribe_voice(recordings: Sequence[Recording], *, uid: str) -> str:
    """What is said in the recordings, one after the other.

    Raises:
        BadRequestError: nothing is said, or nothing can be heard of it.
        TooLargeError: they are longer than LONGEST_S together.
        ProviderError: nobody could listen.
    """
    pcm = _whole(recordings)
    user = users.find(uid=uid)
    language, words = user.language or MULTI, unusual_words(user)
    transcriber = batch_transcriber()
    heard = transcriber.transcribe(pcm, language=language, vocabulary=words, within_s=_PATIENCE_S) if pcm else None
    text = " ".join(utterance.text.strip() for utterance in heard.utterances).strip() if heard else ""
    if not text:
        raise BadRequestError("Nothing is said in the recording")
    return text


def _whole(recordings: Sequence[Recording]) -> bytes:
    pcm = bytearray()
    for recording in recordings:
        pieces = _decoded(recording)
        while (piece := _next(pieces)) is not None:
            pcm += piece
            if len(pcm) > LONGEST_S * BYTES_PER_SECOND:
                raise TooLargeError(f"A voice message is no longer than {LONGEST_S} seconds")
    return bytes(pcm)


def _next(pieces: Iterator[bytes]) -> bytes | None:
    try:
        return next(pieces, None)
    except InvalidInputError as error:
        raise BadRequestError(f"The recording cannot be read: {error}") from error


def _decoded(recording: Recording) -> Iterator[bytes]:
    if not recording.name.lower().endswith(".bin"):
        yield from decode_file(recording.content)
        return
    named = _NAMED_CODEC.search(recording.name.lower())
    codec, rate = (named.group(1), int(named.group(2) or SAMPLE_RATE)) if named else ("opus", SAMPLE_RATE)
    decoder = frame_decoder(codec, rate)
    samples, stored = whole_samples(codec), decode_block(recording.content.read())
    frames = stored if samples is None else samples.feed(stored)
    for at in range(0, len(frames), _AT_ONCE):
        yield decoder.decode_many(frames[at : at + _AT_ONCE])
    yield decoder.flush()

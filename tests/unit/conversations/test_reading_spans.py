"""A span of stored audio sounds as if it had been decoded with all that came before."""

from collections.abc import Callable

import pytest

from common.conversations.transcribe_span import read_audio
from common.database import audio_blocks
from common.models.events import TranscribeSpan
from common.speech.blocks import encode_block
from common.speech.codecs import frame_decoder
from tests.support.coding import aac_units, lc3_frames, tone
from tests.support.making import a_block

_SPAN = TranscribeSpan(uid="u", conversation_id="c1", run=1, session_id="s", start_ms=0, end_ms=1)
Coder = Callable[[bytes], list[bytes]]


def _at_44100_hz(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + 1764] for at in range(0, len(pcm), 1764)]


@pytest.mark.parametrize(
    ("codec", "rate", "coded"),
    [("pcm16", 44_100, _at_44100_hz), ("aac", 16_000, aac_units), ("lc3", 16_000, lc3_frames)],
)
@pytest.mark.parametrize(("start", "end"), [(0.0, 3.84), (0.96, 2.88), (1.3, 3.5)])
def test_borders_of_blocks_are_not_heard(
    monkeypatch: pytest.MonkeyPatch, codec: str, rate: int, coded: Coder, start: float, end: float
) -> None:
    frames = coded(tone(4.0, rate=rate))
    decoder = frame_decoder(codec, rate)
    whole = memoryview(decoder.decode_many(frames) + decoder.flush()).cast("h")
    per_block = round(0.96 / decoder.frame_seconds(frames[0]))
    held = {str(number): encode_block(frames[per_block * number :][:per_block]) for number in range(4)}
    blocks = [
        a_block(number * 0.96, (number + 1) * 0.96, name=str(number), codec=codec, sample_rate=rate)
        for number in range(4)
    ]
    monkeypatch.setattr(audio_blocks, "list_blocks", lambda **_: blocks)
    monkeypatch.setattr(audio_blocks, "read", lambda block: held[block.name])
    read = memoryview(read_audio(_SPAN, start=start, end=end)).cast("h")
    assert len(read) == round((end - start) * 16_000)
    settled = len(read) - 400  # the last block ends where the whole goes on
    expected = whole[round(start * 16_000) :][:settled]
    assert max(abs(one - other) for one, other in zip(read[:settled], expected, strict=True)) <= 150


def test_what_is_missing_between_blocks_is_silence_and_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loud = encode_block([(4000).to_bytes(2, "little") * 16_000])
    monkeypatch.setattr(audio_blocks, "list_blocks", lambda **_: [a_block(1, 2), a_block(2, 3), a_block(4, 5)])
    monkeypatch.setattr(audio_blocks, "read", lambda block: loud if block.start != 2 else loud[:8])
    pcm = memoryview(read_audio(_SPAN, start=0.5, end=5.0)).cast("h")
    assert [pcm[round(second * 16_000)] for second in (0.2, 1.0, 1.8, 2.9, 3.6)] == [0, 4000, 0, 0, 4000]

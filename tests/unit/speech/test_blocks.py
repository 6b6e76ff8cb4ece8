import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.speech.blocks import decode_block, encode_block


@settings(deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=40))
def test_a_block_gives_back_the_frames_it_was_made_of(frames: list[bytes]) -> None:
    assert decode_block(encode_block(frames)) == frames


def test_the_layout_is_length_then_frame() -> None:
    assert encode_block([b"abc", b""]) == b"\x03\x00\x00\x00abc\x00\x00\x00\x00"


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=10), st.data())
def test_a_block_cut_anywhere_gives_its_whole_frames(frames: list[bytes], data: st.DataObject) -> None:
    block = encode_block(frames)
    cut = data.draw(st.integers(0, len(block) - 1))
    whole = decode_block(block[:cut])
    assert whole == frames[: len(whole)]
    assert len(encode_block(whole)) <= cut < len(encode_block(frames[: len(whole) + 1]))


def test_a_cut_block_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert decode_block(encode_block([b"abc"]) + b"\xff\xff\xff\xff12") == [b"abc"]
    assert '"message": "audio_block_truncated"' in (printed := capsys.readouterr().out)
    assert '"bytes_left_out": 6' in printed

"""Marks stand for the same frames wherever they lie, and for few of them."""

from hashlib import sha512

import pytest

from common.speech.marks import mark_of, marks_of, read_marks


def _frame(number: int) -> bytes:
    return sha512(b"%d" % number).digest()


FRAMES = [_frame(number) for number in range(3000)]


def test_one_of_sixteen_frames_is_marked_where_it_lies() -> None:
    marks = read_marks(marks_of(FRAMES, length_s=60))
    assert len(marks) == pytest.approx(3000 / 16, rel=0.3)
    there = [(number, mark) for number in range(3000) if (mark := mark_of(FRAMES[number])) is not None]
    assert [(round(at * 50), mark) for at, mark in marks] == there


def test_the_same_frames_have_the_same_marks_wherever_a_block_begins() -> None:
    early, late = (read_marks(marks_of(FRAMES[at:250], length_s=(250 - at) / 50)) for at in (0, 100))
    assert [mark for at, mark in early if at >= 2] == [mark for _, mark in late]
    assert late


@pytest.mark.parametrize(
    ("frames", "length_s"),
    [([], 0.0), (FRAMES, 66.0), ([_frame(number) for number in range(30_000)], 60.0)],
    ids=["nothing", "too long", "too many"],
)
def test_of_what_does_not_fit_there_are_none(frames: list[bytes], length_s: float) -> None:
    assert marks_of(frames, length_s=length_s) == ""


def test_they_fit_the_metadata_of_an_object() -> None:
    assert len(marks_of([_frame(number) for number in range(9_000)], length_s=60)) < 6_000


@pytest.mark.parametrize("text", ["", "%%%", "QUJD", "QUJDREVGRw==" + "é"])
def test_what_are_no_marks_are_none(text: str) -> None:
    assert read_marks(text) == []

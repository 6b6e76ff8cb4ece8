"""Markers of citations, taken out of words as they come."""

import pytest

from common.chat.citing import Citing

NUMBERED = [f"c{number}" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "clean", "cited"),
    [
        ("It was so [1].", "It was so.", ("c1",)),
        ("First [2], then[1] and [2] again.", "First, then and again.", ("c2", "c1")),
        ("Both [1, 3][12].", "Both.", ("c1", "c3", "c12")),
        ("None of [99] or [0].", "None of or.", ()),
        ("A [link](https://example.com) and [1](https://x.y) stay.", None, ()),
        ("Lists [a], [] and [ ] stay, so does [1", None, ()),
        ("[1]", "", ("c1",)),
        ("", "", ()),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_markers_go_and_words_stay_however_they_are_torn(
    text: str, clean: str | None, cited: tuple[str, ...], size: int
) -> None:
    citing = Citing()
    said = "".join(citing.feed(text[at : at + size]) for at in range(0, len(text), size)) + citing.rest()
    assert said == (text if clean is None else clean)
    assert citing.cited(NUMBERED) == cited


def test_words_that_can_be_no_marker_are_not_held_back() -> None:
    citing = Citing()
    assert citing.feed("word [x") == "word [x"
    assert citing.feed(" [1") == ""
    assert citing.feed("] next") == " next"

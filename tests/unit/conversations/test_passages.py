"""A long text in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.conversations.passages import LONGEST, split_text


@given(st.text(alphabet=st.sampled_from(" \n.!?abc\u3002"), max_size=4000))
def test_every_word_comes_once_in_order_and_no_piece_is_blank_or_too_long(text: str) -> None:
    pieces = list(split_text(text))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() and len(piece) <= LONGEST for piece in pieces)


def test_paragraphs_are_pieces_of_their_own() -> None:
    assert list(split_text("One. Two.\n\nThree.\n \nFour")) == ["One. Two.", "Three.", "Four"]


def test_a_piece_ends_with_a_sentence() -> None:
    sentence = "x" * 400 + "."
    assert [len(piece) for piece in split_text(" ".join([sentence] * 5))] == [803, 803, 401]


@pytest.mark.parametrize(("text", "lengths"), [("y" * 2500, [1000, 1000, 500]), ("z " * 600, [999, 199])])
def test_what_has_no_sentences_is_cut_at_words_or_anywhere(text: str, lengths: list[int]) -> None:
    assert [len(piece) for piece in split_text(text)] == lengths

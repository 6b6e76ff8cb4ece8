"""A title names what the talk is about, in words that stand alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.llm.extractive.titles import title_of
from common.llm.ports import Embedder
from common.llm.words import STOP_WORDS, words


def _title(embedder: Embedder, *said: str) -> str:
    def embed(texts: list[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        return np.asarray(embedder.embed(texts, purpose="document"), dtype=np.float64)

    topic = embed(list(said)).mean(axis=0)
    return title_of(said, topic / np.linalg.norm(topic), embed)


def test_what_is_said_most_is_the_title(embedder: Embedder) -> None:
    title = _title(
        embedder,
        "the movers sent a quote",
        "that quote of the movers is insane",
        "i'll ask the movers for a second quote by friday",
    )
    assert "Movers" in title
    assert "Quote" in title


def test_no_word_stands_twice(embedder: Embedder) -> None:
    title = _title(embedder, "the the budget is tight", "our budget for the trip", "the trip costs our whole budget")
    said = [word.lower() for word in words(title)]
    assert said.count("budget") == 1


def test_of_small_talk_there_is_what_little_was_said(embedder: Embedder) -> None:
    assert _title(embedder, "hello", "yes hello") == "Hello Yes"


@given(st.lists(st.text(alphabet="abcdefg '", max_size=30), min_size=1, max_size=6))
def test_whatever_is_said_it_has_a_title_within_bounds(said: list[str]) -> None:
    title = title_of(said, np.ones(2) / np.sqrt(2), lambda texts: np.ones((len(texts), 2)) / np.sqrt(2))
    assert title
    assert len(title.split()) <= 10


@pytest.mark.parametrize(
    "said", ["we should of course take the bus", "and then i said no to the to the landlord of the"]
)
def test_neither_end_leads_on(embedder: Embedder, said: str) -> None:
    title = _title(embedder, said).lower().split()
    assert title[0] not in STOP_WORDS
    assert title[-1] not in STOP_WORDS

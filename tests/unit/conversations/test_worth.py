"""How much a passage tells."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.conversations.worth import ASKING, worth


@pytest.mark.parametrize(
    ("asks", "tells"),
    [
        ("What did you do in Vik last winter?", "We rode horses in Vik last winter."),
        ("Hast du es der Polizei gemeldet?\nWirklich?", "Ich habe es der Polizei gemeldet.\nWirklich."),
        ("¿Qué pintas en Oporto estos meses?", "Pinto azulejos en Oporto estos meses."),
        ('He asked: "Will you come to us?"', 'He said: "I will come to us."'),
        ("你明天几点去车站？", "我明天九点去车站。"),
        ("أين ذهبت في الصيف؟", "ذهبت إلى البحر."),
    ],
)
def test_what_only_asks_is_worth_less_than_what_tells(asks: str, tells: str) -> None:
    assert worth(asks) < worth(tells) - ASKING / 2


def test_what_asks_in_passing_loses_little() -> None:
    tells = "I sold the old racing bike for 350 last week and I am glad."
    assert worth(tells) > worth(f"{tells} And you?") > worth(tells) - ASKING / 4


def test_longer_turns_tell_more_to_a_limit() -> None:
    lengths = [worth("word " * count) for count in (3, 10, 40, 80)]
    assert lengths[0] < lengths[1] == 0 < lengths[2] == lengths[3]


@given(st.text())
def test_whatever_is_said_is_worth_something_small(text: str) -> None:
    assert abs(worth(text)) < 0.5

"""What an answer from a stranger comes to."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.apps.answers import LONGEST_MESSAGE, read_answer

PERSIAN_AND_A_FAMILY = "\u0645\u06cc\u200c\u062e\u0648\u0631\u0645 \U0001f469\u200d\U0001f467 10\u00a0km"


def _said(answer: object) -> str:
    return read_answer(json.dumps(answer).encode()).said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"message": "Drink some water"}, "Drink some water"),
        ({"message": "  Drink\nwater\t"}, "Drink\nwater"),
        ({"message": "12345"}, ""),
        ({"message": "123456"}, "123456"),
        ({"message": "     1      "}, ""),
        ({"message": ""}, ""),
        ({"message": None}, ""),
        ({"message": 1234567}, ""),
        ({"message": ["no", "text"]}, ""),
        ({"message": "<b>Bold</b> <script src=x>alert(1)</script>"}, "Bold alert(1)"),
        ({"message": "3 < 4 and 5 > 4"}, "3 < 4 and 5 > 4"),
        ({"message": "ring\x07\x1b[31m the bell\u202e"}, "ring[31m the bell"),
        ({"message": "<scr<b>ipt>alert(1)</scr</b>ipt>"}, "alert(1)"),
        ({"message": "<\u200bscript\u202e>alert(1)</\x00script>"}, "alert(1)"),
        ({"message": "<<a <b>> three << four"}, "< three << four"),
        ({"message": PERSIAN_AND_A_FAMILY}, PERSIAN_AND_A_FAMILY),
        ({"message": "new \U0001fae8 here"}, "new \U0001fae8 here"),
        ({"message": "hidden\U000e0041\U000e0042\ufeff words"}, "hidden words"),
        ({"message": "x" * 20_000}, "x" * LONGEST_MESSAGE),
        ({"other": "thing"}, ""),
        ([{"message": "in a list"}], ""),
        ("a mere text", ""),
        (None, ""),
    ],
)
def test_only_a_text_of_some_length_is_said_and_only_as_text(answer: object, said: str) -> None:
    assert _said(answer) == said


@pytest.mark.parametrize("body", [b"", b"OK", b"\xff\xfe", b'{"message": "\\ud800 lonely"}', b"[" * 100_000, b"<html>"])
def test_what_is_no_json_says_nothing(body: bytes) -> None:
    assert read_answer(body).said == ""


@given(st.binary(max_size=200))
def test_no_answer_does_any_harm(body: bytes) -> None:
    assert read_answer(body).said == "" or len(read_answer(body).said) > 5

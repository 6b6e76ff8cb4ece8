"""What is quoted ends as a sentence of its script does."""

import pytest

from common.llm.sentences import closed


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("We go", "We go."),
        ("We go,", "We go."),
        ("We go?", "We go?"),
        ("明日旅館を予約する", "明日旅館を予約する。"),
        ("明日旅館を予約する。", "明日旅館を予約する。"),
        ("「行きます。」", "「行きます。」"),
        ("किराया दे दिया", "किराया दे दिया।"),
        ('He said "go."', 'He said "go."'),
    ],
)
def test_one_end_and_no_other(said: str, shown: str) -> None:
    assert closed(said) == shown

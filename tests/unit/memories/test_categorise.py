"""Which category a fact gets that came without one."""

import pytest

from common.memories.categorise import categorise


@pytest.mark.parametrize(
    ("content", "category"),
    [
        ("Is allergic to peanuts", "health"),
        ("Ann's brother lives in Porto with his wife", "relationships"),
        ("Manages the budget of the Lisbon project", "work"),
        ("Prefers tea", "preferences"),
        ("Was born in Lisbon", "personal"),
        ("The password of the printer is on its back", "system"),
        ("", "system"),
        ("WORK!", "work"),
        ("working on it", "system"),
    ],
)
def test_its_words_speak_for_it(content: str, category: str) -> None:
    assert categorise(content) == category


def test_most_words_win_and_of_as_many_the_earlier_category() -> None:
    assert categorise("likes the office, the team and the boss") == "work"
    assert categorise("likes the doctor") == "health"

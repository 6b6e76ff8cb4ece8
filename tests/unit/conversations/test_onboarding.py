"""What is asked of a new user, and what counts as an answer."""

from collections.abc import Sequence

import pytest

from common.conversations import onboarding
from common.conversations.onboarding import QUESTIONS, is_answer, questions_in
from common.core.errors import ProviderError
from common.llm.ports import Phrase


class Interpreter:
    """Translates by saying which language it was asked for; leaves one phrase out."""

    name = "interpreter"

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails

    def translate(self, phrases: Sequence[Phrase], *, to: str) -> dict[str, str]:
        if self._fails:
            raise ProviderError("away")
        return {phrase.id: f"{to}: {phrase.text}" for phrase in phrases[1:]}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ann.", "en"),
        ("My name is Ann", "en"),
        ("Software engineer.", "en"),
        ("Um, I live in, uh, Lisbon.", "en"),
        ("Ich heiße Jürgen.", "de"),
        ("Me llamo Ana", "multi"),
        ("Меня зовут Анна", "ru"),
        ("私の名前は健太です", "ja"),
    ],
)
def test_what_says_something_is_an_answer(text: str, language: str) -> None:
    assert is_answer(text, language)


@pytest.mark.parametrize(
    ("text", "language"), [("", "en"), ("Um.", "en"), ("Okay, thank you.", "en"), ("Hallo", "de"), ("...", "multi")]
)
def test_a_greeting_a_filler_and_a_breath_are_none(text: str, language: str) -> None:
    assert not is_answer(text, language)


@pytest.mark.parametrize("language", ["en", "en-GB", "multi"])
def test_questions_are_in_english_where_that_is_spoken_or_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(onboarding, "translator", Interpreter)
    assert questions_in(language) == QUESTIONS


def test_elsewhere_they_are_translated_as_far_as_somebody_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboarding, "translator", Interpreter)
    assert questions_in("de") == (QUESTIONS[0], *(f"de: {question}" for question in QUESTIONS[1:]))
    monkeypatch.setattr(onboarding, "translator", lambda: Interpreter(fails=True))
    assert questions_in("de") == QUESTIONS
    monkeypatch.setattr(onboarding, "translator", lambda: None)
    assert questions_in("de") == QUESTIONS

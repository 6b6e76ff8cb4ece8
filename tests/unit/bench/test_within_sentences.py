"""What `bench.quality` counts as near: a sentence of the user's, alone, with the one before it, and with their own."""

from datetime import UTC, datetime

from bench.quality import with_what_precedes
from common.llm.ports import Dialogue, Turn


def test_a_question_and_the_users_own_last_sentence_count_and_what_others_say_alone_does_not() -> None:
    said = [("User", "I have a sister."), ("Bo", "Where is she?"), ("User", "In Porto."), ("Bo", "Nice.")]
    turns = tuple(
        Turn(speaker=who, text=text, is_user=who == "User", start=float(at), end=at + 1.0)
        for at, (who, text) in enumerate(said)
    )
    dialogue = Dialogue(turns=turns, started_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC), language="en")
    assert with_what_precedes(dialogue) == [
        "I have a sister.",
        "In Porto.",
        "Where is she? In Porto.",
        "I have a sister. In Porto.",
    ]

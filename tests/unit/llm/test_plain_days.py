"""A day without a language model: what is said of it was understood before."""

from typing import Any

from common.llm.plain_days import ExtractiveDaySummarizer, cut
from common.llm.ports import Day, Episode, LookBack, Remark


def _episode(number: int = 1, **fields: Any) -> Episode:
    known: dict[str, Any] = {
        "conversation_id": f"c{number}",
        "began": f"{8 + number:02}:30",
        "minutes": 10 * number,
        "title": f"Talk {number}",
        "overview": f"Point {number} was made. More was said.",
        "emoji": "🧠",
        "category": "work",
    }
    return Episode(**{**known, **fields})


def _back(*episodes: Episode) -> LookBack:
    return ExtractiveDaySummarizer().look_back(Day(episodes=episodes, language=None))


def test_one_conversation_is_the_day() -> None:
    back = _back(_episode(emoji="🚀"))
    assert (back.headline, back.emoji) == ("Talk 1", "🚀")
    assert back.overview == "One conversation, 10 min. 09:30 Talk 1: Point 1 was made."


def test_the_longest_stand_for_many() -> None:
    back = _back(*(_episode(number) for number in range(1, 9)))
    assert back.headline == "Talk 8, and 7 more"
    assert back.overview.startswith("8 conversations, 6 h 0 min in all, mostly work. 16:30 Talk 8: Point 8 was made.")
    assert [topic.conversation_ids for topic in back.topics] == [(f"c{number}",) for number in (8, 7, 6, 5, 4)]


def test_what_was_asked_and_decided_is_cited() -> None:
    back = _back(
        _episode(1, overview="Who pays for the flat? The landlord was called."),
        _episode(2, overview="They agreed to meet on Monday. 誰が払う？"),  # noqa: RUF001 - a full-width mark
    )
    assert back.questions == (Remark("Who pays for the flat?", "c1"), Remark("誰が払う？", "c2"))  # noqa: RUF001
    assert back.decisions == (Remark("They agreed to meet on Monday.", "c2"),)
    assert back.insights == ()


def test_what_nobody_has_understood_is_still_a_day() -> None:
    back = _back(_episode(title="", overview="", emoji="", category="other"), _episode(2, title="", overview=""))
    assert back.headline == "A conversation, and 1 more"
    assert back.overview == "2 conversations, 30 min in all. 10:30 A conversation. 09:30 A conversation."
    assert back.emoji


def test_a_text_is_cut_at_a_word() -> None:
    assert cut("one two\n three", 13) == "one two three"
    assert cut("one two three", 10) == "one two…"
    assert cut("x" * 50, 10) == "xxxxxxxxx…"


def test_a_sentence_ends_as_its_script_ends_one() -> None:
    assert _back(_episode(overview="旅館を予約する。")).overview.endswith("旅館を予約する。")
    assert _back(_episode(overview="किराया दे दिया।")).overview.endswith("दिया।")

"""Which conversations make a day, and what of it is counted rather than told."""

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from common.conversations.days import as_day, as_summary, of_the_day
from common.llm.ports import LookBack, Remark, Topic
from tests.support.making import NOON, a_conversation, at

TOKYO = ZoneInfo("Asia/Tokyo")


def _done(number: int, **fields: Any) -> Any:
    return a_conversation(
        id=f"c{number}",
        status="completed",
        started_at=at(600 * number),
        finished_at=at(600 * number + 300),
        structured={"title": f"T{number}", "overview": "O", "action_items": [{"description": f"Do {number}"}]},
        **fields,
    )


@pytest.mark.parametrize(
    "fields",
    [{"discarded": True}, {"is_locked": True}, {"deleted": True}, {"status": "processing"}, {"status": "failed"}],
)
def test_only_what_is_done_and_kept_makes_a_day(fields: dict[str, Any]) -> None:
    other = _done(2).model_copy(update=a_conversation(**fields).model_dump(include=set(fields)) | {"id": "c2"})
    other = other.model_copy(update={"status": a_conversation(**{"status": "completed", **fields}).status})
    assert [each.id for each in of_the_day([_done(3), other, _done(1)], without=())] == ["c1", "c3"]


def test_what_was_told_of_another_day_is_not_told_again() -> None:
    assert [each.id for each in of_the_day([_done(1), _done(2)], without={"c1"})] == ["c2"]


def test_it_is_shown_in_the_users_time_and_words() -> None:
    day = as_day([_done(1, user_title="Mine")], zone=TOKYO, language="ja")
    [episode] = day.episodes
    assert (episode.began, episode.minutes, episode.title, day.language) == ("21:10", 5, "Mine", "ja")


def test_figures_and_lists_are_of_the_conversations_and_not_of_a_model() -> None:
    back = LookBack(
        headline="H",
        overview="O",
        emoji="🚀",
        topics=(Topic("T", "🏠", "S", ("c1", "c2")),),
        questions=(Remark("Q?", "c1"),),
        decisions=(Remark("D", "c2"),),
        insights=(Remark("I", "c2"),),
    )
    place = {"latitude": 1.0, "longitude": 2.0, "address": "Here"}
    found = [_done(1), _done(2, geolocation=place)]
    summary = as_summary(back, found, day=date(2026, 5, 4), zone=UTC, now=NOON)
    assert (summary.id, summary.date, summary.headline, summary.day_emoji) == ("2026-05-04", "2026-05-04", "H", "🚀")
    assert summary.stats.model_dump() == {
        "total_conversations": 2,
        "total_duration_minutes": 10,
        "action_items_count": 2,
    }
    assert [task.source_conversation_id for task in summary.action_items] == ["c1", "c2"]
    assert [(each.address, each.time, each.conversation_id) for each in summary.locations] == [("Here", "12:20", "c2")]
    assert summary.highlights[0].conversation_ids == ["c1", "c2"]
    assert summary.unresolved_questions[0].conversation_id == "c1"
    assert summary.conversation_ids == ["c1", "c2"]

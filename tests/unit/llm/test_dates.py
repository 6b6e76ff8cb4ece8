"""Days and times are resolved from what was said, when, and where; what isn't certain isn't a date."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from common.llm.dates import find_moment
from common.llm.numbers import digits

THURSDAY = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("September Twenty Sixth", "september 26th"),
        ("at ten thirty", "at 10 30"),
        ("at nine oh five", "at 9 oh 5"),
        ("twenty twenty six", "20 26"),
        ("twenty-one", "21"),
        ("the thirtieth", "the 30th"),
        ("someone often", "someone often"),
    ],
)
def test_spelled_numbers_become_digits(spoken: str, written: str) -> None:
    assert digits(spoken) == written


@pytest.mark.parametrize(
    ("text", "expected", "timed"),
    [
        ("the launch is on September twenty sixth at ten in the morning", "2025-09-26 10:00", True),
        ("on October 3rd at two thirty pm", "2025-10-03 14:30", True),
        ("on the 3rd of October", "2025-10-03 23:59", False),
        ("it was founded on march second 2027", "2027-03-02 23:59", False),
        ("see you on january fifth", "2026-01-05 23:59", False),
        ("pay by the thirtieth", "2025-09-30 23:59", False),
        ("pay by the 5th", "2025-10-05 23:59", False),
        ("the plumber comes Thursday the second", "2025-10-02 23:59", False),
        ("tomorrow at half past three", "2025-09-19 15:30", True),
        ("tomorrow at quarter to nine", "2025-09-19 08:45", True),
        ("due 2025-12-24", "2025-12-24 23:59", False),
        ("tomorrow morning", "2025-09-19 09:00", True),
        ("tomorrow at noon", "2025-09-19 12:00", True),
        ("tomorrow afternoon", "2025-09-19 14:00", True),
        ("tomorrow evening", "2025-09-19 18:00", True),
        ("tomorrow at seven", "2025-09-19 19:00", True),
        ("tomorrow at seven in the morning", "2025-09-19 07:00", True),
        ("tomorrow at 8:15 a.m.", "2025-09-19 08:15", True),
        ("tomorrow at twelve thirty", "2025-09-19 12:30", True),
        ("tomorrow at twelve am", "2025-09-19 00:00", True),
        ("the day after tomorrow", "2025-09-20 23:59", False),
        ("today", "2025-09-18 23:59", False),
        ("by end of day tomorrow", "2025-09-19 23:59", False),
        ("by end of day", "2025-09-18 23:59", False),
        ("tonight", "2025-09-18 18:00", True),
        ("on Friday", "2025-09-19 23:59", False),
        ("by Thursday", "2025-09-25 23:59", False),
        ("next Friday", "2025-09-26 23:59", False),
        ("next Monday at nine", "2025-09-22 09:00", True),
        ("this weekend", "2025-09-20 23:59", False),
        ("next week", "2025-09-22 23:59", False),
        ("by the end of the week", "2025-09-19 23:59", False),
        ("before the end of the month", "2025-09-30 23:59", False),
        ("in three days", "2025-09-21 23:59", False),
        ("in two weeks", "2025-10-02 23:59", False),
        ("a week from now", "2025-09-25 23:59", False),
        ("in an hour", "2025-09-18 11:00", True),
        ("in half an hour", "2025-09-18 10:30", True),
        ("within ninety minutes", "2025-09-18 11:30", True),
        ("at five pm", "2025-09-18 17:00", True),
    ],
)
def test_what_is_said_is_resolved(text: str, expected: str, timed: bool) -> None:  # noqa: FBT001 - a parameter
    moment = find_moment(text, THURSDAY)
    assert moment is not None
    assert (moment.at.strftime("%Y-%m-%d %H:%M"), moment.timed) == (expected, timed)


@pytest.mark.parametrize(
    "text",
    [
        "we may march on",
        "last Friday",
        "every monday",
        "this morning at nine",
        "at nine",
        "it costs $9 a month",
        "at two percent",
        "at two people",
        "february thirtieth",
        "about three weeks",
        "wait a second",
        "good morning",
        "yesterday at five",
        "",
        "in 999 weeks or 99999999 days",
    ],
)
def test_what_is_past_or_no_date_is_not(text: str) -> None:
    found = find_moment(text, THURSDAY)
    assert found is None or found.at.year > 2040


def test_hours_are_the_speakers_own() -> None:
    began = THURSDAY.astimezone(ZoneInfo("America/New_York"))
    moment = find_moment("tomorrow at nine", began)
    assert moment is not None
    assert moment.at.astimezone(UTC) == datetime(2025, 9, 19, 13, 0, tzinfo=UTC)


def test_an_hour_is_the_local_one_after_the_clocks_changed() -> None:
    began = datetime(2025, 10, 25, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    moment = find_moment("tomorrow at nine in the morning", began)
    assert moment is not None
    assert moment.at.astimezone(UTC) == datetime(2025, 10, 26, 8, 0, tzinfo=UTC)


def test_tonight_said_at_night_is_the_end_of_the_day() -> None:
    moment = find_moment("tonight", THURSDAY.replace(hour=21))
    assert moment is not None
    assert moment.at == THURSDAY.replace(hour=23, minute=59)

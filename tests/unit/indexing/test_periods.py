"""Times in questions: which are understood, as what, and which are rather not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.indexing.periods import asks_only_when, find_period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 15, 30, tzinfo=BERLIN)
"""A Thursday."""


def _found(question: str, now: datetime = NOW) -> tuple[str, str] | None:
    period = find_period(question, now)
    return None if period is None else (f"{period.since:%Y-%m-%d %H}", f"{period.until:%Y-%m-%d %H}")


def _day(day: str, hours: tuple[int, int] = (0, 23)) -> tuple[str, str]:
    return f"{day} {hours[0]:02}", f"{day} {hours[1]:02}"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did I promise yesterday?", _day("2026-11-25")),
        ("what did she say yesterday evening", _day("2026-11-25", (17, 23))),
        ("the day before yesterday", _day("2026-11-24")),
        ("What was today's plan?", _day("2026-11-26")),
        ("Who called this morning?", _day("2026-11-26", (5, 11))),
        ("last night", ("2026-11-25 18", "2026-11-26 04")),
        ("What did I do last Tuesday morning?", _day("2026-11-24", (5, 11))),
        ("on Tuesday", _day("2026-11-24")),
        ("on Thursday", _day("2026-11-26")),
        ("last Thursday", _day("2026-11-19")),
        ("Friday", _day("2026-11-20")),
        ("on 2026-05-04", _day("2026-05-04")),
        ("May 8, 2023", _day("2023-05-08")),
        ("the 8th of May, 2023", _day("2023-05-08")),
        ("on May 8th", _day("2026-05-08")),
        ("on December 24", _day("2025-12-24")),
        ("on February 29", _day("2024-02-29")),
        ("in March", ("2026-03-01 00", "2026-03-31 23")),
        ("in November", ("2026-11-01 00", "2026-11-30 23")),
        ("in December", ("2025-12-01 00", "2025-12-31 23")),
        ("last November", ("2025-11-01 00", "2025-11-30 23")),
        ("in February 2024", ("2024-02-01 00", "2024-02-29 23")),
        ("in 2026-02", ("2026-02-01 00", "2026-02-28 23")),
        ("in 2025", ("2025-01-01 00", "2025-12-31 23")),
        ("three days ago", _day("2026-11-23")),
        ("two weeks ago", ("2026-11-09 00", "2026-11-15 23")),
        ("3 months ago", ("2026-08-01 00", "2026-08-31 23")),
        ("a year ago", ("2025-11-01 00", "2025-11-30 23")),
        ("last week", ("2026-11-16 00", "2026-11-22 23")),
        ("this week", ("2026-11-23 00", "2026-11-26 23")),
        ("last month", ("2026-10-01 00", "2026-10-31 23")),
        ("last year", ("2025-01-01 00", "2025-12-31 23")),
        ("at the weekend", ("2026-11-21 00", "2026-11-22 23")),
        ("last weekend", ("2026-11-21 00", "2026-11-22 23")),
        ("in the last 3 days", ("2026-11-23 00", "2026-11-26 23")),
        ("over the past two weeks", ("2026-11-12 00", "2026-11-26 23")),
        ("since Monday", ("2026-11-23 00", "2026-11-26 15")),
        ("since March", ("2026-03-01 00", "2026-11-26 15")),
    ],
)
def test_english(question: str, expected: tuple[str, str]) -> None:
    assert _found(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Was habe ich gestern Abend gesagt?", _day("2026-11-25", (17, 23))),
        ("vorgestern", _day("2026-11-24")),
        ("Mit wem habe ich letzten Dienstag gesprochen?", _day("2026-11-24")),
        ("am Montag", _day("2026-11-23")),
        ("vor zwei Wochen", ("2026-11-09 00", "2026-11-15 23")),
        ("vor drei Tagen", _day("2026-11-23")),
        ("im März 2025", ("2025-03-01 00", "2025-03-31 23")),
        ("am 3.4.", _day("2026-04-03")),
        ("am 03.04.2025", _day("2025-04-03")),
        ("am 3. April", _day("2026-04-03")),
        ("letzte Woche", ("2026-11-16 00", "2026-11-22 23")),
        ("seit Montag", ("2026-11-23 00", "2026-11-26 15")),
        ("¿Qué dije ayer por la tarde?", _day("2026-11-25", (12, 17))),
        ("el martes pasado", _day("2026-11-24")),
        ("hace tres días", _day("2026-11-23")),
        ("la semana pasada", ("2026-11-16 00", "2026-11-22 23")),
        ("en marzo de 2025", ("2025-03-01 00", "2025-03-31 23")),
        ("el 3 de abril de 2025", _day("2025-04-03")),
        ("Qu'ai-je dit hier matin ?", _day("2026-11-25", (5, 11))),
        ("mardi dernier", _day("2026-11-24")),
        ("il y a deux semaines", ("2026-11-09 00", "2026-11-15 23")),
        ("le mois dernier", ("2026-10-01 00", "2026-10-31 23")),
        ("le 3 avril 2025", _day("2025-04-03")),
    ],
)
def test_german_spanish_and_french(question: str, expected: tuple[str, str]) -> None:
    assert _found(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "",
        "What may I eat?",
        "Did the march take place?",
        "Is Mars red?",
        "the flat near the station",
        "next Tuesday",
        "every Monday",
        "by Friday",
        "jeden Montag",
        "am nächsten Montag",
        "lundi prochain",
        "cada lunes",
        "on Tuesdays",
        "February 30",
        "2026-13-40",
        "in 2031",
        "at 7:30",
        "room 2025",
        "What year was it?",
        "How many days has it been?",
    ],
)
def test_what_is_not_said_for_certain_or_not_past_is_no_time(question: str) -> None:
    assert _found(question) is None


def test_a_day_is_the_users_day() -> None:
    late = datetime(2026, 11, 26, 4, 0, tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("America/Los_Angeles"))
    period = find_period("yesterday", late)
    assert period is not None
    assert period.since == datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("UTC"))


def test_a_day_on_which_clocks_change_is_a_whole_one() -> None:
    period = find_period("on 2026-10-25", NOW)
    assert period is not None
    utc = ZoneInfo("UTC")
    assert (period.until.astimezone(utc) - period.since.astimezone(utc)).total_seconds() > 24.9 * 3600


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Santiago", datetime(2026, 4, 4), 25),  # noqa: DTZ001 - given its zone
        ("America/Santiago", datetime(2026, 9, 6), 23),  # noqa: DTZ001
        ("Africa/Cairo", datetime(2026, 10, 29), 25),  # noqa: DTZ001
        ("Australia/Lord_Howe", datetime(2026, 4, 5), 24.5),  # noqa: DTZ001
        ("Asia/Kolkata", datetime(2026, 4, 5), 24),  # noqa: DTZ001
    ],
)
def test_so_is_one_whose_last_hour_comes_twice(zone: str, day: datetime, hours: float) -> None:
    asked = (day + timedelta(days=1, hours=12)).replace(tzinfo=ZoneInfo(zone))
    period = find_period("yesterday", asked)
    assert period is not None
    utc = ZoneInfo("UTC")
    length = period.until.astimezone(utc) - period.since.astimezone(utc)
    assert length == timedelta(hours=hours, microseconds=-1)


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What did Rosa say about the dog last Tuesday morning?", "What did Rosa say about the dog ?"),
        ("Since Monday, who has called?", ", who has called?"),
        ("yesterday?", "yesterday?"),
    ],
)
def test_what_else_is_asked(question: str, rest: str) -> None:
    period = find_period(question, NOW)
    assert period is not None
    assert period.without(question) == rest


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("What did we talk about ?", True),
        ("What happened?", True),
        ("Worüber haben wir gesprochen", True),
        ("What did Rosa say?", False),
        ("the dog", False),
    ],
)
def test_whether_nothing_but_a_time_is_asked_for(question: str, only: bool) -> None:  # noqa: FBT001 - an expectation
    assert asks_only_when(question) is only


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789 .-aehilmnorstuvy\u0130ß", max_size=40))
def test_no_question_breaks_it_and_no_period_is_empty_or_begins_in_the_future(question: str) -> None:
    period = find_period(question, NOW)
    if period is not None:
        assert period.since <= period.until
        assert period.since.date() <= NOW.date()
        assert period.without(question)


@pytest.mark.parametrize(
    ("question", "any_year"),
    [
        ("Where did we eat in May?", True),
        ("am 3. März", True),
        ("what did she say on June 4th", True),
        ("in May 2023", False),
        ("on 8 May, 2023", False),
        ("since May", False),
        ("last Tuesday", False),
        ("yesterday", False),
    ],
)
def test_what_names_no_year_may_mean_an_earlier_one(question: str, any_year: bool) -> None:  # noqa: FBT001 - a parameter
    period = find_period(question, NOW)
    assert period is not None
    assert period.any_year is any_year


def test_a_year_before_february_has_another_end() -> None:
    period = find_period("in February 2024", NOW)
    assert period is not None
    earlier = period.years_before(1)
    assert (f"{earlier.since:%Y-%m-%d}", f"{earlier.until:%Y-%m-%d}") == ("2023-02-01", "2023-02-28")

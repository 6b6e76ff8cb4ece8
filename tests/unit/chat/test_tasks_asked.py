"""Questions for the user's list, understood without a model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from common.chat.tasks_asked import asks_for_tasks, wanted_tasks
from common.database.action_items import Filters

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=BERLIN)  # a Monday


@pytest.mark.parametrize(
    "question",
    [
        "What are my tasks for tomorrow?",
        "show my open to-dos",
        "Do I have any reminders?",
        "What do I have to do on Friday?",
        "Welche Aufgaben habe ich?",
        "Was sind meine offenen Aufgaben?",
        "Was muss ich morgen noch erledigen?",
        "¿Cuáles son mis tareas pendientes?",
        "¿Qué tengo que hacer mañana?",
        "Quelles sont mes tâches ?",
        "Que dois-je faire demain ?",
        "How many tasks do I have?",
    ],
)
def test_questions_for_the_list_are_known(question: str) -> None:
    assert asks_for_tasks(question)


@pytest.mark.parametrize("question", ["What did Ada say about the task?", "How are you?", "the multitasking talk", ""])
def test_other_questions_are_not(question: str) -> None:
    assert not asks_for_tasks(question)


def _day(day: int, until: int | None = None) -> Filters:
    first = datetime(2026, 5, day, tzinfo=BERLIN)
    last = datetime(2026, 5, until or day, 23, 59, 59, 999999, tzinfo=BERLIN)
    return Filters(completed=False, due_from=first, due_until=last)


def _until(day: int) -> Filters:
    return replace(_day(day), due_from=None)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What are my tasks?", Filters(completed=False)),
        ("Which tasks are done?", Filters(completed=True)),
        ("What are my tasks for today?", _day(4)),
        ("What are my tasks for tomorrow?", _day(5)),
        ("What do I have to do on Friday?", _day(8)),
        ("my tasks for next week", _day(11, 17)),
        ("my tasks for this week", _day(4, 10)),
        ("What do I have to do by Friday?", _until(8)),
        ("my tasks before Friday", _until(7)),
        ("my tasks until the end of the week", _until(8)),
        ("my tasks for the end of this week", _day(8)),
        ("Was muss ich morgen tun?", _day(5)),
        ("mis tareas de esta semana", _day(4, 10)),
        ("Que dois-je faire vendredi ?", _day(8)),
        ("my overdue tasks", Filters(completed=False, due_until=NOW)),
    ],
)
def test_days_are_those_of_the_users_calendar(question: str, wanted: Filters) -> None:
    assert wanted_tasks(question, NOW) == wanted


def test_a_day_is_asked_for_until_its_last_instant() -> None:
    late = NOW.replace(hour=23, minute=59, second=59)
    assert wanted_tasks("What are my tasks for today?", late) == _day(4)


@pytest.mark.parametrize(("day", "hours"), [(25, 25), (24, 24)])
def test_a_day_on_which_clocks_change_is_a_whole_one(day: int, hours: int) -> None:
    wanted = wanted_tasks("my tasks for today", datetime(2026, 10, day, 12, tzinfo=BERLIN))
    assert wanted.due_from is not None
    assert wanted.due_until is not None
    length = wanted.due_until.astimezone(UTC) - wanted.due_from.astimezone(UTC)
    assert length == timedelta(hours=hours, microseconds=-1)

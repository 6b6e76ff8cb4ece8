"""From a conversation to the evening: expected once, called when it is due, summed up once, told everywhere."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.chat import day_summaries
from common.chat.day_summaries import summarize_day
from common.conversations import sweep as sweeping
from common.conversations.finished import note_completed
from common.conversations.inheriting import inherit
from common.conversations.purge import purge_conversation
from common.core import clock
from common.core.errors import LeaseHeldError, ProviderError
from common.core.ids import derived_id
from common.database import (
    conversations,
    daily_summaries,
    day_ends,
    messages,
    notifications,
    users,
)
from common.database.account_deletions import DELETIONS
from common.database.messages import Chat
from common.llm.plain_days import ExtractiveDaySummarizer
from common.llm.ports import Day, LookBack
from common.models.account_deletion import AccountDeletion
from common.models.chat import MessageType
from common.models.daily_summary import DailySummary
from common.models.events import ConversationCompleted, SummarizeDay
from common.users import evenings
from common.users.evenings import call_evenings, move_evening
from tests.support.making import a_conversation, a_segment
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")
HOUR = timedelta(hours=1)


class Model:
    """A language model that says what it is told to."""

    name = "model"

    def __init__(self) -> None:
        self.days: list[Day] = []
        self.failures: list[ProviderError] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def look_back(self, day: Day) -> LookBack:
        """The day in one word."""
        self.days.append(day)
        self.meanwhile()
        if self.failures:
            raise self.failures.pop()
        return LookBack(headline="Busy", overview="You were busy.", emoji="🐝")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr(day_summaries, "day_summarizer", lambda: made)
    return made


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_summaries, "day_summarizer", ExtractiveDaySummarizer)


@pytest.fixture
def tasks_of(stores: Stores) -> Callable[[str], list[SummarizeDay]]:
    """Tasks that sum up a user's days."""

    def tasks_of(uid: str) -> list[SummarizeDay]:
        bodies = [request.content for request in stores.tasks.received if b'"evening"' in request.content]
        waiting = [task.http_request.body for task in stores.waiting_tasks() if b'"evening"' in task.http_request.body]
        found = [SummarizeDay.model_validate_json(body) for body in [*bodies, *waiting]]
        return [task for task in found if task.uid == uid]

    return tasks_of


def _say(
    uid: str, conversation_id: str = "c1", *, minutes: float = 10, ended: timedelta = timedelta(), **fields: Any
) -> ConversationCompleted:
    finished = clock.now() - ended
    known: dict[str, Any] = {
        "id": conversation_id,
        "status": "completed",
        "started_at": finished - timedelta(minutes=minutes),
        "finished_at": finished,
        "structured": {"title": f"Talk {conversation_id}", "overview": "It was decided to paint the house."},
    }
    conversations.create(a_conversation(**{**known, **fields}), uid=uid)
    return ConversationCompleted(uid=uid, conversation_id=conversation_id, run=1)


def _evening_comes(uid: str) -> SummarizeDay:
    """What was expected is due a moment ago."""
    end = day_ends.find(uid=uid)
    assert end is not None
    at = clock.now() - timedelta(seconds=1)
    day_ends.of(uid=uid).put(end.model_copy(update={"at": at, "look_at": at}))
    return SummarizeDay(uid=uid, evening=at)


def _told(uid: str, kind: str) -> list[Any]:
    store = notifications.of(uid=uid)
    return [each for each in store.stream(store.collection.limit(50)) if each.kind == kind]


class TestWhatACompletedConversationMeans:
    """An evening, and news if it was long."""

    def test_the_evening_is_expected_at_the_users_hour(self, uid: str) -> None:
        users.change(uid=uid, time_zone="Asia/Tokyo", daily_summary_hour_local=21)
        assert note_completed(_say(uid)) == "noted"
        end = day_ends.find(uid=uid)
        assert end is not None
        assert clock.now() < end.at <= clock.now() + 24 * HOUR
        assert end.at.hour == 12
        assert end.look_at == end.at

    def test_a_second_conversation_changes_nothing(self, uid: str) -> None:
        note_completed(_say(uid))
        first = day_ends.find(uid=uid)
        note_completed(_say(uid, "c2"))
        assert day_ends.find(uid=uid) == first

    @pytest.mark.parametrize(
        "fields",
        [{"discarded": True}, {"is_locked": True}, {"ended": timedelta(days=2)}],
        ids=lambda each: next(iter(each)),
    )
    def test_what_is_no_news_is_not_waited_for(self, uid: str, fields: dict[str, Any]) -> None:
        assert note_completed(_say(uid, minutes=45, **fields)) == "no news"
        assert day_ends.find(uid=uid) is None
        assert _told(uid, "important_conversation") == []

    def test_whoever_wants_no_summary_is_not_waited_for(self, uid: str) -> None:
        users.change(uid=uid, daily_summary_enabled=False)
        note_completed(_say(uid))
        assert day_ends.find(uid=uid) is None

    def test_a_deleted_conversation_and_a_user_who_leaves_mean_nothing(self, uid: str) -> None:
        assert note_completed(ConversationCompleted(uid=uid, conversation_id="gone", run=1)) == "no news"
        event = _say(uid, minutes=45)
        DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
        assert note_completed(event) == "no news"
        assert day_ends.find(uid=uid) is None

    def test_what_was_said_is_not_read_for_it(self, uid: str, stores: Stores) -> None:
        said = [a_segment(f"{derived_id(str(number))} " * 4, number, number + 1) for number in range(3000)]
        first, brief, long = _say(uid, "c1"), _say(uid, "c2"), _say(uid, "c3", transcript_segments=said)
        reads = []
        for event in (first, brief, long):
            before = stores.firestore.usage.reads
            assert note_completed(event) == "noted"
            reads.append(stores.firestore.usage.reads - before)
        assert reads[2] == reads[1]
        assert conversations.get(uid=uid, conversation_id="c3").transcript_chunks > 1

    @pytest.mark.parametrize(("minutes", "times"), [(29.9, 0), (30.1, 1)])
    def test_a_long_one_is_told_once_however_often_it_is_processed(self, uid: str, minutes: float, times: int) -> None:
        event = _say(uid, minutes=minutes)
        note_completed(event)
        note_completed(event.model_copy(update={"run": 2}))
        told = _told(uid, "important_conversation")
        assert [each.data for each in told] == [
            {"conversation_id": "c1", "navigate_to": "/conversation/c1?share=1"}
        ] * times


class TestCalling:
    """The timer: who is due, and nobody else."""

    def test_only_days_that_have_ended_are_called_and_each_once(
        self, uid: str, tasks_of: Callable[[str], list[SummarizeDay]]
    ) -> None:
        note_completed(_say(uid))
        call_evenings()
        assert tasks_of(uid) == []
        due = _evening_comes(uid)
        for _ in range(2):
            call_evenings()
        assert set(map(str, tasks_of(uid))) == {str(due)}
        end = day_ends.find(uid=uid)
        assert end is not None
        assert end.at == due.evening < end.look_at

    def test_two_rounds_at_once_make_one_task(self, uid: str, stores: Stores) -> None:
        note_completed(_say(uid))
        _evening_comes(uid)
        known = len(stores.waiting_tasks())
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: call_evenings(), range(2)))
        assert len(stores.waiting_tasks()) <= known + 1

    def test_many_users_are_found_without_looking_at_the_others(
        self, uid: str, monkeypatch: pytest.MonkeyPatch, tasks_of: Callable[[str], list[SummarizeDay]]
    ) -> None:
        while call_evenings():  # of other tests
            continue
        due = [f"{uid}-{number}" for number in range(7)]
        for user in due:
            day_ends.expect(clock.now() - timedelta(seconds=1), now=clock.now(), uid=user)
        users.change(uid=f"{uid}-idle", daily_summary_hour_local=clock.now().hour)
        monkeypatch.setattr(evenings, "MOST_AT_ONCE", 3)
        rounds = [call_evenings() for _ in range(4)]
        assert rounds == [3, 3, 1, 0]
        assert all(len({each.evening for each in tasks_of(user)}) == 1 for user in due)

    def test_what_cannot_be_read_holds_up_nobody(self, uid: str, tasks_of: Callable[[str], list[SummarizeDay]]) -> None:
        past = clock.now() - timedelta(seconds=2)
        day_ends.of(uid=f"{uid}-odd").reference("next").set({"look_at": past, "at": "soon"})
        day_ends.expect(past, now=past - HOUR, uid=uid)
        call_evenings()
        assert len(tasks_of(uid)) == 1

    def test_what_is_wrong_with_one_kind_of_what_is_swept_holds_up_no_evening(
        self, uid: str, monkeypatch: pytest.MonkeyPatch, tasks_of: Callable[[str], list[SummarizeDay]]
    ) -> None:
        def fail() -> int:
            raise ProviderError("an index is being built")

        past = clock.now() - timedelta(seconds=2)
        day_ends.expect(past, now=past - HOUR, uid=uid)
        monkeypatch.setattr(sweeping, "_close_silent", fail)
        with pytest.raises(ProviderError):
            sweeping.sweep()
        assert len(tasks_of(uid)) == 1

    def test_a_day_that_nobody_could_sum_up_is_given_up(self, uid: str) -> None:
        day_ends.expect(clock.now() - 13 * HOUR, now=clock.now() - 14 * HOUR, uid=uid)
        assert call_evenings() == 0
        assert day_ends.find(uid=uid) is None


class TestSummingUp:
    """Once, and told everywhere."""

    def test_the_day_is_kept_and_told(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)
        summarize_day(task)
        [summary] = daily_summaries.list_newest(uid=uid, limit=10, offset=0)
        assert (summary.headline, summary.conversation_ids) == ("Busy", ["c1"])
        [message] = messages.list_newest(Chat(), uid=uid, limit=10)
        assert (message.type, message.text) == (MessageType.DAY_SUMMARY, "🐝 Busy\n\nYou were busy.")
        [told] = _told(uid, "daily_summary")
        assert (told.title, told.body) == ("🐝 Busy", "You were busy.")
        assert told.data == {"navigate_to": f"/daily-summary/{summary.id}"}
        assert day_ends.find(uid=uid) is None
        assert len(model.days) == 1

    def test_without_a_model_the_day_is_said_in_its_own_words(self, uid: str, plain: None) -> None:  # noqa: ARG002 - in its place
        note_completed(_say(uid, minutes=10))
        summarize_day(_evening_comes(uid))
        [summary] = daily_summaries.list_newest(uid=uid, limit=10, offset=0)
        assert summary.headline == "Talk c1"
        assert summary.decisions_made[0].conversation_id == "c1"

    def test_twice_and_at_once_is_once(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)

        def attempt(_: int) -> str:
            try:
                summarize_day(task)
            except LeaseHeldError:
                return "held"
            return "done"

        with ThreadPoolExecutor(3) as pool:
            outcomes = set(pool.map(attempt, range(3)))
        assert outcomes <= {"done", "held"}
        summarize_day(task)
        assert len(model.days) == 1
        assert len(messages.list_newest(Chat(), uid=uid, limit=10)) == 1
        assert len(_told(uid, "daily_summary")) == 1

    def test_a_day_on_which_nothing_was_kept_has_no_summary(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        conversations.delete(uid=uid, conversation_id="c1")
        summarize_day(_evening_comes(uid))
        assert daily_summaries.list_newest(uid=uid, limit=10, offset=0) == []
        assert messages.list_newest(Chat(), uid=uid, limit=10) == []
        assert model.days == []
        assert day_ends.find(uid=uid) is None

    def test_a_model_that_is_away_is_waited_for_but_not_for_ever(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        model.failures = [ProviderError("away")]
        task = _evening_comes(uid)
        with pytest.raises(ProviderError):
            summarize_day(task)
        assert daily_summaries.list_newest(uid=uid, limit=10, offset=0) == []
        end = day_ends.find(uid=uid)
        assert end is not None
        model.failures = [ProviderError("away")]
        late = task.evening - HOUR
        day_ends.of(uid=uid).put(end.model_copy(update={"at": late}))
        summarize_day(SummarizeDay(uid=uid, evening=late))
        [summary] = daily_summaries.list_newest(uid=uid, limit=10, offset=0)
        assert summary.headline == "Talk c1"

    def test_whoever_changed_their_mind_is_told_nothing(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)
        users.change(uid=uid, daily_summary_enabled=False)
        summarize_day(task)
        assert model.days == []
        assert day_ends.find(uid=uid) is None

    def test_whoever_leaves_is_told_nothing(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)
        DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
        summarize_day(task)
        assert model.days == []
        assert messages.list_newest(Chat(), uid=uid, limit=10) == []

    @pytest.mark.parametrize(("ended", "days"), [(timedelta(minutes=5), 1), (timedelta(minutes=-5), 2)])
    def test_what_was_merged_since_is_told_of_again_only_if_it_goes_on(
        self, uid: str, model: Model, ended: timedelta, days: int
    ) -> None:
        note_completed(_say(uid, ended=timedelta(minutes=5)))
        summarize_day(_evening_comes(uid))
        merged: dict[str, Any] = {"capture": {"kind": "merged"}, "external_data": {"merged_from": ["c0", "c1"]}}
        _say(uid, "m", ended=ended, **merged)
        conversations.delete(uid=uid, conversation_id="c1")
        inherit(["c0", "c1"], uid=uid, by="m")
        tomorrow = clock.now() + 24 * HOUR
        day_ends.expect(tomorrow, now=clock.now(), uid=uid)
        summarize_day(SummarizeDay(uid=uid, evening=tomorrow))
        assert len(model.days) == days
        assert all(each.conversation_ids == ["m"] for each in daily_summaries.list_newest(uid=uid, limit=5, offset=0))

    def test_what_was_said_after_the_evening_is_of_the_next_day(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)
        note_completed(_say(uid, "c2", status="processing"))
        summarize_day(task)
        end = day_ends.find(uid=uid)
        assert end is not None, "the next day is waited for"
        assert end.at > clock.now()
        conversations.change(
            uid=uid,
            conversation_id="c2",
            decide=lambda current: current.model_copy(update={"status": a_conversation(status="completed").status}),
        )
        summarize_day(SummarizeDay(uid=uid, evening=end.at))
        while len(model.days) == 1:  # that was still the same day, by its date
            later = day_ends.find(uid=uid)
            assert later is not None
            assert later.at > end.at
            summarize_day(SummarizeDay(uid=uid, evening=later.at))
        assert [episode.conversation_id for episode in model.days[-1].episodes] == ["c2"]

    @pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(hours=3)], ids=["handed over", "a fast clock"])
    def test_what_is_said_to_end_yet_is_of_this_day_and_of_no_other(
        self, uid: str, model: Model, ahead: timedelta
    ) -> None:
        note_completed(_say(uid, ended=-ahead))
        today = _evening_comes(uid)
        summarize_day(today)
        [told] = daily_summaries.list_newest(uid=uid, limit=9, offset=0)
        assert told.conversation_ids == ["c1"]
        note_completed(_say(uid, "c2"))
        end = day_ends.find(uid=uid)
        assert end is not None
        tomorrow = today.evening + 24 * HOUR
        day_ends.of(uid=uid).put(end.model_copy(update={"at": tomorrow}))
        summarize_day(SummarizeDay(uid=uid, evening=tomorrow))
        assert [episode.conversation_id for episode in model.days[-1].episodes] == ["c2"]

    def test_who_flies_west_loses_nothing_of_the_longer_day(self, uid: str, model: Model) -> None:
        now = clock.now()
        last = {"id": "before", "date": "before", "created_at": now - timedelta(hours=48), "conversation_ids": ["c0"]}
        daily_summaries.of(uid=uid).put(DailySummary.model_validate(last))
        note_completed(_say(uid, "c1", ended=timedelta(hours=45)))
        note_completed(_say(uid, "c2"))
        summarize_day(_evening_comes(uid))
        assert [episode.conversation_id for episode in model.days[-1].episodes] == ["c1", "c2"]

    def test_a_second_end_of_the_same_day_is_put_off_to_the_next(self, uid: str, model: Model) -> None:
        users.change(uid=uid, daily_summary_hour_local=23)
        first, second, third = (datetime(2026, 5, day, hour, tzinfo=UTC) for day, hour in ((4, 21), (4, 23), (5, 23)))
        _say(uid)
        for evening, following in ((first, None), (second, third)):
            day_ends.expect(evening, now=evening - HOUR, uid=uid)
            summarize_day(SummarizeDay(uid=uid, evening=evening))
            end = day_ends.find(uid=uid)
            assert (end.at if end else None) == following
        assert len(model.days) == 1


class TestMoving:
    """Another hour, another zone, or none."""

    def test_the_end_of_the_day_moves_with_the_hour_and_the_zone(self, uid: str) -> None:
        note_completed(_say(uid))
        for zone, hour in (("Pacific/Kiritimati", 20), ("Pacific/Midway", 20)):
            users.change(uid=uid, time_zone=zone, daily_summary_hour_local=hour)
            move_evening(uid=uid)
            end = day_ends.find(uid=uid)
            assert end is not None
            assert end.at.astimezone(UTC).hour == {"Pacific/Kiritimati": 6, "Pacific/Midway": 7}[zone]
            assert clock.now() < end.at == end.look_at <= clock.now() + 24 * HOUR

    def test_a_day_that_has_ended_stays_ended(self, uid: str) -> None:
        note_completed(_say(uid))
        task = _evening_comes(uid)
        users.change(uid=uid, time_zone="Pacific/Kiritimati")
        move_evening(uid=uid)
        end = day_ends.find(uid=uid)
        assert end is not None
        assert end.at == task.evening

    def test_without_anything_to_sum_up_there_is_nothing_to_move(self, uid: str) -> None:
        move_evening(uid=uid)
        assert day_ends.find(uid=uid) is None


def test_a_task_says_no_more_than_who_and_when() -> None:
    task = SummarizeDay(uid="u", evening=datetime(2026, 5, 4, 20, tzinfo=UTC))
    assert json.loads(task.model_dump_json()) == {"uid": "u", "evening": "2026-05-04T20:00:00Z"}


class TestForgetting:
    """Deleting deletes: the day says nothing of it any more, nor do the chat and what is kept of notifications."""

    def _day(self, uid: str, *conversation_ids: str) -> str:
        for conversation_id in conversation_ids:
            _say(uid, conversation_id, structured={"title": f"Title {conversation_id}", "overview": "Secret."})
        day_ends.expect(clock.now() + HOUR, now=clock.now(), uid=uid)
        summarize_day(_evening_comes(uid))
        [summary] = daily_summaries.list_newest(uid=uid, limit=10, offset=0)
        return summary.id

    @pytest.mark.usefixtures("plain")
    def test_a_day_is_told_without_it(self, uid: str) -> None:
        day = self._day(uid, "morning", "evening")
        conversations.delete(uid=uid, conversation_id="morning")
        purge_conversation(uid=uid, conversation_id="morning")
        summary = daily_summaries.of(uid=uid).get(day)
        [message] = messages.list_newest(Chat(), uid=uid, limit=10)
        for told in (summary.model_dump_json(), message.model_dump_json()):
            assert "evening" in told
            assert "morning" not in told
        assert summary.stats.total_conversations == 1
        assert _told(uid, "daily_summary") == []

    @pytest.mark.usefixtures("model")
    def test_a_day_that_was_nothing_else_goes(self, uid: str) -> None:
        self._day(uid, "c1")
        conversations.delete(uid=uid, conversation_id="c1")
        for _ in range(2):
            purge_conversation(uid=uid, conversation_id="c1")
        assert daily_summaries.list_newest(uid=uid, limit=10, offset=0) == []
        assert messages.list_newest(Chat(), uid=uid, limit=10) == []

    @pytest.mark.usefixtures("model")
    def test_where_the_chat_was_cleared_nothing_comes_back(self, uid: str) -> None:
        self._day(uid, "c1", "c2")
        messages.delete_all(Chat(), uid=uid)
        conversations.delete(uid=uid, conversation_id="c1")
        purge_conversation(uid=uid, conversation_id="c1")
        assert messages.list_newest(Chat(), uid=uid, limit=10) == []

    def test_what_is_deleted_while_the_day_is_summed_up_is_not_told(self, uid: str, model: Model) -> None:
        note_completed(_say(uid))
        model.meanwhile = lambda: conversations.delete(uid=uid, conversation_id="c1")
        summarize_day(_evening_comes(uid))
        assert daily_summaries.list_newest(uid=uid, limit=10, offset=0) == []
        assert messages.list_newest(Chat(), uid=uid, limit=10) == []
        assert _told(uid, "daily_summary") == []

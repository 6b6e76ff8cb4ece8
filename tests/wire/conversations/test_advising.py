"""The mentor: only for those who want it, on time, and as often as they want it."""

from datetime import timedelta
from typing import Any

import pytest

from common.chat import advising
from common.chat.advising import OFTEN, advise
from common.core import clock
from common.core.errors import ProviderError, RetryableError
from common.database import conversations, messages, notifications, shared_notes, users
from common.database.account_deletions import DELETIONS
from common.database.messages import Chat
from common.llm.advising import Occasion
from common.models.account_deletion import AccountDeletion
from common.models.events import ConversationCompleted
from tests.support.making import a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")


class Adviser:
    """A mentor that says what it is told to."""

    def __init__(self) -> None:
        self.advice = "Call her back."
        self.asked: list[tuple[Occasion, int]] = []
        self.fails = False

    def advise(self, occasion: Occasion, *, at_least: int) -> str:
        """The same each time."""
        self.asked.append((occasion, at_least))
        if self.fails:
            raise ProviderError("away")
        return self.advice


@pytest.fixture
def adviser(monkeypatch: pytest.MonkeyPatch) -> Adviser:
    made = Adviser()
    monkeypatch.setattr(advising, "mentor", lambda: made)
    return made


def _ended(
    uid: str, conversation_id: str = "c1", *, ago: timedelta = timedelta(), **fields: Any
) -> ConversationCompleted:
    ended = clock.now() - ago
    known: dict[str, Any] = {
        "id": conversation_id,
        "status": "completed",
        "started_at": ended - timedelta(minutes=5),
        "finished_at": ended,
        "transcript_segments": [a_segment("See you on Friday.", 0, 2)],
        "structured": {"title": "Friday", "overview": "They meet."},
    }
    conversations.create(a_conversation(**{**known, **fields}), uid=uid)
    return ConversationCompleted(uid=uid, conversation_id=conversation_id, run=1)


def _said(uid: str) -> list[str]:
    return [message.text for message in messages.list_newest(Chat(), uid=uid, limit=50)]


def test_it_is_said_in_the_chat_and_on_the_devices(uid: str, adviser: Adviser) -> None:
    users.change(uid=uid, mentor_notification_frequency=3)
    assert advise(_ended(uid)) == "advised"
    assert _said(uid) == ["Call her back."]
    [told] = notifications.of(uid=uid).stream(notifications.of(uid=uid).collection.limit(5))
    assert (told.kind, told.title, told.body) == ("mentor", "Friday", "Call her back.")
    [(occasion, at_least)] = adviser.asked
    assert at_least == OFTEN[3][0]
    assert (occasion.overview, occasion.dialogue.turns[0].text) == ("Friday. They meet.", "See you on Friday.")


def test_whoever_has_not_asked_for_it_costs_nothing(uid: str, adviser: Adviser) -> None:
    assert advise(_ended(uid)) == "not wanted"
    assert adviser.asked == []


def test_without_a_language_model_there_is_no_advice(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "mentor", lambda: None)
    users.change(uid=uid, mentor_notification_frequency=5)
    assert advise(_ended(uid)) == "not wanted"


@pytest.mark.parametrize(
    "fields", [{"discarded": True}, {"is_locked": True}, {"ago": timedelta(hours=1)}, {"status": "failed"}]
)
def test_what_is_over_or_not_to_be_seen_is_left_alone(uid: str, adviser: Adviser, fields: dict[str, Any]) -> None:
    users.change(uid=uid, mentor_notification_frequency=5)
    assert advise(_ended(uid, **fields)) == "not timely"
    assert adviser.asked == []


def test_five_minutes_lie_between_two_and_a_day_has_its_number(uid: str, adviser: Adviser) -> None:
    users.change(uid=uid, mentor_notification_frequency=2)
    outcomes = []
    for number in range(4):
        outcomes.append(advise(_ended(uid, f"c{number}")))
        if number:
            shared_notes.forget(f"advice_gap:{uid}")
    assert outcomes == ["advised", "too often", "advised", "too often"]
    assert len(_said(uid)) == 2
    assert len(adviser.asked) == 2


def test_the_same_conversation_is_advised_on_once(uid: str, adviser: Adviser) -> None:
    users.change(uid=uid, mentor_notification_frequency=5)
    event = _ended(uid)
    advise(event)
    shared_notes.forget(f"advice_gap:{uid}")
    adviser.advice = "Something else."
    advise(event.model_copy(update={"run": 2}))
    assert _said(uid) == ["Call her back."]


def test_nothing_to_say_and_a_model_that_is_away_use_up_no_turn(uid: str, adviser: Adviser) -> None:
    users.change(uid=uid, mentor_notification_frequency=1)
    event = _ended(uid)
    adviser.advice = ""
    assert advise(event) == "nothing to say"
    adviser.fails = True
    with pytest.raises(ProviderError):
        advise(event)
    adviser.fails, adviser.advice = False, "Now."
    assert advise(event) == "advised"


def test_advice_that_could_not_be_stored_is_given_when_it_is_tried_again_and_counts_once(
    uid: str, adviser: Adviser, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.change(uid=uid, mentor_notification_frequency=1)
    event = _ended(uid)

    def broken(*_: Any, **__: Any) -> None:
        raise RetryableError("away")

    with monkeypatch.context() as patched:
        patched.setattr(advising, "notify", broken)
        with pytest.raises(RetryableError):
            advise(event)
    assert advise(_ended(uid, "c2")) == "too often"
    assert advise(event) == "advised"
    assert _said(uid) == [adviser.advice]
    assert len(notifications.of(uid=uid).stream(notifications.of(uid=uid).collection.limit(5))) == 1
    shared_notes.forget(f"advice_gap:{uid}")
    assert shared_notes.read(f"advice_day:{uid}") == "1"


def test_whoever_leaves_is_left_alone(uid: str, adviser: Adviser) -> None:
    users.change(uid=uid, mentor_notification_frequency=5)
    event = _ended(uid)
    DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
    assert advise(event) == "not timely"
    assert adviser.asked == []

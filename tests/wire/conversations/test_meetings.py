"""What a computer records when a meeting of its user's calendar begins is that meeting."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.conversations.context import occasion_of
from common.conversations.structure import structure_conversation
from common.database import conversations, meetings, segment_batches
from common.models.conversation import Conversation
from common.models.meeting import Meeting
from tests.support.making import NOON, a_batch, a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores", "first_words")

WORDS = "we discussed the quarterly budget and the hiring plan"


def _meet(uid: str, meeting_id: str, begins: datetime, *, title: str = "Planning") -> None:
    meeting = {
        "id": meeting_id,
        "calendar_event_id": meeting_id,
        "calendar_source": "macos_calendar",
        "title": title,
        "participants": [{"name": "Ada"}],
        "start_time": begins,
        "end_time": begins + timedelta(hours=1),
    }
    meetings.of(uid=uid).put(Meeting.model_validate(meeting))


def _record(uid: str, **fields: Any) -> Conversation:
    """Have a recording understood; as it is then."""
    known = {"status": "processing", "run": 1, "source": "desktop", "started_at": NOON, **fields}
    conversations.create(a_conversation(**known), uid=uid)
    segment_batches.put(a_batch(0, 10, a_segment(WORDS, 1, 5)), uid=uid, conversation_id="c1")
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    return conversations.get(uid=uid, conversation_id="c1")


@pytest.mark.parametrize("seconds", [-120, 0, 119])
def test_the_meeting_that_begins_when_it_does_is_its_occasion(uid: str, seconds: float) -> None:
    _meet(uid, "m1", NOON + timedelta(seconds=seconds))
    occasion = occasion_of(_record(uid))
    assert occasion is not None
    assert (occasion.title, occasion.participants) == ("Planning", ("Ada",))
    assert occasion.begins == NOON + timedelta(seconds=seconds)


def test_of_several_it_is_the_nearest(uid: str) -> None:
    _meet(uid, "a", NOON - timedelta(seconds=90), title="Before")
    _meet(uid, "b", NOON + timedelta(seconds=30), title="Now")
    occasion = occasion_of(_record(uid))
    assert occasion is not None
    assert occasion.title == "Now"


@pytest.mark.parametrize("seconds", [-121, 121])
def test_one_that_begins_at_another_time_is_another(uid: str, seconds: float) -> None:
    _meet(uid, "m1", NOON + timedelta(seconds=seconds))
    assert occasion_of(_record(uid)) is None


@pytest.mark.parametrize("source", ["omi", "phone"])
def test_what_a_wearable_records_is_no_meeting_by_its_time_alone(uid: str, source: str) -> None:
    _meet(uid, "m1", NOON)
    assert occasion_of(_record(uid, source=source)) is None


def test_nobody_elses_meeting_is_it(uid: str) -> None:
    _meet(f"{uid}-2", "m1", NOON)
    assert occasion_of(_record(uid)) is None


def test_what_its_client_has_said_stays(uid: str) -> None:
    _meet(uid, "m1", NOON)
    told = {"calendar_meeting_context": {"title": "As told", "participants": []}, "other": 1}
    recorded = _record(uid, external_data=told)
    occasion = occasion_of(recorded)
    assert occasion is not None
    assert occasion.title == "As told"
    assert (recorded.external_data or {})["other"] == 1

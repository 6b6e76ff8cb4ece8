"""A captured conversation took place where the app said that the user is."""

from typing import Any

import pytest

from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import conversations, segment_batches, users
from common.models.attachments import Geolocation
from common.users.places import KEPT_S, remember_place
from tests.support.making import a_batch, a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores", "first_words")

HERE = Geolocation(latitude=52.5, longitude=13.4, address="Berlin")
ELSEWHERE = Geolocation(latitude=1, longitude=2)


def _processed(uid: str, **fields: Any) -> Geolocation | None:
    began = clock.now()
    conversations.create(
        a_conversation(**{"status": "processing", "run": 1, "created_at": began, "started_at": began, **fields}),
        uid=uid,
    )
    batch = a_batch(0, 10, a_segment("we discussed the quarterly budget and the hiring plan", 1, 5))
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    return conversations.get(uid=uid, conversation_id="c1").geolocation


def test_the_last_place_is_where_it_took_place(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid) == HERE


def test_a_place_of_long_ago_says_nothing(uid: str) -> None:
    remember_place(HERE, uid=uid)
    long_ago = clock.now() - clock.duration(KEPT_S + 60)
    users.reference(uid=uid).update({"last_geolocation.captured_at": long_ago})
    assert _processed(uid) is None


def test_a_conversation_that_has_a_place_keeps_it(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid, geolocation=ELSEWHERE) == ELSEWHERE


def test_a_recording_that_was_uploaded_may_be_from_anywhere(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid, capture={"kind": "upload"}) is None

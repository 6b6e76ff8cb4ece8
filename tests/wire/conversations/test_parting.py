"""Stored audio goes some time after it is understood, and not before; until then nothing is done to it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.conversations.parting import end_due_audio
from common.conversations.structure import structure_conversation
from common.core import clock
from common.core.settings import settings
from common.database import audio_blocks, audio_ends, audio_traces, conversations, segment_batches, users
from common.database.audio_ends import AudioEnd
from common.database.clients import storage_client
from common.models.conversation import ConversationStatus
from common.speech.blocks import encode_block
from tests.support.making import a_batch, a_block, a_conversation, a_segment
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores", "first_words")

WORDS = "we discussed the quarterly budget and the hiring plan"


def _put(uid: str, *blocks: Any) -> None:
    for block in blocks:
        audio_blocks.put(block, encode_block([bytes(3200)]), uid=uid, conversation_id="c1")


def _completed(uid: str, *, blocks: int = 2, **fields: Any) -> None:
    conversations.create(a_conversation(status="processing", run=1, **fields), uid=uid)
    heard = a_batch(0, 5 * blocks, a_segment(WORDS, 1, 4))
    segment_batches.put(heard, uid=uid, conversation_id="c1")
    _put(uid, *(a_block(5 * number, 5 * number + 5) for number in range(blocks)))
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"


def _end(uid: str) -> AudioEnd | None:
    return audio_ends.of(uid=uid).find("c1")


def _due(uid: str) -> int:
    """The time has come; whose audio has gone."""
    audio_ends.expect(clock.now() - timedelta(seconds=1), uid=uid, conversation_id="c1")
    return end_due_audio()


def _blocks(uid: str) -> list[float]:
    return [block.start for block in audio_blocks.list_blocks(uid=uid, conversation_id="c1")]


def test_to_have_the_audio_go_is_one_write_however_much_there_is(uid: str, stores: Stores) -> None:
    _completed(uid, blocks=3)
    before = stores.operations.totals()["storage.class_a"]
    conversations.change(
        uid=uid,
        conversation_id="c1",
        decide=lambda current: current.model_copy(update={"status": ConversationStatus.PROCESSING, "run": 2}),
    )
    assert structure_conversation(uid=uid, conversation_id="c1", run=2) == "completed"
    assert stores.operations.totals()["storage.class_a"] - before == 2, "looked at before and after, and not touched"
    end = _end(uid)
    assert end is not None
    expected = clock.now() + clock.duration(settings().understood_audio_s)
    assert abs(end.look_at - expected) < timedelta(seconds=60)


def test_it_stays_until_its_time_has_come_and_goes_then(uid: str, stores: Stores) -> None:
    _completed(uid)
    end_due_audio()
    assert _blocks(uid) == [0.0, 5.0]
    before = stores.operations.totals()["storage.class_a"]
    assert _due(uid) == 1
    assert stores.operations.totals()["storage.class_a"] - before == 1, "one listing; to delete costs nothing"
    assert _blocks(uid) == []
    assert _end(uid) is None
    assert end_due_audio() == 0


def test_what_its_frames_are_told_by_stays_for_one_more_write(uid: str, stores: Stores) -> None:
    _completed(uid, blocks=3)
    marked = [replace(a_block(5 * number, 5 * number + 5), marks="AAAQAAAA") for number in range(3)]
    _put(uid, *marked[:2])
    before = stores.operations.totals()["storage.class_a"]
    assert _due(uid) == 1
    assert stores.operations.totals()["storage.class_a"] - before == 2, "one listing, and what is kept"
    assert _blocks(uid) == []
    _put(uid, marked[2])
    assert _due(uid) == 1
    assert audio_traces.find(uid=uid, conversation_id="c1") == marked
    assert [each.marks for each in audio_traces.find(uid=uid, conversation_id="c1")] == ["AAAQAAAA"] * 3


def test_what_is_not_understood_stays_and_is_understood_first(uid: str) -> None:
    _completed(uid)
    _put(uid, a_block(10, 15))  # came late, and whoever brought it was killed
    assert _due(uid) == 0
    assert _blocks(uid) == [0.0, 5.0, 10.0]
    again = conversations.get(uid=uid, conversation_id="c1")
    assert (again.status, again.run) == (ConversationStatus.PROCESSING, 2)
    end = _end(uid)
    assert end is not None
    assert end.look_at > clock.now(), "and it is looked at again"


@pytest.mark.parametrize("status", ["in_progress", "processing", "failed", "merging"])
def test_of_one_that_is_not_completed_nothing_goes(uid: str, status: str) -> None:
    _completed(uid)
    conversations.reference(uid=uid, conversation_id="c1").update({"status": status})
    assert _due(uid) == 0
    assert _blocks(uid) == [0.0, 5.0]
    end = _end(uid)
    assert end is not None
    assert end.look_at > clock.now()


def test_what_was_given_up_stays_to_be_heard_again(uid: str) -> None:
    conversations.create(a_conversation(status="processing", run=1), uid=uid)
    for batch in (a_batch(0, 5, a_segment(WORDS, 1, 4)), a_batch(5, 10, given_up="noise")):
        segment_batches.put(batch, uid=uid, conversation_id="c1")
    _put(uid, a_block(0, 5), a_block(5, 10))
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    assert _end(uid) is None
    assert _due(uid) == 0
    assert _blocks(uid) == [0.0, 5.0]


def test_who_has_decided_to_keep_recordings_meanwhile_keeps_them(uid: str) -> None:
    _completed(uid)
    users.change(uid=uid, store_recording_permission=True)
    assert _due(uid) == 0
    blobs = list(storage_client().list_blobs(settings().audio_bucket, prefix=f"{uid}/c1/"))
    assert [blob.storage_class for blob in blobs] == ["NEARLINE"] * 2
    assert _end(uid) is None


def test_of_one_that_is_gone_nothing_is_left_to_look_at(uid: str) -> None:
    assert _due(uid) == 0
    assert _end(uid) is None


def test_without_audio_nothing_is_expected(uid: str) -> None:
    _completed(uid, blocks=0)
    assert _end(uid) is None


def test_one_that_goes_wrong_holds_up_nobody_and_is_looked_at_later(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _completed(uid)
    find = conversations.find

    def find_but(*, uid: str, conversation_id: str) -> Any:
        if conversation_id == "broken":
            raise OSError("unreadable")
        return find(uid=uid, conversation_id=conversation_id)

    monkeypatch.setattr(conversations, "find", find_but)
    audio_ends.expect(clock.now() - timedelta(hours=1), uid=uid, conversation_id="broken")
    assert _due(uid) == 1
    assert _blocks(uid) == []
    broken = audio_ends.of(uid=uid).get("broken")
    assert broken.look_at > clock.now()


def test_what_is_expected_anew_while_it_is_looked_at_is_not_forgotten(uid: str) -> None:
    known, later = (AudioEnd(id="c1", look_at=clock.now() + timedelta(hours=hours)) for hours in (0, 24))
    audio_ends.of(uid=uid).put(later)
    audio_ends.forget(known, uid=uid)
    assert _end(uid) == later
    audio_ends.forget(later, uid=uid)
    audio_ends.forget(later, uid=uid)
    assert _end(uid) is None

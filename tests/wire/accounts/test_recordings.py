"""Recordings are deleted at the user's wish, but not before they are understood."""

import pytest

from common.accounts.recordings import delete_recordings
from common.database import audio_blocks, conversations, users
from tests.support.making import a_block, a_conversation, at

pytestmark = pytest.mark.usefixtures("stores")


def _recorded(uid: str, conversation_id: str, **fields: object) -> None:
    audio = {"uid": uid, "conversation_id": conversation_id, "started_at": at(0), "duration": 5.0}
    conversations.create(a_conversation(id=conversation_id, audio_files=[audio], **fields), uid=uid)
    audio_blocks.put(a_block(0, 5), b"audio", uid=uid, conversation_id=conversation_id)


def _blocks(uid: str, conversation_id: str) -> int:
    return len(audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id))


def test_what_is_understood_is_deleted_and_what_is_not_stays(uid: str) -> None:
    users.change(uid=uid, store_recording_permission=True)
    _recorded(uid, "done", status="completed")
    _recorded(uid, "live", status="in_progress")
    _recorded(uid, "failed", status="failed", failure={"step": "s", "reason": "r"})
    _recorded(f"{uid}-2", "done", status="completed")
    delete_recordings(uid=uid)
    assert (_blocks(uid, "done"), _blocks(uid, "live"), _blocks(uid, "failed")) == (0, 1, 1)
    assert _blocks(f"{uid}-2", "done") == 1
    assert conversations.get(uid=uid, conversation_id="done").audio_files == []
    assert len(conversations.get(uid=uid, conversation_id="live").audio_files) == 1
    assert not users.find(uid=uid).store_recording_permission


def test_nothing_to_delete_is_fine_twice(uid: str) -> None:
    delete_recordings(uid=uid)
    delete_recordings(uid=uid)

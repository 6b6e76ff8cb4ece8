"""A user's choice to have everything sealed, or nothing, reaches all that they have said, step by step."""

import json
from datetime import timedelta
from typing import Any

import pytest

from common.core import clock
from common.core.errors import BadRequestError
from common.core.settings import settings
from common.database import (
    conversations,
    keys,
    memories,
    messages,
    photos,
    resealing,
    segment_batches,
    users,
    wrapping,
)
from common.database.clients import firestore_client
from common.database.resealing import STATE, states
from common.database.sealing import versions
from common.models.attachments import ConversationPhoto
from common.models.chat import Message, MessageSender
from common.models.data_key import ENHANCED, STANDARD
from common.models.events import ProtectUser
from common.models.memory import Memory
from common.users import protection
from common.users.protection import (
    choose_protection,
    keep_protection,
    protect_user,
    resume_protections,
    rotate_key,
)
from tests.support.everything import documents_below
from tests.support.making import NOON, a_batch, a_conversation, a_segment
from tests.support.stores import Stores
from tests.support.waiting import eventually

SAID = "xylophone"


@pytest.fixture(autouse=True)
def _quickly(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other instances remember they forget at once, and pages are small."""
    del stores
    monkeypatch.setattr(keys, "LEVEL_KEPT_S", 0.0)
    monkeypatch.setattr("common.users.protection.PAGE", 4)
    monkeypatch.setattr(resealing, "PAGE", 4)


def _say(uid: str, *, conversation: str = "c1") -> None:
    structured = {
        "title": f"The {SAID}",
        "events": [{"title": SAID, "start": NOON}],
        "action_items": [{"description": SAID, "due_at": NOON}],
    }
    made = a_conversation(id=conversation, structured=structured, transcript_segments=[a_segment(SAID, 0, 1, id="s")])
    conversations.create(made, uid=uid)
    segment_batches.put(a_batch(0, 5, a_segment(SAID, 0, 1, id="b")), uid=uid, conversation_id=conversation)
    picture = ConversationPhoto(id="p", description=SAID, created_at=NOON)
    photos.add(picture, uid=uid, conversation_id=conversation)
    memory = Memory.model_validate({"id": f"m-{conversation}", "uid": uid, "content": SAID, "created_at": NOON})
    memories.of(uid=uid).create(memory)
    memories.change(uid=uid, memory_id=memory.id, decide=lambda now: now.but(content=f"two {SAID}s"))
    message = Message(id=f"t-{conversation}", text=SAID, created_at=NOON, sender=MessageSender.HUMAN)
    messages.add(message, uid=uid)


def _work(uid: str, *, most: int = 200) -> None:
    """What the task does, and those that follow it."""
    for _ in range(most):
        state = states(uid=uid).get(STATE)
        if state.finished_at is not None:
            return
        protect_user(ProtectUser(uid=uid, started_at=state.started_at))
    pytest.fail("it never ends")


def _forms(uid: str) -> set[int | None]:
    """In which forms words stand in the store."""
    below = documents_below(users.reference(uid=uid))
    return {form for path, fields in below.items() if path.count("/") > 1 for form in versions(fields, path)}


def _everything(uid: str) -> dict[str, Any]:
    return {
        path: fields
        for path, fields in documents_below(users.reference(uid=uid)).items()
        if path.count("/") > 1 and "/data_keys/" not in path and "/protection/" not in path
    }


def test_everything_is_sealed_and_back_again_it_is_as_it_was(uid: str) -> None:
    for number in range(3):
        _say(uid, conversation=f"c{number}")
    before = _everything(uid)
    assert _forms(uid) == {None}
    choose_protection(ENHANCED, uid=uid)
    _work(uid)
    assert _forms(uid) == {1}
    assert SAID not in json.dumps(_everything(uid), default=str)
    assert conversations.get(uid=uid, conversation_id="c1").structured.title == f"The {SAID}"
    choose_protection(STANDARD, uid=uid)
    _work(uid)
    after = _everything(uid)
    for fields in after.values():
        assert fields.pop("data_protection_level", STANDARD) == STANDARD
    for fields in before.values():
        fields.pop("data_protection_level", None)
    assert after == before


def test_what_is_said_meanwhile_has_the_new_form_and_can_be_read(uid: str) -> None:
    _say(uid)
    choose_protection(ENHANCED, uid=uid)
    _say(uid, conversation="c2")
    assert _forms(uid) == {None, 1}
    found = conversations.list_newest(uid=uid, limit=5)
    assert {each.structured.title for each in found} == {f"The {SAID}"}
    conversations.change(uid=uid, conversation_id="c1", decide=lambda now: now.model_copy(update={"user_title": SAID}))
    _work(uid)
    assert _forms(uid) == {1}
    assert conversations.get(uid=uid, conversation_id="c1").user_title == SAID


def test_another_choice_ends_the_going_through_for_the_first(uid: str) -> None:
    _say(uid)
    first = choose_protection(ENHANCED, uid=uid)
    choose_protection(STANDARD, uid=uid)
    steps = states(uid=uid).get(STATE).steps
    protect_user(ProtectUser(uid=uid, started_at=first.started_at))
    assert states(uid=uid).get(STATE).steps == steps
    _work(uid)
    assert _forms(uid) == {None}


def test_where_nobody_goes_on_the_sweep_has_somebody_do_it_once_in_a_while(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say(uid)
    choose_protection(ENHANCED, uid=uid)

    def asked_for() -> int:
        return sum(uid.encode() in each.content for each in stores.tasks.received)

    resume_protections(limit=50)  # it has only just begun
    now = clock.now
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now() + timedelta(minutes=16))
        for _ in range(2):
            resume_protections(limit=50)
    eventually(lambda: asked_for() >= 2, within_s=10, what="somebody goes on", every_s=0.02)
    assert asked_for() == 2
    _work(uid)
    assert states(uid=uid).get(STATE).look_at is None


def test_a_worker_that_was_given_up_does_not_undo_what_another_has_done_since(uid: str) -> None:
    _say(uid)
    choose_protection(ENHANCED, uid=uid)
    early = states(uid=uid).get(STATE)
    _work(uid)
    late = protection._noted(early.model_copy(update={"steps": 1}), uid=uid)
    assert late.finished_at is None
    assert states(uid=uid).get(STATE).finished_at is not None


def test_the_same_task_twice_does_no_harm(uid: str) -> None:
    _say(uid)
    state = choose_protection(ENHANCED, uid=uid)
    for _ in range(2):
        protect_user(ProtectUser(uid=uid, started_at=state.started_at))
    _work(uid)
    assert _forms(uid) == {1}


def test_with_a_new_key_everything_is_sealed_anew(uid: str) -> None:
    choose_protection(ENHANCED, uid=uid)
    _say(uid)
    rotate_key(uid=uid)
    _say(uid, conversation="c2")
    assert _forms(uid) == {1, 2}
    _work(uid)
    assert _forms(uid) == {2}
    assert len(conversations.list_titled(f"The {SAID}", uid=uid)) == 2


def test_what_cannot_be_read_is_left_and_counted(uid: str) -> None:
    choose_protection(ENHANCED, uid=uid)
    _say(uid)
    broken = memories.of(uid=uid).reference("m-c1")
    broken.update({"content": b"\x9eES1" + b"\0" * 40})
    _say(uid, conversation="c2")
    choose_protection(STANDARD, uid=uid)
    _work(uid)
    assert states(uid=uid).get(STATE).unreadable
    assert _forms(uid) == {None, 0}


def test_an_account_that_is_gone_is_left_alone(uid: str) -> None:
    state = choose_protection(ENHANCED, uid=uid)
    firestore_client().recursive_delete(users.reference(uid=uid))
    protect_user(ProtectUser(uid=uid, started_at=state.started_at))
    assert documents_below(users.reference(uid=uid)) == {f"users/{uid}": {}}


def test_without_a_key_nobody_can_choose_it(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_KEY_SECRET")
    settings.cache_clear()
    wrapping._wrappers.cache_clear()
    with pytest.raises(BadRequestError):
        choose_protection(ENHANCED, uid=uid)
    assert users.find(uid=uid).data_protection_level == STANDARD
    monkeypatch.undo()
    settings.cache_clear()


def test_a_choice_that_was_cut_short_is_carried_out_when_it_is_made_again(uid: str) -> None:
    _say(uid)
    users.change(uid=uid, data_protection_level=ENHANCED)
    keep_protection(ENHANCED, uid=uid)
    begun = states(uid=uid).get(STATE)
    _work(uid)
    assert _forms(uid) == {1}
    keep_protection(ENHANCED, uid=uid)
    assert states(uid=uid).get(STATE).started_at == begun.started_at

"""What a user said is sealed at rest where they want that, opens nowhere else, and reads as if it were not."""

import json
import random
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import grpc
import pytest

from common.accounts.export import export_account
from common.core import clock
from common.core.errors import ProviderRefusedError, RetryableError
from common.core.settings import settings
from common.database import (
    account,
    action_items,
    alternative_transcripts,
    chat_sessions,
    citations,
    claims,
    conversations,
    daily_summaries,
    folders,
    goals,
    keys,
    meetings,
    memories,
    merges,
    messages,
    notifications,
    photos,
    segment_batches,
    stuck_conversations,
    users,
    wrapping,
)
from common.database.claims import Claim, Settled
from common.database.clients import firestore_client
from common.database.messages import Chat
from common.database.sealing import is_sealed
from common.models.action_item import ActionItem
from common.models.attachments import ConversationPhoto
from common.models.chat import ChatSession, Message, MessageSender
from common.models.conversation import ConversationStatus
from common.models.daily_summary import DailySummary
from common.models.data_key import ENHANCED, STANDARD
from common.models.folder import Folder
from common.models.goal import Goal
from common.models.meeting import Meeting
from common.models.memory import Memory
from common.models.notification import Notification
from tests.support.everything import documents_below
from tests.support.kms_server import KEY, KmsServer, serving
from tests.support.making import NOON, a_batch, a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")
SAID = "Xylophone"
"""What nobody but its owner may read."""


@pytest.fixture
def sealed(uid: str) -> str:
    """A user who wants their words sealed."""
    users.change(uid=uid, data_protection_level=ENHANCED)
    return uid


def _clear() -> None:
    for cached in (settings, wrapping._wrappers, wrapping.kms_client):
        cached.cache_clear()
    keys.forget()


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[KmsServer]:
    """KMS wraps the keys."""
    with serving() as running:
        monkeypatch.setenv("KMS_KEY", KEY)
        monkeypatch.setenv("KMS_ENDPOINT", running.address)
        _clear()
        yield running
        wrapping.kms_client().transport.close()  # type: ignore[no-untyped-call]
    monkeypatch.undo()
    _clear()


def _raw(uid: str) -> dict[str, dict[str, Any]]:
    return documents_below(users.reference(uid=uid))


def _readable(value: Any) -> Iterator[str]:
    """Every text in what is stored, whatever it is packed in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
        with suppress(zlib.error):
            yield zlib.decompress(value).decode(errors="replace")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _readable(item)
    elif isinstance(value, list):
        for item in value:
            yield from _readable(item)


def _places(uid: str) -> list[str]:
    """Where the word can be read."""
    return [path for path, fields in _raw(uid).items() if any(SAID in text for text in _readable(fields))]


def _conversation(**fields: Any) -> Any:
    structured = {
        "title": f"{SAID} lesson",
        "overview": SAID,
        "action_items": [{"description": f"Buy a {SAID}", "due_at": NOON}],
        "events": [{"title": SAID, "start": NOON}],
        "category": "music",
    }
    known = {
        "structured": structured,
        "transcript_segments": [a_segment(f"my {SAID}", 0, 1, id="first")],
        "apps_results": [{"app_id": "a", "content": SAID}],
        "external_data": {"text": SAID, "at": NOON},
        "user_overview": SAID,
        "user_action_items": {"d": SAID},
        "speaker_label_suggestions": [{"speaker_id": 1, "person_name": SAID}],
        "relevance": {"verdict": "keep", "decided_by": "model", "reason": SAID},
        "calendar_event": {"event_id": "e", "title": SAID, "start_time": NOON, "end_time": NOON},
    }
    return a_conversation(**(known | fields))


def _noise(seed: int) -> str:
    """A text that hardly gets smaller when it is packed."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, no secret
    return "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(100))


def _memory(uid: str, **fields: Any) -> Memory:
    known = {"id": "m1", "uid": uid, "content": f"Plays the {SAID}", "created_at": NOON, "tags": [SAID]}
    return Memory.model_validate(known | fields)


def _say_everything(uid: str) -> None:
    """Have every collection that holds words hold the word."""
    conversations.create(_conversation(), uid=uid)
    long = [a_segment(f"{SAID} {_noise(number)}", number, number + 1) for number in range(300)]
    conversations.create(_conversation(id="long", transcript_segments=long), uid=uid)
    conversations.change(uid=uid, conversation_id="c1", decide=lambda now: now.model_copy(update={"user_title": SAID}))
    merges.change_all(["c1"], uid=uid, decide=lambda now: now.model_copy(update={"user_overview": f"{SAID}!"}))
    segment_batches.put(a_batch(0, 5, a_segment(SAID, 0, 1, id="b")), uid=uid, conversation_id="c1")
    segment_batches.change_segments(
        a_batch(0, 5).id,
        uid=uid,
        conversation_id="c1",
        change=lambda segment: segment.model_copy(update={"text": f"{SAID} twice"}),
    )
    alternative_transcripts.of(uid=uid, conversation_id="c1", recogniser="deepgram").put(a_segment(SAID, 0, 1))
    photos.add(ConversationPhoto(id="p", description=SAID, base64=SAID, created_at=NOON), uid=uid, conversation_id="c1")
    memories.of(uid=uid).create(_memory(uid))
    memories.change(uid=uid, memory_id="m1", decide=lambda now: now.but(content=f"Sold the {SAID}"))
    item = ActionItem(id="i1", uid=uid, description=f"Tune the {SAID}", created_at=NOON, updated_at=NOON)
    action_items.of(uid=uid).create(item)
    action_items.update_many({"i1": {"description": f"Sell the {SAID}"}}, uid=uid)
    chat_sessions.of(uid=uid).create(ChatSession(id="s1", title=SAID, created_at=NOON, updated_at=NOON))
    message = Message(id="t1", text=SAID, created_at=NOON, sender=MessageSender.HUMAN, chat_session_id="s1")
    messages.add(message, uid=uid)
    goals.ensure(Goal(id="g1", title=SAID, created_at=NOON, updated_at=NOON), uid=uid, day=NOON.date())
    meeting = Meeting(id="e1", calendar_event_id="e", calendar_source="c", start_time=NOON, end_time=NOON)
    meetings.of(uid=uid).put(meeting.model_copy(update={"title": SAID, "notes": SAID}))
    daily_summaries.of(uid=uid).create(DailySummary(id="d1", headline=SAID, highlights=[{"topic": SAID}]))
    notifications.of(uid=uid).create(Notification(id="n1", kind="k", title=SAID, body=SAID, created_at=NOON))
    folders.add(lambda _: Folder(id="f1", name=SAID), uid=uid)
    claim = claims.acquire(uid=uid, step="step", subject="x", run=0, lease_seconds=60)
    assert isinstance(claim, Claim)
    claims.finish(claim, result=SAID)


def test_nothing_that_was_said_can_be_read_in_the_store_and_everything_by_its_owner(sealed: str) -> None:
    _say_everything(sealed)
    assert _places(sealed) == []
    found = conversations.get(uid=sealed, conversation_id="c1")
    wanted = _conversation().to_firestore() | {"user_title": SAID, "user_overview": f"{SAID}!"}
    differing = {name for name, value in found.to_firestore().items() if value != wanted[name]}
    assert differing <= {"updated_at", "transcript_segments_compressed", "data_protection_level", "speaker_ids"}
    assert found.data_protection_level == ENHANCED
    assert found.external_data == {"text": SAID, "at": NOON}
    long = conversations.get(uid=sealed, conversation_id="long")
    assert long.transcript_chunks
    assert len(long.transcript_segments) == 300
    [batch] = segment_batches.list_batches(uid=sealed, conversation_id="c1")
    assert [segment.text for segment in batch.segments] == [f"{SAID} twice"]
    [other] = alternative_transcripts.list_all(uid=sealed, conversation_id="c1")["deepgram"]
    [picture] = photos.list_photos(uid=sealed, conversation_id="c1")
    assert other.text == picture.description == picture.base64 == SAID
    [memory] = memories.list_best(uid=sealed, limit=5)
    [former] = memories.list_former(uid=sealed, limit=5)
    assert (memory.content, former.content) == (f"Sold the {SAID}", f"Plays the {SAID}")
    assert action_items.of(uid=sealed).get("i1").description == f"Sell the {SAID}"
    assert chat_sessions.of(uid=sealed).get("s1").preview == SAID
    assert [each.text for each in messages.list_newest(Chat(session_id="s1"), uid=sealed, limit=5)] == [SAID]
    assert goals.of(uid=sealed).get("g1").title == SAID
    assert meetings.of(uid=sealed).get("e1").notes == SAID
    assert daily_summaries.of(uid=sealed).get("d1").highlights[0].topic == SAID
    assert notifications.of(uid=sealed).get("n1").body == SAID
    assert [folder.name for folder in folders.list_all(uid=sealed)] == [SAID]
    settled = claims.acquire(uid=sealed, step="step", subject="x", run=0, lease_seconds=60)
    assert isinstance(settled, Settled)
    assert settled.result == SAID


def test_nobody_elses_words_are_sealed(uid: str) -> None:
    _say_everything(uid)
    assert len(_places(uid)) > 15
    assert not any(is_sealed(value) for fields in _raw(uid).values() for value in fields.values())
    assert not list(firestore_client().collection("users", uid, keys.COLLECTION).stream())


def test_lists_titles_and_citations_are_found_as_ever(sealed: str) -> None:
    users.change(uid=sealed, data_protection_level=STANDARD)
    conversations.create(_conversation(id="before"), uid=sealed)
    users.change(uid=sealed, data_protection_level=ENHANCED)
    conversations.create(_conversation(id="after"), uid=sealed)
    keys.rotate(uid=sealed)
    conversations.create(_conversation(id="later"), uid=sealed)
    named = {each.id for each in conversations.list_titled(f"{SAID} lesson", uid=sealed)}
    assert named == {"before", "after", "later"}
    assert len(conversations.list_newest(uid=sealed, limit=5, categories=["music"])) == 3
    assert {each.structured.title for each in citations.find(named, uid=sealed).values()} == {f"{SAID} lesson"}


def test_the_export_is_readable_and_holds_no_key(sealed: str) -> None:
    _say_everything(sealed)
    exported = json.loads("".join(export_account(uid=sealed)))
    assert keys.COLLECTION not in exported["collections"]
    assert {each["content"] for each in exported["collections"]["memories"]} == {
        f"Sold the {SAID}",
        f"Plays the {SAID}",
    }
    long = next(each for each in exported["collections"]["conversations"] if each["path"] == "long")
    assert len(long["transcript_segments"]) == 300
    assert "\\u009eES1" not in json.dumps(exported)


@pytest.mark.parametrize("change", ["document", "field", "bit", "user"])
def test_what_is_sealed_opens_nowhere_else_and_not_changed(sealed: str, change: str) -> None:
    memories.of(uid=sealed).create(_memory(sealed))
    place = memories.of(uid=sealed).reference("m1")
    fields = place.get().to_dict() or {}
    if change == "document":
        place = memories.of(uid=sealed).reference("m2")
        place.set(fields)
    elif change == "field":
        place.update({"tags": fields["content"]})
    elif change == "user":
        other = f"{sealed}-2"
        users.change(uid=other, data_protection_level=ENHANCED)
        memories.of(uid=other).create(_memory(other))
        place = memories.of(uid=other).reference("m1")
        place.update({"content": fields["content"]})
    else:
        place.update({"content": fields["content"][:-1] + bytes([fields["content"][-1] ^ 1])})
    assert memories.of(uid=place.parent.parent.id).find(place.id) is None


def test_one_conversation_that_cannot_be_opened_hides_no_other(sealed: str) -> None:
    for name in ("good", "bad"):
        conversations.create(_conversation(id=name), uid=sealed)
    place = conversations.reference(uid=sealed, conversation_id="bad")
    place.update({"user_overview": b"\x9eES1" + b"\0" * 40})
    assert [each.id for each in conversations.list_newest(uid=sealed, limit=5)] == ["good"]
    assert [each.id for each in conversations.find_many(uid=sealed, conversation_ids=["bad", "good"])] == ["good"]
    with pytest.raises(ProviderRefusedError):
        conversations.get(uid=sealed, conversation_id="bad")


def test_while_kms_is_down_nothing_is_stored_or_lost(sealed: str, kms: KmsServer) -> None:
    kms.down = grpc.StatusCode.PERMISSION_DENIED
    conversations.create(a_conversation(id="without words"), uid=sealed)
    before = _raw(sealed)
    for store in (
        lambda: conversations.create(_conversation(), uid=sealed),
        lambda: memories.of(uid=sealed).create(_memory(sealed)),
        lambda: segment_batches.put(a_batch(0, 5, a_segment(SAID, 0, 1)), uid=sealed, conversation_id="c1"),
    ):
        with pytest.raises(RetryableError) as failed:
            store()
        assert failed.value.retryable
    assert _raw(sealed) == before
    kms.down = None
    conversations.create(_conversation(), uid=sealed)
    kms.down = grpc.StatusCode.PERMISSION_DENIED
    assert conversations.get(uid=sealed, conversation_id="c1").structured.overview == SAID  # its key is in memory
    keys.forget(uid=sealed)
    for read in (conversations.get, conversations.find):
        with pytest.raises(RetryableError):
            read(uid=sealed, conversation_id="c1")
    kms.down = None
    assert conversations.get(uid=sealed, conversation_id="c1").structured.overview == SAID
    assert _places(sealed) == []


def test_while_kms_is_down_what_waits_and_is_not_sealed_is_found(sealed: str, kms: KmsServer) -> None:
    for name in ("c1", "c2", "c3"):
        conversations.create(a_conversation(id=name, structured={"title": SAID}), uid=sealed)
    conversations.create(a_conversation(id="open"), uid=f"{sealed}-other")
    keys.forget(uid=sealed)
    kms.asked.clear()
    kms.down = grpc.StatusCode.PERMISSION_DENIED

    def waiting() -> list[str]:
        since = clock.now() + clock.duration(60)
        found = stuck_conversations.list_unchanged_since(since, status=ConversationStatus.IN_PROGRESS, limit=1000)
        return sorted(each.id for uid, each in found if uid.startswith(sealed))

    assert waiting() == ["open"]
    assert kms.asked == ["decrypt"]
    kms.down = None
    assert waiting() == ["c1", "c2", "c3", "open"]


def test_kms_is_asked_once_for_many_documents(sealed: str, kms: KmsServer) -> None:
    for number in range(20):
        memories.of(uid=sealed).create(_memory(sealed, id=f"m{number}"))
    keys.forget(uid=sealed)
    assert len(memories.list_best(uid=sealed, limit=50)) == 20
    assert kms.asked == ["encrypt", "decrypt"]


def test_keys_move_from_a_secret_to_kms(sealed: str, kms: KmsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KMS_KEY")
    _clear()
    memories.of(uid=sealed).create(_memory(sealed))
    monkeypatch.setenv("KMS_KEY", KEY)
    _clear()
    assert keys.rewrap(uid=sealed) == 1
    assert keys.rewrap(uid=sealed) == 0
    monkeypatch.delenv("DATA_KEY_SECRET")
    _clear()
    assert memories.of(uid=sealed).get("m1").content == f"Plays the {SAID}"
    assert kms.asked == ["encrypt", "decrypt"]


def test_without_any_key_nothing_of_who_wants_it_sealed_is_stored(sealed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_KEY_SECRET")
    _clear()
    with pytest.raises(ProviderRefusedError):
        memories.of(uid=sealed).create(_memory(sealed))
    assert list(_raw(sealed)) == [f"users/{sealed}"]
    monkeypatch.undo()
    _clear()


def test_two_who_make_the_first_key_at_once_have_the_same(sealed: str) -> None:
    first = keys.current(uid=sealed)
    keys._current.drop(sealed)
    keys._versions.drop(sealed)
    assert keys._make(1, uid=sealed) == first


def test_with_the_account_its_keys_are_gone(sealed: str) -> None:
    memories.of(uid=sealed).create(_memory(sealed))
    kept = memories.of(uid=sealed).reference("m1").get().to_dict() or {}
    for part in account.parts():
        part.erase(sealed, clock.Deadline.real(30))
    account.forget_notes(uid=sealed)
    assert not list(firestore_client().collection("users", sealed, keys.COLLECTION).stream())
    memories.of(uid=sealed).reference("m1").set(kept)  # as a backup would bring it back
    assert memories.of(uid=sealed).find("m1") is None


def test_who_comes_back_after_deleting_the_account_has_another_key_everywhere(sealed: str) -> None:
    gone = keys.current(uid=sealed)
    remembered = keys.of_version(1, uid=sealed)  # by an instance that hears of no deletion
    for part in account.parts():
        part.erase(sealed, clock.Deadline.real(30))
    keys.forget(uid=sealed)
    users.change(uid=sealed, data_protection_level=ENHANCED)
    fresh = keys.current(uid=sealed)
    keys.forget(uid=sealed)
    keys._versions.keep((sealed, 1), remembered)
    assert keys.current(uid=sealed) == fresh != gone


def test_a_sealed_conversation_stays_as_small_as_an_event_may_be(sealed: str) -> None:
    segments = [a_segment(_noise(number), number, number + 1) for number in range(200)]
    conversations.create(_conversation(transcript_segments=segments), uid=sealed)
    stored = conversations.reference(uid=sealed, conversation_id="c1").get().to_dict() or {}
    assert 0 < len(stored["transcript_segments"]) <= 64 * 1024 + 64
    assert sum(len(value) if isinstance(value, bytes) else len(str(value)) for value in stored.values()) < 200_000

"""Structuring a conversation over real stores: once per run, whatever happens in between."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.conversations.draining import await_last_words
from common.conversations.edit import rename_conversation
from common.conversations.live.leaving import leave_conversation
from common.conversations.live.take import Take
from common.conversations.reprocess import reprocess_conversation
from common.conversations.structure import fail_conversation, structure_conversation
from common.core import clock
from common.core.errors import ConflictError, NotFoundError, ProviderError
from common.core.settings import settings
from common.database import (
    audio_blocks,
    audio_ends,
    conversations,
    heard_voices,
    people,
    segment_batches,
    topics,
    users,
)
from common.database.clients import storage_client
from common.database.heard_voices import HeardVoice
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import ConversationCompleted, TranscribeSpan
from common.models.voiceprint import Voiceprint
from common.speech.blocks import encode_block
from local.environment import PROJECT
from tests.support.making import a_batch, a_block, a_conversation, a_segment, at
from tests.support.providers import FirstWordsStructurer
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores", "first_words")

WORDS = "we discussed the quarterly budget and the hiring plan"


class Published:
    """What was said on the topic."""

    def __init__(self, subscriber: Any, subscription: str) -> None:
        self._subscriber = subscriber
        self._subscription = subscription

    def event_ids(self) -> list[str]:
        request = {"subscription": self._subscription, "max_messages": 100, "return_immediately": True}
        with pytest.warns(DeprecationWarning, match="return_immediately"):
            messages = self._subscriber.pull(request=request, timeout=10).received_messages
        if messages:
            self._subscriber.acknowledge(
                request={"subscription": self._subscription, "ack_ids": [message.ack_id for message in messages]}
            )
        return [message.message.attributes["event_id"] for message in messages]


@pytest.fixture
def published(uid: str) -> Iterator[Published]:
    subscriber: Any = SubscriberClient()
    with subscriber:
        name = f"projects/{PROJECT}/subscriptions/{uid}"
        topic = f"projects/{PROJECT}/topics/conversation-completed"
        subscriber.create_subscription(request={"name": name, "topic": topic})
        yield Published(subscriber, name)
        subscriber.delete_subscription(request={"subscription": name})


def _given(uid: str, *, batches: tuple[Any, ...] = (), blocks: tuple[Any, ...] = (), **fields: Any) -> None:
    conversations.create(a_conversation(**{"status": "processing", "run": 1, **fields}), uid=uid)
    for batch in batches:
        segment_batches.put(batch, uid=uid, conversation_id="c1")
    for block in blocks:
        audio_blocks.put(block, encode_block([bytes(3200)]), uid=uid, conversation_id="c1")


def _run(uid: str, run: int = 1) -> str:
    return structure_conversation(uid=uid, conversation_id="c1", run=run)


def _now(uid: str) -> Conversation:
    return conversations.get(uid=uid, conversation_id="c1")


HEARD = a_batch(0, 10, a_segment(WORDS, 1, 5))


def test_without_holes_it_is_completed_announced_and_tidied(uid: str, published: Published) -> None:
    _given(uid, batches=(HEARD,), blocks=(a_block(0, 10),))
    assert _run(uid) == "completed"
    done = _now(uid)
    assert (done.status, done.structured.title) == (ConversationStatus.COMPLETED, "we discussed the")
    assert [segment.text for segment in done.transcript_segments] == [WORDS]
    assert done.relevance is not None
    assert (done.relevance.verdict, done.discarded) == ("keep", False)
    assert published.event_ids() == ["conversation-completed:c1:1"]
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []
    assert len(audio_blocks.list_blocks(uid=uid, conversation_id="c1")) == 1, "for as long as it is expected to stay"
    assert audio_ends.of(uid=uid).get("c1").look_at > clock.now()


@pytest.mark.parametrize("where", ["private_cloud_sync_enabled", "store_recording_permission", "conversation"])
def test_who_keeps_recordings_keeps_them(uid: str, where: str) -> None:
    if where == "conversation":  # switched off since, but this one was begun before
        _given(uid, batches=(HEARD,), blocks=(a_block(0, 10),), private_cloud_sync_enabled=True)
    else:
        users.change(uid=uid, **{where: True})
        _given(uid, batches=(HEARD,), blocks=(a_block(0, 10),))
    assert _run(uid) == "completed"
    [block] = audio_blocks.list_blocks(uid=uid, conversation_id="c1")
    blob = storage_client().bucket("earshot-audio").get_blob(block.name)
    assert blob.storage_class == "NEARLINE", "no lifecycle rule is about this"
    assert audio_ends.of(uid=uid).find("c1") is None


def test_a_completed_one_names_what_of_it_can_be_played(uid: str) -> None:
    blocks = [a_block(start, end, covered=((start, end),)) for start, end in ((0, 5), (5, 9), (200, 201))]
    _given(uid, batches=(a_batch(0, 5, a_segment(WORDS, 0, 4)),), blocks=tuple(blocks))
    assert _run(uid) == "completed"
    first, second = _now(uid).audio_files
    assert (first.duration, len(first.chunk_timestamps), first.started_at) == (9.0, 1, at(0))
    assert (second.duration, second.started_at) == (1.0, at(200))


def test_it_completes_before_it_announces(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    states = []
    monkeypatch.setattr(topics, "publish", lambda _: states.append(_now(uid).status))
    _given(uid, batches=(HEARD,))
    _run(uid)
    assert states == [ConversationStatus.COMPLETED]


def test_a_redelivery_after_the_result_was_saved_announces_the_same_event_and_asks_no_model(
    uid: str, published: Published, first_words: FirstWordsStructurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _given(uid, batches=(HEARD,), blocks=(a_block(0, 10),))
    with monkeypatch.context() as crashing:
        crashing.setattr(topics, "publish", _crash)
        with pytest.raises(OSError, match="crash"):
            _run(uid)
    assert _now(uid).status is ConversationStatus.COMPLETED
    assert segment_batches.list_batches(uid=uid, conversation_id="c1"), "not tidied before it is announced"
    assert _run(uid) == "completed"
    assert _run(uid) == "completed"
    assert published.event_ids() == ["conversation-completed:c1:1"] * 2
    assert len(first_words.dialogues) == 1
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []


def _crash(_: ConversationCompleted) -> None:
    raise OSError("crash")


def test_holes_are_planned_as_spans_of_five_minutes_and_nothing_is_decided_yet(
    uid: str, published: Published, stores: Stores, first_words: FirstWordsStructurer
) -> None:
    _given(uid, batches=(HEARD,), blocks=(a_block(0, 10), a_block(10, 700)))
    assert _run(uid) == "waiting for spans"
    waiting = _now(uid)
    assert waiting.status is ConversationStatus.PROCESSING
    spans = [TranscribeSpan.from_key(key, uid=uid, conversation_id="c1", run=1) for key in waiting.pending_spans]
    assert [(span.start_ms, span.end_ms) for span in spans] == [
        (10_000, 310_000),
        (310_000, 610_000),
        (610_000, 700_000),
    ]
    assert _run(uid) == "waiting for spans"
    assert _now(uid).pending_spans == waiting.pending_spans
    assert published.event_ids() == []
    assert first_words.dialogues == []
    deadline = clock.monotonic() + 10
    while len(bodies := _bodies(stores, uid)) < 3 and clock.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert sorted(bodies) == sorted(span.model_dump_json() for span in spans), (
        "one task per span, however often planned"
    )


def _bodies(stores: Stores, uid: str) -> list[str]:
    return [request.content.decode() for request in stores.tasks.received if uid.encode() in request.content]


def test_one_without_a_word_is_removed(uid: str, published: Published) -> None:
    _given(uid, batches=(a_batch(0, 10),), blocks=(a_block(0, 10),))
    assert _run(uid) == "empty"
    with pytest.raises(NotFoundError):
        _now(uid)
    assert published.event_ids() == []


def test_one_with_a_photo_is_kept(uid: str) -> None:
    _given(uid, photos=[{"base64": "aGk=", "created_at": "2026-05-04T12:00:00Z"}])
    assert _run(uid) == "completed"


def test_one_whose_audio_was_given_up_is_kept_and_due_for_a_retry(uid: str) -> None:
    _given(uid, batches=(a_batch(0, 10, given_up="noise"),), blocks=(a_block(0, 10),))
    assert _run(uid) == "completed"
    done = _now(uid)
    assert done.failure is not None
    assert done.failure.retry_at is not None
    [left] = segment_batches.list_batches(uid=uid, conversation_id="c1")
    assert left.given_up == "noise"


def test_filler_is_discarded_without_asking_the_model(uid: str, first_words: FirstWordsStructurer) -> None:
    _given(uid, batches=(a_batch(0, 10, a_segment("um yeah", 1, 2)),))
    assert _run(uid) == "completed"
    done = _now(uid)
    assert done.discarded
    assert done.relevance is not None
    assert done.relevance.reason == "filler_only"
    assert [segment.text for segment in done.transcript_segments] == ["um yeah"], "hidden, not lost"
    assert first_words.dialogues == []


@pytest.mark.parametrize(("status", "run"), [("processing", 2), ("completed", 2), ("in_progress", 1), ("failed", 1)])
def test_a_run_that_is_over_writes_and_announces_nothing(uid: str, published: Published, status: str, run: int) -> None:
    _given(uid, batches=(HEARD,), status=status, run=run)
    before = _now(uid)
    assert _run(uid) == "superseded"
    assert _now(uid) == before
    assert published.event_ids() == []


def test_a_run_that_is_overtaken_while_the_model_thinks_writes_nothing(
    uid: str, published: Published, first_words: FirstWordsStructurer
) -> None:
    _given(uid, batches=(HEARD,))

    def overtake() -> None:
        conversations.change(
            uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"run": current.run + 1})
        )

    first_words.before = overtake
    assert _run(uid) == "superseded"
    after = _now(uid)
    assert (after.run, after.status, after.structured.title) == (2, ConversationStatus.PROCESSING, "")
    assert published.event_ids() == []


def test_one_that_is_deleted_while_the_model_thinks_stays_deleted(
    uid: str, published: Published, first_words: FirstWordsStructurer
) -> None:
    _given(uid, batches=(HEARD,))
    first_words.before = lambda: conversations.delete(uid=uid, conversation_id="c1")
    assert _run(uid) == "deleted"
    assert conversations.find(uid=uid, conversation_id="c1") is None
    assert published.event_ids() == []


def test_of_one_that_never_was_there_is_nothing_to_do(uid: str) -> None:
    assert _run(uid) == "deleted"


def test_when_the_model_fails_everything_is_still_there(uid: str, first_words: FirstWordsStructurer) -> None:
    _given(uid, batches=(HEARD,))
    first_words.failures = 1
    with pytest.raises(ProviderError):
        _run(uid)
    assert _now(uid).status is ConversationStatus.PROCESSING
    assert _run(uid) == "completed"


def test_giving_a_run_up_says_why_and_only_for_that_run(uid: str) -> None:
    _given(uid, batches=(HEARD,))
    fail_conversation(uid=uid, conversation_id="c1", run=7, reason="another run")
    assert _now(uid).status is ConversationStatus.PROCESSING
    fail_conversation(uid=uid, conversation_id="c1", run=1, reason="the model is away")
    failed = _now(uid)
    assert failed.status is ConversationStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.step, failed.failure.reason) == ("structure_conversation", "the model is away")


def test_a_users_own_title_survives_every_run(uid: str) -> None:
    _given(uid, batches=(HEARD,))
    _run(uid)
    renamed = rename_conversation(uid=uid, conversation_id="c1", title="Mine")
    assert renamed.structured.title == "Mine"
    assert reprocess_conversation(uid=uid, conversation_id="c1").run == 2
    assert _run(uid, run=2) == "completed"
    done = _now(uid)
    assert (done.structured.title, done.structured.overview) == ("Mine", WORDS)
    assert [segment.text for segment in done.transcript_segments] == [WORDS], "nothing twice"


class TestVoices:
    """A voice that was recognised in the end is named in all that it has said."""

    def _heard(self, uid: str, number: int, **who: Any) -> None:
        heard_voices.of(uid=uid, conversation_id="c1").put(
            HeardVoice(
                id=heard_voices.document_id(number),
                number=number,
                voice=Voiceprint.of([0.1] * 4, model="some"),
                seconds=9.0,
                **who,
            )
        )

    def _named(self, uid: str) -> list[tuple[bool, str | None, str | None]]:
        return [(each.is_user, each.person_id, each.speaker_label_source) for each in _now(uid).transcript_segments]

    def _said(self, uid: str) -> None:
        turns = [
            a_segment(WORDS, 1, 4, speaker="SPEAKER_00", speaker_id=0),
            a_segment(WORDS, 11, 14, speaker="SPEAKER_01", speaker_id=1),
            a_segment(WORDS, 21, 24, speaker="SPEAKER_01", speaker_id=1, speaker_label_source="manual"),
            a_segment(WORDS, 31, 34, speaker="SPEAKER_02", speaker_id=2),
        ]
        _given(uid, batches=(a_batch(0, 40, *turns),))

    def test_who_was_recognised_is_and_what_a_person_has_said_stays(self, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann").id
        self._said(uid)
        self._heard(uid, 0, is_user=True, source="auto")
        self._heard(uid, 1, person_id=ann, source="auto")
        self._heard(uid, 2)
        assert _run(uid) == "completed"
        assert self._named(uid) == [
            (True, None, "auto"),
            (False, ann, "auto"),
            (False, None, "manual"),
            (False, None, None),
        ]

    @pytest.mark.parametrize("source", ["manual", "auto"])
    def test_nothing_is_carried_backwards_and_nobody_is_named_who_is_gone(self, uid: str, source: str) -> None:
        self._said(uid)
        known = people.get_or_create(uid=uid, name="Ann").id if source == "manual" else "long gone"
        self._heard(uid, 1, person_id=known, source=source)
        assert _run(uid) == "completed"
        assert self._named(uid)[1] == (False, None, None)


def test_only_a_finished_one_is_processed_again(uid: str) -> None:
    _given(uid)
    with pytest.raises(ConflictError):
        reprocess_conversation(uid=uid, conversation_id="c1")
    with pytest.raises(NotFoundError):
        reprocess_conversation(uid=uid, conversation_id="never")


def test_words_that_come_after_the_transcript_begin_a_new_run(uid: str, first_words: FirstWordsStructurer) -> None:
    _given(uid, batches=(HEARD,))
    late = a_batch(9, 20, a_segment("and one more thing about the hiring plan", 15, 18, speaker="SPEAKER_01"))
    first_words.before = lambda: segment_batches.put(late, uid=uid, conversation_id="c1")
    assert _run(uid) == "completed"
    again = _now(uid)
    assert (again.status, again.run) == (ConversationStatus.PROCESSING, 2)
    assert _run(uid, run=2) == "completed"
    texts = [segment.text for segment in _now(uid).transcript_segments]
    assert texts == [WORDS, "and one more thing about the hiring plan"]
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []


def test_words_that_are_heard_again_and_more_of_them_while_the_model_thinks_are_not_tidied_away(
    uid: str, first_words: FirstWordsStructurer
) -> None:
    _given(uid, batches=(HEARD,))
    again = a_batch(0, 20, a_segment(WORDS, 1, 5), a_segment("and the office", 15, 18, speaker="SPEAKER_01"))
    first_words.before = lambda: segment_batches.put(again, uid=uid, conversation_id="c1")
    assert _run(uid) == "completed"
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == [again], "in place of what was read"
    assert _run(uid, run=2) == "completed"
    assert [segment.text for segment in _now(uid).transcript_segments] == [WORDS, "and the office"]
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []


def test_each_of_its_words_is_read_once(uid: str, stores: Stores) -> None:
    reads = []
    for conversation_id, count in (("few", 2), ("many", 42)):
        conversations.create(a_conversation(id=conversation_id, status="processing", run=1), uid=uid)
        for number in range(count):
            batch = a_batch(10 * number, 10 * number + 10, a_segment(WORDS, 10 * number + 1, 10 * number + 5))
            segment_batches.put(batch, uid=uid, conversation_id=conversation_id)
        before = stores.firestore.usage.reads
        assert structure_conversation(uid=uid, conversation_id=conversation_id, run=1) == "completed"
        reads.append(stores.firestore.usage.reads - before)
    assert 40 <= reads[1] - reads[0] < 50, "and a little of the conversation before, which tells what this one is about"


class TestConnectionsThatAreNotDone:
    """Words may still be on their way to a conversation that is closed."""

    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("DRAIN_SECONDS", "0.4")
        settings.cache_clear()
        yield
        monkeypatch.undo()
        settings.cache_clear()

    def _given(self, uid: str, *, heard_at: datetime, **fields: Any) -> None:
        heard = a_batch(0, 10, a_segment(WORDS, 1, 5), heard_at=heard_at)
        _given(uid, batches=(heard,), capture={"kind": "live", "sessions": {"s": {"open": True}}}, **fields)

    def test_one_that_still_brings_words_is_waited_for(self, uid: str) -> None:
        self._given(uid, heard_at=clock.now())

        def leave() -> None:
            threading.Event().wait(0.3)
            late = a_batch(10, 20, a_segment("the last words", 15, 18, speaker="SPEAKER_01"))
            segment_batches.put(late, uid=uid, conversation_id="c1")
            conversations.set_session(uid=uid, conversation_id="c1", session_id="s", fields={"open": False})

        leaving = threading.Thread(target=leave)
        leaving.start()
        assert _run(uid) == "completed"
        leaving.join()
        assert [segment.text for segment in _now(uid).transcript_segments] == [WORDS, "the last words"]

    def test_one_that_gives_signs_of_life_for_ever_is_waited_for_a_bounded_time(self, uid: str) -> None:
        self._given(uid, heard_at=clock.now() + timedelta(hours=1))
        began = clock.monotonic()
        assert _run(uid) == "completed"
        assert 6 * 0.4 <= clock.monotonic() - began < 6 * 0.4 + 3

    def test_one_whose_instance_is_gone_is_waited_for_until_that_is_certain(self, uid: str) -> None:
        self._given(uid, heard_at=clock.now())
        began = clock.monotonic()
        assert _run(uid) == "completed"
        assert 2 * 0.4 <= clock.monotonic() - began < 6 * 0.4

    def test_one_that_came_a_moment_ago_and_has_brought_nothing_yet_is_waited_for(self, uid: str) -> None:
        long_ago, just_now = clock.now() - timedelta(hours=1), clock.now()
        new = {"open": True, "opened_at": just_now}
        _given(uid, batches=(HEARD,), capture={"kind": "live", "sessions": {"s": new}}, created_at=long_ago)
        began = clock.monotonic()
        assert _run(uid) == "completed"
        assert clock.monotonic() - began >= 2 * 0.4

    def test_of_its_words_only_the_newest_are_read_while_it_is_waited_for(self, uid: str, stores: Stores) -> None:
        reads = []
        for conversation_id, count in (("few", 2), ("many", 42)):
            open_ = {"kind": "live", "sessions": {"s": {"open": True}}}
            conversations.create(a_conversation(id=conversation_id, run=1, capture=open_), uid=uid)
            for number in range(count):
                heard_at = clock.now() - timedelta(seconds=60 * (count - 1 - number))
                batch = a_batch(10 * number, 10 * number + 10, a_segment(WORDS, 1, 5), heard_at=heard_at)
                segment_batches.put(batch, uid=uid, conversation_id=conversation_id)
            before = stores.firestore.usage.reads
            assert await_last_words(uid=uid, conversation_id=conversation_id, run=1) is not None
            reads.append(stores.firestore.usage.reads - before)
        assert reads[1] - reads[0] < 20, "it is waited for in seconds, so that the rest is not the same each time"

    def test_what_one_brings_after_it_seemed_gone_is_not_lost(self, uid: str) -> None:
        long_ago = clock.now() - timedelta(hours=1)
        old = {"open": True, "opened_at": long_ago}
        _given(uid, capture={"kind": "live", "sessions": {"s": old}}, created_at=long_ago)
        assert _run(uid) == "completed"
        assert _now(uid).discarded, "nothing is in it, but it is there"
        segment_batches.put(HEARD, uid=uid, conversation_id="c1")
        take = Take(conversation_id="c1", session_id="s", begin=0.0, offset=0.0)
        leave_conversation(take, uid=uid, covered=[])
        assert _run(uid, run=2) == "completed"
        assert [segment.text for segment in _now(uid).transcript_segments] == [WORDS]
        assert not _now(uid).discarded

    def test_one_whose_instance_is_long_gone_is_not_waited_for(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DRAIN_SECONDS", "60")
        settings.cache_clear()
        self._given(uid, heard_at=clock.now() - timedelta(minutes=3))
        began = clock.monotonic()
        assert _run(uid) == "completed"
        assert clock.monotonic() - began < 30
